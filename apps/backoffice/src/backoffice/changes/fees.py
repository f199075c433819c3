"""A fee or an extra without a product (CON-2), at a rate of VAT that the school may charge."""

from collections import Counter
from collections.abc import Iterable, Sequence

from backoffice.apis import Away
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
