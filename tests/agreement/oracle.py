"""What a contract must come to, reckoned beside the code: its lines, its discounts, its total (CON-1, CON-7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from tests.agreement.school import CARD, DISCOUNTS, PRICES, WORTH

FEE_LINE = "fee"
"""What a line without a product is called in the books."""


@dataclass
class Till:
    """The money that came and went, as the people at the desk know it; minor units."""

    received: int = 0
    """From families, at the desk, deposits without contract among it."""
    taken: int = 0
    """By the bank, of what came at the desk."""
    reversed: dict[str, int] = field(default_factory=dict)
    """By the bank, of each payment that the provider collected, as staff recorded it."""
    besides: set[str] = field(default_factory=set)
    """Those of these payments of which staff said that the bank took it besides what was known."""
    handed_back: int = 0
    """On site."""
    waived: int = 0
    """What nobody gets: the school keeps it."""
    given: int = 0
    """Credits out of nothing, less what staff took off them."""

    def settled(self, how: str, amount: int) -> None:
        """A refund line was settled; what the provider refunds is in its own book."""
        if how == "on_site":
            self.handed_back += amount
        elif how == "waived":
            self.waived += amount

    def reversal(self, payment: str, amount: int, *, collected: bool, besides: bool) -> None:
        """Staff recorded that the bank took a payment back."""
        if not collected:
            self.taken += amount
            return
        self.reversed[payment] = self.reversed.get(payment, 0) + amount
        if besides:
            self.besides.add(payment)

    @property
    def cash(self) -> int:
        """What the school holds of it."""
        return self.received - self.taken - self.handed_back


@dataclass
class LineBook:
    """A line: what it costs, or what it takes off each line that it applies to."""

    name: str
    price: int
    shares: dict[str, int] = field(default_factory=dict)
    live: bool = True
    covered: bool = False
    """Whether a gift voucher covers it: it brings nothing, whatever its price (CRE-9)."""
    scholarship: str = ""
    aid: int = 0
    """What that scholarship covers of it, after discounts (CRE-11)."""
    with_fee: bool = False
    """Whether the change that cancelled it added a fee (CON-8)."""

    @property
    def discount(self) -> bool:
        return self.name in DISCOUNTS

    @property
    def amount(self) -> int:
        if self.covered:
            return 0
        return -sum(self.shares.values()) if self.discount else self.price - self.aid


@dataclass(frozen=True)
class Aiding:
    """A scholarship that is asked to cover an amount, or a rate in basis points, of a line that is added (CRE-11)."""

    scholarship: str
    amount: int | None = None
    rate: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As a request says it."""
        part = {"rate": self.rate} if self.amount is None else {"amount": {"amount": self.amount, "currency": "EUR"}}
        return {"id": self.scholarship, **part}

    def of(self, price: int) -> int:
        """What it covers of a price after discounts: half up, and never above it."""
        asked = self.amount or floor(Fraction(price * (self.rate or 0), 10_000) + Fraction(1, 2))
        return min(asked, price)


@dataclass(frozen=True)
class Planned:
    """A change that was confirmed: what it cancels, the prices that it edits, whether it cancels all.

    ``covers`` says how many of the lines that it adds gift vouchers cover, ``aiding`` by which scholarships the first
    of them are covered in part, ``fee`` what a free line costs that it adds.
    """

    cancel: tuple[str, ...] = ()
    prices: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False
    covers: int = 0
    aiding: tuple[Aiding, ...] = ()
    fee: int = 0


@dataclass
class ContractBook:
    """A contract as the desk has sold it."""

    id: str
    account: str
    mode: str
    lines: dict[str, LineBook] = field(default_factory=dict)
    totals: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Its total and its live lines, by the version that an opening or a change led to."""
    cards: dict[int, int] = field(default_factory=dict)
    """What of each of these totals sells gift cards (CRE-8)."""
    cancelled: bool = False
    changes: int = 0
    pending: dict[str, Planned] = field(default_factory=dict)
    """The changes that wait for credits, by id: at most one."""
    apart: Any = None
    """The subscription that has this contract of its own, if it is one (CON-21)."""
    lowered: set[str] = field(default_factory=set)
    """The lines that sell credits and bring less than they did (CON-11)."""

    @property
    def live(self) -> dict[str, LineBook]:
        return {id_: line for id_, line in self.lines.items() if line.live}

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.live.values())

    def net(self, line_id: str) -> int:
        """The price of a line less what the discounts in force take off it; nothing if a voucher covers it.

        Discounts are weighed as if no scholarship covered anything (CRE-11).
        """
        if self.lines[line_id].covered:
            return 0
        return self.lines[line_id].price - sum(line.shares.get(line_id, 0) for line in self.live.values())

    def make(self, planned: Planned, lines: Iterable[tuple[str, str, bool]], version: int) -> None:
        """Make a change; ``lines`` are all that the contract then has, each with its product and whether covered."""
        brought = {id_: self.net(id_) for id_, line in self.live.items() if line.name in WORTH}
        for line_id in planned.cancel:
            self.lines[line_id].live = False
            self.lines[line_id].with_fee = bool(planned.fee)
        for line_id, price in planned.prices.items():
            self.lines[line_id].price = price
        added = [line for line in lines if line[0] not in self.lines]
        assert sum(covered for *_, covered in added) == planned.covers, ("CRE-9: the lines covered", self.id, added)
        for line_id, name, covered in added:
            if name == FEE_LINE:
                self.lines[line_id] = LineBook(FEE_LINE, planned.fee)
            else:
                self.add(line_id, name, covered=covered)
        self._aid([line_id for line_id, *_ in added], planned.aiding)
        self.lowered |= {id_ for id_, net in brought.items() if self.lines[id_].live and self.net(id_) < net}
        self.cancelled = planned.whole
        self.changes += 1
        self.totals[version] = (self.total, len(self.live))
        self.cards[version] = sum(self.net(id_) for id_, line in self.live.items() if line.name == CARD)

    def _aid(self, added: Sequence[str], aiding: Sequence[Aiding]) -> None:
        """Scholarships come last: what one covers falls with the price, then those of the change apply (CRE-11)."""
        for line_id, line in self.live.items():
            line.aid = min(line.aid, self.net(line_id))
        for line_id, each in zip(added, aiding, strict=False):
            line = self.lines[line_id]
            line.scholarship, line.aid = each.scholarship, each.of(self.net(line_id))
            assert line.aid > 0, ("CRE-11: a scholarship that covers nothing", self.id, line_id)

    def add(self, line_id: str, name: str, *, covered: bool = False) -> None:
        if name in DISCOUNTS:
            self.lines[line_id] = LineBook(name, 0, self._shares(name))
        else:
            self.lines[line_id] = LineBook(name, PRICES[name], covered=covered)

    def _shares(self, name: str) -> dict[str, int]:
        details: dict[str, Any] = DISCOUNTS[name]
        covered = {
            id_: self.net(id_)
            for id_, line in self.live.items()
            if not line.discount
            and not line.covered
            and line.name not in WORTH  # none of the discounts names one
            and ("kinds" not in details or line.name in details["kinds"])
        }
        most = sum(covered.values())
        rated = floor(Fraction(most * details.get("rate", 0), 10_000) + Fraction(1, 2))
        off = details.get("amount", rated)
        return dict(zip(covered, shared(min(off, most), list(covered.values())), strict=True))


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """MON-2, by fractions: each share floored, the missing units to the largest remainders, ties to the earliest."""
    whole = sum(weights)
    exact = [Fraction(amount * weight, whole) if whole else Fraction(amount, len(weights)) for weight in weights]
    shares = [floor(share) for share in exact]
    ranking = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], place))
    for place in ranking[: amount - sum(shares)]:
        shares[place] += 1
    return shares
