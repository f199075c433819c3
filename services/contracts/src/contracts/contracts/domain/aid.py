"""Scholarships on lines: what one may cover a part of, and how much (CRE-11)."""

from carnet.events.catalog import Kind
from carnet.events.contracts import Purchase
from carnet.money import rate_of
from carnet.refusals import conflict, invalid
from contracts.contracts.domain.contracts import Aid, Line
from contracts.contracts.domain.products import Aiding

AIDED: frozenset[Kind] = frozenset(
    {"course", "workshop", "licence", "membership", "item", "online_plan", "session_pack"}
)
"""The kinds that a scholarship may cover a part of: not what is money or a right to give, so that it never becomes
either, nor subscriptions, which are billed period by period."""


def refuse_kind(purchase: Purchase) -> None:
    """Refuse a scholarship for what it does not cover whatever its fund says."""
    if purchase.kind not in AIDED:
        raise invalid(
            "scholarship-not-for-kind",
            f"No scholarship covers a part of “{purchase.name}”, which sells money or a right: leave the scholarship "
            "out.",
            rule="CRE-11",
            product=purchase.product,
        )


def granted(aiding: Aiding, line: Line, discounted: int) -> Aid:
    """What a scholarship covers of an added line whose price after discounts is ``discounted``, in minor units.

    A rate is of that price, rounded half up; an amount is capped at it, as that of a discount is (CON-7).
    """
    asked = rate_of(discounted, aiding.rate) if aiding.rate is not None else aiding.amount or 0
    amount = min(asked, discounted)
    if amount == 0:
        raise conflict(
            "scholarship-covers-nothing",
            f"Nothing of “{line.purchase.name}” is left for a scholarship to cover: leave the scholarship out.",
            rule="CRE-11",
            product=line.purchase.product,
            scholarship=aiding.scholarship,
        )
    return Aid(scholarship=aiding.scholarship, amount=amount)


def reduced(aid: Aid, most: int) -> Aid | None:
    """What is left of it on a line that brings ``most`` without it; None if that is nothing."""
    return aid.model_copy(update={"amount": most}) if most else None
