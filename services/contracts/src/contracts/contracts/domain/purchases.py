"""The purchases of an account as its people see them, and what is paid of each (CON-10, PAY-14)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from carnet.events.catalog import CourseDetails, SubscriptionDetails, WorkshopDetails
from contracts.contracts.domain.contracts import Contract, Line
from contracts.contracts.domain.discounts import borne, net_of
from contracts.contracts.domain.packs import KnownPack

PaymentStatus = Literal["paid", "partly_paid", "unpaid"]
Standing = Literal["active", "past", "cancelled"]
Position = tuple[int, int, str]
"""The place of a purchase in the view: its group, its standing, its line."""

_STANDINGS: tuple[Standing, ...] = ("active", "past", "cancelled")


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase in the view of its account.

    ``net`` is the price less the discounts in force, in minor units. A cancelled purchase
    has no payment status.
    """

    contract: Contract
    line: Line
    net: int
    standing: Standing
    payment: PaymentStatus | None
    position: Position
    advance: int = 0
    """What is paid of it in advance and on no invoice, in minor units: a deposit invoice can be made of it (INV-1)."""
    pack: KnownPack | None = None
    """The session pack that it sold, once that exists and while the purchase is live (CRE-10)."""

    @property
    def expires_on(self) -> date | None:
        """Its last day; that of its pack, which may start at the first use."""
        return self.pack.expires_on if self.pack else self.line.purchase.expires_on


def purchases(
    contracts: Iterable[Contract],
    paid: Mapping[str, int],
    members: Sequence[str],
    today: date,
    packs: Mapping[str, KnownPack] = MappingProxyType({}),
) -> list[Bought]:
    """All purchases of an account in order: per member, then for the family, cancellations at the end (CON-10).

    ``paid`` is what is paid of each contract, in minor units; ``members`` the order of the
    members; ``packs`` the session packs by line, of which one with nothing left is past.
    Within a group, those active come before those past, the oldest first.
    Discounts are no purchases: they show in the net price of what they apply to.
    """
    groups = {member: index for index, member in enumerate(members)}
    found = [
        bought
        for contract in contracts
        for bought in _of_contract(contract, paid.get(contract.id, 0), groups, today, packs)
    ]
    return sorted(found, key=lambda bought: bought.position)


def payment_statuses(contract: Contract, paid: int) -> dict[str, PaymentStatus]:
    """The payment status of each live purchase, by line (PAY-14)."""
    parts = paid_parts(contract, paid)
    return {
        line.id: "paid" if parts[line.id] == net else "partly_paid" if parts[line.id] else "unpaid"
        for line, net in _live_nets(contract)
    }


def paid_parts(contract: Contract, paid: int) -> dict[str, int]:
    """What is paid of each live purchase, by line, in minor units (PAY-14).

    ``paid`` covers what invoices bear first, then what deposit invoices bear, then the rest; each the oldest first.
    """
    nets = _live_nets(contract)
    parts = dict.fromkeys((line.id for line, _ in nets), 0)
    claims = (
        [(line, net) for line, net in nets if line.invoice is not None],
        [(line, min(line.on_deposits, net)) for line, net in nets],
        nets,
    )
    for line, claim in (each for of_one_kind in claims for each in of_one_kind):
        covered = min(paid, max(claim - parts[line.id], 0))
        paid -= covered
        parts[line.id] += covered
    return parts


def _live_nets(contract: Contract) -> list[tuple[Line, int]]:
    return [(line, net) for line, net in _nets(contract) if line.live]


def _of_contract(
    contract: Contract, paid: int, groups: Mapping[str, int], today: date, packs: Mapping[str, KnownPack]
) -> Iterator[Bought]:
    statuses, parts = payment_statuses(contract, paid), paid_parts(contract, paid)
    for line, net in _nets(contract):
        partly = statuses.get(line.id) == "partly_paid" and not line.sells_money
        advance = max(parts[line.id] - line.on_deposits, 0) if partly else 0
        pack = packs.get(line.id) if line.live else None
        standing = _standing(line, pack, today)
        family = len(groups)
        group = family + 1 if standing == "cancelled" else groups.get(line.purchase.participant or "", family)
        position = (group, _STANDINGS.index(standing), line.id)
        yield Bought(contract, line, net, standing, statuses.get(line.id), position, advance, pack)


def _nets(contract: Contract) -> Iterator[tuple[Line, int]]:
    """Each purchase with its price less the discounts in force, the oldest first; none entered by mistake (CON-12)."""
    taken = borne(contract.lines)
    bought = (line for line in contract.lines if not line.discount and line.deleted_on is None)
    return ((line, net_of(line, taken)) for line in bought)


def _standing(line: Line, pack: KnownPack | None, today: date) -> Standing:
    if not line.live:
        return "cancelled"
    if pack is not None and pack.left == 0:
        return "past"
    last = pack.expires_on if pack is not None else _last_day(line)
    return "past" if last is not None and last < today else "active"


def _last_day(line: Line) -> date | None:
    """The last day of a purchase: its expiry, or else its last occurrence, or that of a period."""
    details = line.purchase.details
    if line.purchase.expires_on is not None:
        return line.purchase.expires_on
    if isinstance(details, CourseDetails | WorkshopDetails):
        # A purchase of the time before kept all occurrences.
        return line.purchase.last_day or max((occurrence.on for occurrence in details.occurrences), default=None)
    if isinstance(details, SubscriptionDetails):
        return line.purchase.last_day
    return None
