"""The fields of a kind: how each is written in a form, read from it, and shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.apis import Json
from backoffice.languages import Language
from backoffice.web import Form

PREFIX = "details."
"""How the names of their inputs begin: ``details.capacity``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What fields need to be read and shown.

    Attributes:
        language: The language of the person.
        currency: The organisation's.
        names: The names of products by their ids.
    """

    language: Language
    currency: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of ``details``.

    Attributes:
        name: As the API calls it.
        label: As people call it, marked by ``N_``.
        kind: As the macro ``field`` takes it: text, money, percent, date, number, tick, select.
        hint: What people need to know to fill it in, marked by ``N_``.
        least: The smallest of a number.
        most: The largest of a number, the longest of a text.
        choices: The values of a select with their words, marked by ``N_``.
        template: A template instead of the macro, for what one input cannot hold.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: bool = False
    least: int = 1
    most: int = 120
    choices: Mapping[str, str] = field(default_factory=dict)
    template: str = ""

    @property
    def input(self) -> str:
        """The name of its input."""
        return f"{PREFIX}{self.name}"

    def read(self, form: Form, known: Known) -> Json:
        """The part of ``details`` that was typed; what is wrong is kept with the form."""
        return {self.name: self._value(form, known)}

    def _value(self, form: Form, known: Known) -> object:
        name, required = self.input, self.required
        readers: Mapping[str, Callable[[], object]] = {
            "money": lambda: form.money(name, known.currency, required=required),
            "percent": lambda: form.percent(name, required=required),
            "date": lambda: form.day(name, required=required),
            "number": lambda: form.whole(name, least=self.least, most=self.most, required=required),
            "tick": lambda: form.ticked(name),
            "select": lambda: form.choice(name, self.choices, required=required) or None,
        }
        return readers.get(self.kind, lambda: form.text(name, required=required, most=self.most) or None)()

    def typed(self, details: Json, known: Known) -> str:
        """The value of its input for a product that is there."""
        value = details.get(self.name)
        match self.kind:
            case _ if value is None or value is False:
                return ""
            case "money":
                return known.language.typed_money(value)
            case "percent":
                return known.language.typed_percent(value)
            case "tick":
                return "yes"
        return str(value)

    def shown(self, details: Json, known: Known) -> str:
        """Its value in words; empty if it has none."""
        value, language = details.get(self.name), known.language
        if self.kind == "tick":
            return language.gettext("yes") if value else language.gettext("no")
        if value is None:
            return ""
        writers: Mapping[str, Callable[[Any], str]] = {
            "money": language.money,
            "percent": language.percent,
            "date": language.day,
            "number": language.number,
            "select": lambda value: language.gettext(self.choices.get(value, value)),
        }
        return writers.get(self.kind, str)(value)


@dataclass(frozen=True, slots=True)
class Part:
    """What a kind of product has of its own.

    Attributes:
        kind: As the API calls it.
        purpose: What it is for, in one sentence, marked by ``N_``.
        fields: Those of its ``details``.
        place: Its place among the kinds that are offered.
        for_one: Whether a purchase usually names a member (CAT-2); None if it never does.
        formats: Whether it has formats and tariffs.
    """

    kind: str
    purpose: str
    fields: Sequence[Field]
    place: int
    for_one: bool | None = True
    formats: bool = True

    def read(self, form: Form, known: Known) -> Json:
        """The ``details`` that were typed; what is wrong is kept with the form."""
        details: Json = {"kind": self.kind}
        for each in self.fields:
            details |= each.read(form, known)
        return details
