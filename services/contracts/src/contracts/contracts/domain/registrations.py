"""What the people of an account are registered for on a day: memberships, passes, activities to come (CON-14).

All of it is known here: packs and products are copies that their services publish. So it is one answer, and no other
service has to be asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.catalog import CourseDetails, Occurrence, SessionPackDetails, WorkshopDetails
from carnet.search import folded
from contracts.accounts.domain import Member
from contracts.contracts.domain.contracts import Contract, Line
from contracts.contracts.domain.listed_subscriptions import Status, listed_subscriptions
from contracts.contracts.domain.packs import KnownPack
from contracts.contracts.domain.products import Product

MembershipStatus = Literal[Status, "active"]
"""The status of a subscription or a membership; ``active`` is that of a membership without an end."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership or a subscription that is not over; ``line`` is None of a subscription, whose lines are periods.

    ``participant`` is None of one that is for the whole family.
    """

    contract: Contract
    line: str | None
    name: str
    participant: str | None
    status: MembershipStatus
    on: date | None


@dataclass(frozen=True, slots=True)
class Pass:
    """A session pack that can still be used: ``pack`` is what is left of it, and until when."""

    contract: Contract
    line: Line
    details: SessionPackDetails
    pack: KnownPack

    @property
    def starts_at_first_use(self) -> bool:
        """Whether its days or months begin with its first session, which nobody took yet."""
        return self.details.starts == "first_use" and self.pack.expires_on is None


@dataclass(frozen=True, slots=True)
class Activity:
    """A course or workshop that is not over; ``next`` is its next occurrence, None if none is known."""

    contract: Contract
    line: Line
    first_day: date | None
    last_day: date | None
    next: Occurrence | None


@dataclass(frozen=True, slots=True)
class Registered:
    """What one member is registered for, or the family where ``member`` is None."""

    member: Member | None
    memberships: tuple[Membership, ...]
    passes: tuple[Pass, ...]
    activities: tuple[Activity, ...]


def registrations(
    contracts: Sequence[Contract],
    members: Iterable[Member],
    packs: Mapping[str, KnownPack],
    products: Mapping[str, Product],
    today: date,
) -> list[Registered]:
    """What the family shares, then what each member has, in the order of first names (CON-14).

    ``packs`` are the session packs by the line that sold them, ``products`` those of the activities. A membership for
    the whole family is under each member; contacts and erased people have nothing.
    """
    people = [member for member in members if member.kind != "contact" and not member.erased]
    people.sort(key=lambda member: (folded(member.first_name), member.id))
    memberships = [*_subscriptions(contracts, people, today), *_memberships(contracts, today)]
    passes = sorted(_passes(contracts, packs, today), key=_soonest)
    activities = sorted(_activities(contracts, products, today), key=_next)
    shared = Registered(
        None,
        (),
        tuple(each for each in passes if each.line.purchase.participant is None),
        tuple(each for each in activities if each.line.purchase.participant is None),
    )
    return [shared, *(_of(member, memberships, passes, activities) for member in people)]


def activities_of(contracts: Iterable[Contract]) -> set[str]:
    """The products of the courses and workshops that live lines bought."""
    return {
        line.purchase.product
        for contract in contracts
        for line in contract.live
        if isinstance(line.purchase.details, CourseDetails | WorkshopDetails)
    }


def _of(
    member: Member, memberships: Iterable[Membership], passes: Iterable[Pass], activities: Iterable[Activity]
) -> Registered:
    return Registered(
        member,
        tuple(each for each in memberships if each.participant in (None, member.id)),
        tuple(each for each in passes if each.line.purchase.participant == member.id),
        tuple(each for each in activities if each.line.purchase.participant == member.id),
    )


def _subscriptions(contracts: Iterable[Contract], members: Sequence[Member], today: date) -> Iterator[Membership]:
    for each in listed_subscriptions(contracts, members, today):
        if each.status != "ended":
            sold = each.subscription.sold
            yield Membership(each.contract, None, sold.name, sold.participant, each.status, each.on)


def _memberships(contracts: Iterable[Contract], today: date) -> Iterator[Membership]:
    for contract, line in _live(contracts, "membership"):
        purchase, last = line.purchase, line.purchase.expires_on
        if last is None or last >= today:
            status: MembershipStatus = "active" if last is None else "active_until"
            yield Membership(contract, line.id, purchase.name, purchase.participant, status, last)


def _passes(contracts: Iterable[Contract], packs: Mapping[str, KnownPack], today: date) -> Iterator[Pass]:
    for contract, line in _live(contracts, "session_pack"):
        pack, details = packs.get(line.id), line.purchase.details
        if pack is None or not isinstance(details, SessionPackDetails) or pack.left == 0:
            continue
        if pack.expires_on is None or pack.expires_on >= today:
            yield Pass(contract, line, details, pack)


def _activities(contracts: Iterable[Contract], products: Mapping[str, Product], today: date) -> Iterator[Activity]:
    for contract, line in _live(contracts, "course", "workshop"):
        sittings = sorted(_occurrences(line, products), key=lambda each: (each.on, each.starts))
        purchase = line.purchase
        first = sittings[0].on if sittings else purchase.first_day
        last = sittings[-1].on if sittings else purchase.last_day
        ends = min((day for day in (last, purchase.expires_on) if day is not None), default=None)
        if ends is None or ends >= today:
            coming = (each for each in sittings if each.on >= today and (ends is None or each.on <= ends))
            yield Activity(contract, line, first, last, next(coming, None))


def _occurrences(line: Line, products: Mapping[str, Product]) -> tuple[Occurrence, ...]:
    """The occurrences as the catalogue has them now; those that an old purchase kept, where it has none."""
    product, bought = products.get(line.purchase.product), line.purchase.details
    known = product.details if product is not None else bought
    if isinstance(known, CourseDetails | WorkshopDetails) and known.occurrences:
        return known.occurrences
    return bought.occurrences if isinstance(bought, CourseDetails | WorkshopDetails) else ()


def _live(contracts: Iterable[Contract], *kinds: str) -> Iterator[tuple[Contract, Line]]:
    return ((contract, line) for contract in contracts for line in contract.live if line.purchase.kind in kinds)


def _soonest(each: Pass) -> tuple[date, str]:
    return each.pack.expires_on or date.max, each.line.id


def _next(each: Activity) -> tuple[date, str, str]:
    return (each.next.on, each.next.starts, each.line.id) if each.next else (date.max, "", each.line.id)
