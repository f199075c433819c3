"""Formats and tariffs in a form: rows that are added and taken out, each kept as it was typed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backoffice.apis import Json
from backoffice.languages import N_, Language
from backoffice.web import Form

PREFIX = "formats."
MOST = 20
"""Formats of a product, and tariffs of a format."""

LABEL = 80
"""Characters of the name of a format or tariff."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff as it is typed; without an id if it is new."""

    name: str = ""
    price: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A format as it is typed; without an id if it is new."""

    name: str = ""
    tariffs: tuple[Tariff, ...] = (Tariff(),)
    id: str = ""


def first(language: Language) -> list[Format]:
    """What a new product begins with: one format with one tariff."""
    return [Format(language.gettext("Standard"), (Tariff(language.gettext("Full price")),))]


def of(product: Json, language: Language) -> list[Format]:
    """Those of a product."""
    return [
        Format(
            each["name"],
            tuple(Tariff(one["name"], language.typed_money(one["price"]), one["id"]) for one in each["tariffs"]),
            each["id"],
        )
        for each in product["formats"]
    ]


def sent(form: Form) -> list[Format]:
    """Those of a form."""
    return list(_sent(form))


def _sent(form: Form) -> Iterator[Format]:
    for at in range(MOST):
        name = f"{PREFIX}{at}"
        if not form.has(f"{name}.name"):
            return
        tariffs = [
            Tariff(form.value(f"{one}.name"), form.value(f"{one}.price"), form.value(f"{one}.id"))
            for one in (f"{name}.tariffs.{number}" for number in range(MOST))
            if form.has(f"{one}.name")
        ]
        yield Format(form.value(f"{name}.name"), tuple(tariffs), form.value(f"{name}.id"))


def changed(formats: Sequence[Format], wish: str) -> list[Format]:
    """The formats after a button: ``add-format``, ``add-tariff 0``, ``remove-format 0``, ``remove-tariff 0 1``."""
    what, *places = wish.split()
    at = [int(place) for place in places if place.isdecimal()]
    rows = list(formats)
    match what, at:
        case "add-format", [] if len(rows) < MOST:
            rows.append(Format())
        case "add-tariff", [where] if where < len(rows) and len(rows[where].tariffs) < MOST:
            rows[where] = replace(rows[where], tariffs=(*rows[where].tariffs, Tariff()))
        case "remove-format", [where] if where < len(rows):
            del rows[where]
        case "remove-tariff", [where, which] if where < len(rows) and which < len(rows[where].tariffs):
            left = [tariff for number, tariff in enumerate(rows[where].tariffs) if number != which]
            rows[where] = replace(rows[where], tariffs=tuple(left))
    return rows


def fields(formats: Sequence[Format]) -> dict[str, str]:
    """The fields of a form with these rows."""
    found: dict[str, str] = {}
    for at, each in enumerate(formats):
        name = f"{PREFIX}{at}"
        found |= {f"{name}.name": each.name, f"{name}.id": each.id}
        for number, tariff in enumerate(each.tariffs):
            one = f"{name}.tariffs.{number}"
            found |= {f"{one}.name": tariff.name, f"{one}.price": tariff.price, f"{one}.id": tariff.id}
    return found


def read(form: Form, currency: str) -> list[Json]:
    """The formats as the API takes them; what is wrong is kept with the form."""
    return [
        {
            **({"id": each.id} if each.id else {}),
            "name": form.text(f"{PREFIX}{at}.name", most=LABEL),
            "tariffs": [
                {
                    **({"id": tariff.id} if tariff.id else {}),
                    "name": form.text(f"{PREFIX}{at}.tariffs.{number}.name", most=LABEL),
                    "price": _price(form, f"{PREFIX}{at}.tariffs.{number}.price", currency),
                }
                for number, tariff in enumerate(each.tariffs)
            ],
        }
        for at, each in enumerate(sent(form))
    ]


def _price(form: Form, name: str, currency: str) -> Json | None:
    price = form.money(name, currency)
    if price is not None and price["amount"] < 0:
        form.error(name, form.text_of(N_("Write an amount that is not below zero.")))
    return price
