"""What somebody sent with a form: read field by field, with what is wrong beside each field."""

from collections.abc import Collection, Mapping
from datetime import date

from starlette.datastructures import FormData

from backoffice.apis import Json, Problem, ServiceAwayError
from backoffice.languages import Language
from backoffice.problems import away_sentence, sentence
from carnet.codes import LENGTH as CODE_LENGTH
from carnet.codes import read_code
from carnet.ids import new_id

TOKEN, KEY = "_token", "_key"
"""The hidden fields of every form: that it comes from our page, and that it is done once however often it is sent."""

LONGEST = 5_000
LONGEST_CODE = 2 * CODE_LENGTH
MOST_FIELDS = 2_000
"""Fields of a form: a product has at most 20 formats of 20 tariffs."""


class Form:
    """The fields of a form, empty or as they were sent.

    Attributes:
        key: The idempotency key of what it asks for: the same when it is sent twice.
        errors: What is wrong, by the name of the field.
        refusal: Why what it asks for was refused as a whole, and what to do.
    """

    def __init__(self, language: Language, values: Mapping[str, object] | None = None, key: str | None = None) -> None:
        self._language = language
        self._values = values or {}
        self.key = key or new_id()
        self.errors: dict[str, str] = {}
        self.refusal: str | None = None

    @classmethod
    def sent(cls, language: Language, data: FormData) -> "Form":
        """A form that was sent."""
        values: dict[str, object] = {}
        for name in data:
            texts = [value for value in data.getlist(name) if isinstance(value, str)]
            values[name] = texts if len(texts) > 1 else "".join(texts)
        key = values.get(KEY)
        return cls(language, values, key if isinstance(key, str) and 0 < len(key) <= 64 and key.isascii() else None)

    @property
    def is_sent(self) -> bool:
        """Whether somebody sent it: then an empty field or box was left so."""
        return bool(self._values)

    def has(self, name: str) -> bool:
        """Whether a field was on the page that was sent."""
        return name in self._values

    def replaced(self, prefix: str, values: Mapping[str, str]) -> "Form":
        """The form with other fields instead of those whose names begin with ``prefix``, and the same key."""
        others = {name: value for name, value in self._values.items() if not name.startswith(prefix)}
        return Form(self._language, {**others, **values}, self.key)

    @property
    def wrong(self) -> bool:
        """Whether there is anything to correct."""
        return bool(self.errors) or self.refusal is not None

    def value(self, name: str, default: str = "") -> str:
        """The value of a field: what was sent, else ``default``."""
        value = self._values.get(name, default)
        return value[0] if isinstance(value, list) else str(value)

    def values(self, name: str) -> list[str]:
        """Everything that was sent under one name: of boxes that are ticked."""
        value = self._values.get(name, [])
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    def sent_fields(self) -> list[tuple[str, str]]:
        """Every field as it was sent, the token of the page aside: for a form that is sent once more."""
        return [(name, value) for name in self._values if name not in {TOKEN, KEY} for value in self.values(name)]

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.value(name))

    def text(self, name: str, *, required: bool = True, most: int = LONGEST) -> str:
        """A text, without the spaces around it."""
        text = self.value(name).strip()
        if not text and required:
            self.error(name, self._language.gettext("Fill in this field."))
        elif len(text) > most:
            self.error(name, self._language.gettext("Write at most {most} characters.").format(most=most))
        return text

    def choice(self, name: str, choices: Collection[str], *, required: bool = True) -> str:
        """One of some values; empty if nothing is chosen."""
        chosen = self.value(name)
        if chosen in choices or (not chosen and not required):
            return chosen
        self.error(name, self._language.gettext("Choose one of the list."))
        return ""

    def money(self, name: str, currency: str, *, required: bool = True) -> Json | None:
        """An amount as the APIs write it; None if there is none or it can't be read."""
        text = self.text(name, required=required, most=40)
        if not text:
            return None
        try:
            return {"amount": self._language.read_money(text, currency), "currency": currency}
        except ValueError:
            example = self._language.typed_money({"amount": 12_050, "currency": "EUR"})
            self.error(name, self._language.gettext("Write an amount such as {example}.").format(example=example))
            return None

    def percent(self, name: str, *, required: bool = True) -> int | None:
        """A rate in basis points, from 0 to 100 %; None if there is none or it can't be read."""
        text = self.text(name, required=required, most=12)
        if not text:
            return None
        try:
            return self._language.read_percent(text)
        except ValueError:
            example = self._language.typed_percent(550)
            self.error(name, self._language.gettext("Write a rate such as {example}.").format(example=example))
            return None

    def day(self, name: str, *, required: bool = True) -> str | None:
        """A date, ``YYYY-MM-DD``; None if there is none or it can't be read."""
        text = self.text(name, required=required, most=40)
        if not text:
            return None
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self.error(name, self._language.gettext("Choose a date, or write it as 2027-09-01."))
            return None

    def code(self, name: str, *, required: bool = True) -> str:
        """The code of a gift voucher or a gift card, as it was typed; empty if there is none, or it can be none."""
        text = self.text(name, required=required, most=LONGEST_CODE)
        try:
            return text and read_code(text)
        except ValueError:
            wanted = self._language.gettext(
                "This code is mistyped. A code has {count} letters and digits, no 0, O or U: compare them one by one."
            )
            self.error(name, wanted.format(count=CODE_LENGTH))
            return ""

    def whole(self, name: str, *, least: int, most: int, required: bool = True) -> int | None:
        """A whole number between two others; None if there is none or it can't be read."""
        text = self.text(name, required=required, most=12)
        if not text:
            return None
        if text.isdecimal() and least <= int(text) <= most:
            return int(text)
        wanted = self._language.gettext("Write a whole number from {least} to {most}.")
        self.error(name, wanted.format(least=least, most=most))
        return None

    def text_of(self, text: str) -> str:
        """A text in the language of the person."""
        return self._language.gettext(text)

    def error(self, name: str, what: str) -> None:
        """Say what is wrong with a field; the first thing said stays."""
        self.errors.setdefault(name, what)

    def refuse(self, fault: Problem | ServiceAwayError, currency: str, fields: Mapping[str, str] | None = None) -> None:
        """Say why an API did not do what the form asks for.

        Args:
            fault: What it answered.
            currency: The organisation's currency.
            fields: The names of the form's fields by those of the request's body, where they differ:
                ``{"amount.amount": "amount"}``.
        """
        if isinstance(fault, ServiceAwayError):
            # It may have been done: the same key does it once.
            self.refusal = away_sentence(fault, self._language)
            return
        self.key = new_id()
        self.refusal = sentence(fault, self._language, currency)
        for field in fault.fields or [str(fault.params.get("field", ""))]:
            name = (fields or {}).get(field, field)
            if name in self._values:
                self.error(name, self._language.gettext("Check this field."))
