"""PAY-17: every amount of a schedule explains itself by the moves that made it, whose sum it is.

Each event that moves a schedule carries the whole schedule after it. So what an event gave to an instalment, to what is
unscheduled or to the refund line is the difference to the event before, and the differences add up to the amount.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carnet.events import payments as published
from carnet.events.base import Event

Place = Literal["instalment", "unscheduled", "refund_line"]

Cause = Literal[
    "opened",
    "imported",
    "contract_changed",
    "put_on_dates",
    "cheques_held",
    "instalment_cancelled",
    "amount_changed",
    "moved",
    "paid",
    "collection_started",
    "collection_failed",
    "collection_withdrawn",
    "credit_use_requested",
    "credit_used",
    "credit_refused",
    "settled",
    "refund_failed",
    "reversed",
    "payment_voided",
    "settlement_voided",
    "other",
]
"""Why an amount moved. ``other`` is what a newer release has added."""

_CAUSES: Mapping[type[Event], Cause] = {
    published.ScheduleCreated: "opened",
    published.PaymentsImported: "imported",
    published.PaymentCollected: "paid",
    published.CollectionStarted: "collection_started",
    published.PaymentFailed: "collection_failed",
    published.CollectionWithdrawn: "collection_withdrawn",
    published.CreditUseRequested: "credit_use_requested",
    published.CreditUseCompleted: "credit_used",
    published.CreditUseReturned: "credit_refused",
    published.RefundLineSettled: "settled",
    published.RefundFailed: "refund_failed",
    published.PaymentReversed: "reversed",
    published.PaymentVoided: "payment_voided",
    published.SettlementVoided: "settlement_voided",
}

Moving = published.ScheduleMoved | published.PaymentCollected
"""The events that show a schedule as it is after them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal of a schedule."""

    sequence: int
    at: datetime
    actor: str
    event: Event


@dataclass(frozen=True, slots=True)
class Move:
    """An event that moved amounts: which, when, who, why, and the total of the contract before and after it."""

    entry: Entry
    cause: Cause
    on: date
    """The organisation's date on which it took effect."""
    total_before: int
    total_after: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a move gave to an amount, below zero where it took from it, and the amount after it, in minor units."""

    move: Move
    amount: int
    after: int


@dataclass(frozen=True, slots=True)
class Explained:
    """An amount of a schedule, in minor units, and the shares that it is the sum of, the oldest first."""

    place: Place
    amount: int
    shares: tuple[Share, ...]
    instalment: published.Instalment | None = None


def explain(entries: Iterable[Entry]) -> tuple[Explained, ...]:
    """Every amount of a schedule with the moves that made it (PAY-17).

    ``entries`` are all entries of its journal up to a version, in order: the amounts are those of that version. The
    instalments come first, by date, then what is unscheduled, then the refund line; nothing of zero.
    """
    last: Moving | None = None
    amounts: dict[str, int] = {}
    shares: dict[str, list[Share]] = defaultdict(list)
    for entry in entries:
        event = entry.event
        if not isinstance(event, Moving):
            continue
        now = _amounts(event)
        move = Move(
            entry=entry,
            cause=_cause(event, last),
            on=event.received_on if isinstance(event, published.PaymentCollected) else event.effective_on,
            total_before=last.balance.total if last else 0,
            total_after=event.balance.total,
        )
        for place in sorted(now.keys() | amounts.keys()):
            moved = now.get(place, 0) - amounts.get(place, 0)
            if moved:
                shares[place].append(Share(move=move, amount=moved, after=now.get(place, 0)))
        last, amounts = event, now
    return _explained(last, shares) if last else ()


def _explained(last: Moving, shares: Mapping[str, list[Share]]) -> tuple[Explained, ...]:
    instalments = [
        Explained("instalment", each.amount, tuple(shares[each.id]), instalment=each) for each in last.instalments
    ]
    balance = last.balance
    rest = (
        Explained("unscheduled", balance.unscheduled, tuple(shares["unscheduled"])),
        Explained("refund_line", balance.refund_due, tuple(shares["refund_line"])),
    )
    return (*instalments, *(each for each in rest if each.amount))


def _amounts(event: Moving) -> dict[str, int]:
    """What a schedule has in each place: by the ids of the instalments, and by the names of the other two."""
    return {
        "unscheduled": event.balance.unscheduled,
        "refund_line": event.balance.refund_due,
        **{each.id: each.amount for each in event.instalments},
    }


def _cause(event: Moving, last: Moving | None) -> Cause:
    if not isinstance(event, published.ScheduleAdjusted):
        return _CAUSES.get(type(event), "other")
    if event.change is not None:
        return "contract_changed"
    return _moved_by_staff(event, last) if last else "moved"


def _moved_by_staff(event: published.ScheduleAdjusted, last: Moving) -> Cause:
    """Which of the moves of PAY-5 and PAY-7 it was, if the schedule before and after shows it."""
    before = {each.id: each for each in last.instalments}
    now = {each.id: each for each in event.instalments}
    new = [each for id_, each in now.items() if id_ not in before]
    gone = sum(each.amount for id_, each in before.items() if id_ not in now)
    more_unscheduled = event.balance.unscheduled - last.balance.unscheduled
    if new and all(each.held for each in new):
        return "cheques_held"
    if new and more_unscheduled == -sum(each.amount for each in new):
        return "put_on_dates"
    if gone and gone == more_unscheduled:
        return "instalment_cancelled"
    resized = [each for id_, each in now.items() if id_ in before and each.amount != before[id_].amount]
    return "amount_changed" if any(each.fixed for each in resized) else "moved"
