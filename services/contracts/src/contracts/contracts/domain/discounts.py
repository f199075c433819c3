"""Discounts: which lines one applies to, what it takes off, and each line's share (CON-7)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from carnet.events.catalog import DiscountDetails
from carnet.events.contracts import DiscountShare
from carnet.money import rate_of, split
from carnet.refusals import conflict
from contracts.contracts.domain.contracts import Line
from contracts.contracts.domain.products import Product


def borne(lines: Iterable[Line]) -> Mapping[str, int]:
    """What the discounts in force among ``lines`` take off each line, by line id, in minor units."""
    totals: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if line.live:
            for share in line.shares:
                totals[share.line] += share.amount
    return totals


def bearing(line_id: str, lines: Iterable[Line]) -> list[Line]:
    """The discounts in force that apply to the line, even where one takes nothing off it (CON-6)."""
    return [other for other in lines if other.live and any(share.line == line_id for share in other.shares)]


def applies(details: DiscountDetails, line: Line) -> bool:
    """Whether a discount applies to the line; never to another discount (CAT-3), nor to what a voucher covers (CRE-9).

    To what sells money only where it names that product: money is not sold for less by a discount on everything,
    nor by one on a kind (CON-7).
    """
    if line.discount or line.covered or not line.live:
        return False
    if line.purchase.product in details.products:
        return True
    if line.sells_money:
        return False
    everything = not details.kinds and not details.products
    return everything or line.purchase.kind in details.kinds


def nets(lines: Iterable[Line]) -> Mapping[str, int]:
    """What each live purchase brings: its price less discounts and what a scholarship covers, by line id."""
    lines = tuple(lines)
    taken = borne(lines)
    return {line.id: net_of(line, taken) for line in lines if line.live and not line.discount}


def net_of(line: Line, taken: Mapping[str, int]) -> int:
    """What a purchase brings: ``discounted``, less what a scholarship covers (CRE-11)."""
    return discounted(line, taken) - line.aided


def discounted(line: Line, taken: Mapping[str, int]) -> int:
    """The price of a purchase less the discounts on it, ``taken`` off by line; 0 if a voucher covers it (CRE-9).

    Discounts are placed, and weighed, as if no scholarship covered anything: that comes after them (CRE-11).
    """
    return 0 if line.covered else line.purchase.price - taken.get(line.id, 0)


def shares_of(product: Product, details: DiscountDetails, lines: Iterable[Line]) -> tuple[DiscountShare, ...]:
    """The share of each line that a discount placed now applies to, in the order of the lines (CON-7).

    A rate is of the sum of their net prices, rounded half up; an amount is capped at that
    sum. Net is the price less the shares of the discounts in force, and weighs the shares.
    Refused where it takes nothing off.
    """
    lines = tuple(lines)
    taken = borne(lines)
    covered = [line for line in lines if applies(details, line)]
    nets = [discounted(line, taken) for line in covered]
    amount = _amount(details, sum(nets))
    if amount == 0:
        raise conflict(
            "discount-takes-nothing",
            f"“{product.name}” takes nothing off: add a line that it applies to and that has a price left.",
            rule="CON-7",
            product=product.id,
        )
    parts = split(amount, nets)
    return tuple(DiscountShare(line=line.id, amount=part) for line, part in zip(covered, parts, strict=True))


def _amount(details: DiscountDetails, net: int) -> int:
    if details.rate is not None:
        return rate_of(net, details.rate)
    return min(details.amount or 0, net)
