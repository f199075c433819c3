"""A fee or an extra without a product (CON-2), at a rate of VAT that the school may charge; one for a cancellation."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from backoffice.apis import Away, Json
from backoffice.changes.basket import Item, Price
from backoffice.invoices.calls import SETTINGS
from backoffice.languages import N_
from backoffice.web import Visit
from backoffice.web.forms import Form

FRANCHISE = "VATEX-FR-FRANCHISE"
"""The exemption of a school that charges no VAT on anything."""


async def untaxed(visit: Visit) -> bool:
    """Whether the settings of invoices say that the school charges no VAT at all; not if they can't be read."""
    if not visit.may("payments:read"):
        return False
    given = (await visit.api.get(SETTINGS)).get("given") or {}
    return bool((given.get("exemption") or {}).get("code") == FRANCHISE)


def rates(known: Iterable[int], *, untaxed: bool) -> Sequence[int]:
    """The rates that are proposed, in basis points: those of what the school sells, the most frequent one first."""
    return [0] if untaxed else [rate for rate, _ in Counter(known).most_common()]


FIELDS: Mapping[str, str] = {
    "free-name": N_("What"),
    "free-price": N_("Price, VAT included"),
    "free-rate": N_("VAT"),
}
"""The fields of a fee, with their labels."""


def labels(visit: Visit) -> dict[str, str]:
    """The labels of the fields of a fee, to say where something is wrong."""
    return visit.translated(FIELDS)


def proposed(contract: Json, visit: Visit, *, untaxed: bool) -> Sequence[str]:
    """The rates that are proposed for a fee on a contract, as they are typed: those of its lines."""
    known = rates((line["vat_rate"] for line in contract["lines"]), untaxed=untaxed)
    return [visit.language.typed_percent(rate) for rate in known]


def fee_of(form: Form, currency: str, *, untaxed: bool | Away) -> Json | None:
    """The fee that was typed for a cancellation; None if there is none, or something is wrong beside its fields."""
    if not form.value("free-name").strip() and not form.value("free-price").strip():
        return None
    item = free_line(form, currency, untaxed=untaxed)
    return item.body if item is not None else None


def is_carried(form: Form) -> bool:
    """Whether the change that a preview carries has the very fee that is typed beside it."""
    return form.value("fee-seen") == seen(form)


def seen(form: Form) -> str:
    """The fee as it is typed, for the preview that shows it."""
    typed = {name: form.value(name).strip() for name in FIELDS}
    return json.dumps(typed) if typed["free-name"] or typed["free-price"] else ""


def free_line(form: Form, currency: str, *, untaxed: bool | Away) -> Item | None:
    """What was typed; None with what is wrong beside its fields."""
    name = form.text("free-name", most=200)
    price = form.money("free-price", currency)
    rate = form.percent("free-rate")
    if rate and untaxed is True:
        form.error(
            "free-rate", form.text_of(N_("Your school charges no VAT: write 0, or change the settings of invoices."))
        )
    if form.wrong or price is None or rate is None:
        return None
    if price["amount"] <= 0:
        form.error("free-price", form.text_of(N_("Write an amount above zero.")))
        return None
    shown = Price(amount=int(price["amount"]), currency=str(price["currency"]))
    return Item("free", {"name": name, "price": price, "vat_rate": rate}, name, "", shown)
