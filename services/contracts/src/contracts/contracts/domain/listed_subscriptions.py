"""Where the subscriptions of an account stand on a day (CON-14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.search import folded
from contracts.accounts.domain import Member
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.periods import MOST_PERIODS, Subscription

Status = Literal[
    "soon_active",
    "active_recurring",
    "active_until",
    "paused",
    "pause_to_come",
    "cancellation_requested",
    "cancellation_to_come",
    "ended",
]


@dataclass(frozen=True, slots=True)
class ListedSubscription:
    """A subscription of an account, and its status.

    ``on`` is the day that the status is about: its first day if it is soon active or will pause; the day on which it
    goes on if it is paused; its last day if it ends or has ended; the day from which its cancellation is asked for.
    """

    contract: Contract
    subscription: Subscription
    status: Status
    on: date | None
    position: tuple[int, str]
    """Its place in the list: its member's, then its contract."""


def listed_subscriptions(
    contracts: Iterable[Contract], members: Sequence[Member], today: date
) -> list[ListedSubscription]:
    """The subscriptions of an account, per member in the order of their first names, those for nobody at the end.

    None whose periods were all deleted, as it was sold by mistake (CON-12).
    """
    named = sorted(members, key=lambda member: (folded(member.first_name), member.id))
    places = {member.id: place for place, member in enumerate(named)}
    found = []
    for contract in contracts:
        if (subscription := contract.subscription) is not None and not _deleted(contract):
            status, on = _status(contract, subscription, today)
            place = places.get(subscription.sold.participant or "", len(places))
            found.append(ListedSubscription(contract, subscription, status, on, (place, contract.id)))
    return sorted(found, key=lambda listed: listed.position)


def _deleted(contract: Contract) -> bool:
    periods = [line for line in contract.lines if line.period]
    return bool(periods) and all(line.deleted_on is not None for line in periods)


def _status(contract: Contract, subscription: Subscription, today: date) -> tuple[Status, date | None]:
    if contract.cancelled_on is not None:
        return "ended", contract.cancelled_on
    if subscription.cancellation is not None:
        last = subscription.ends_on
        return ("ended" if last is None or last < today else "cancellation_to_come"), last
    if subscription.wish is not None:
        return "cancellation_requested", subscription.wish.wished_on
    pause = subscription.pause(today)
    if pause is not None and today < pause.first_day:
        return "pause_to_come", pause.first_day
    if pause is not None and pause.resumes_on > pause.first_day:
        return "paused", None if pause.is_open else pause.resumes_on
    return _unchanged(subscription, today)


def _unchanged(subscription: Subscription, today: date) -> tuple[Status, date | None]:
    """The status of one that is neither cancelled nor paused."""
    if today < subscription.first_day(1):
        return "soon_active", subscription.first_day(1)
    if subscription.added < MOST_PERIODS:
        return "active_recurring", None
    last = subscription.last_day(MOST_PERIODS)
    return ("ended" if last < today else "active_until"), last
