"""Staff moved upcoming payments: dates, amounts, methods, cancelled, put on dates (PAY-5); once, when it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import Balance, Instalment, RecordedMethod
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Fact, ScheduleFacts
from notifications.mails.samples import CONTRACT, LINE, balance_of, instalments_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Move(Fact):
    """One upcoming payment before and after; no date before if it is new or was paused, none after if cancelled."""

    due_before: date | None = None
    due: date | None = None
    amount_before: PositiveAmount | None = None
    amount: PositiveAmount | None = None
    method: RecordedMethod | None = None
    """How it is to be paid now, if staff said so."""
    paused: bool = False
    """Whether it had no date before, as it waited for an open pause to be lifted (CON-18)."""


class Facts(ScheduleFacts):
    """Staff moved upcoming payments; ``moves`` is empty if all was put back as it was."""

    kind: Literal["payments_moved"] = "payments_moved"
    moves: tuple[Move, ...]
    balance_before: Balance
    instalments_before: tuple[Instalment, ...]
    """The schedule before the first move."""
    first: int
    """The sequence of the schedule's event that is the first move."""
    last: int
    """The sequence of the last one."""


@dataclass(frozen=True, slots=True)
class MovedPayment:
    """An upcoming payment before and after: no date before if it is new, none after if it was cancelled."""

    due_before: date | None
    amount_before: Sum | None
    due: date | None
    amount: Sum | None
    method: Term | None
    paused: bool
    """Whether it had no date before, as it waited for a pause to be lifted."""


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    moved: tuple[MovedPayment, ...]
    unscheduled_before: Sum


def moves_between(before: Sequence[Instalment], after: Sequence[Instalment]) -> tuple[Move, ...]:
    """The upcoming payments whose date, amount or method changed, by date."""
    earlier, later = {each.id: each for each in before}, {each.id: each for each in after}
    moves = [_move(earlier.get(id_), later.get(id_)) for id_ in {**earlier, **later}]
    moved = [move for move in moves if move is not None]
    return tuple(sorted(moved, key=lambda move: move.due_before or move.due or date.max))


def _move(before: Instalment | None, after: Instalment | None) -> Move | None:
    if before and after and (before.due, before.amount, before.method) == (after.due, after.amount, after.method):
        return None
    return Move(
        due_before=before.due if before and not before.paused else None,
        amount_before=before.amount if before else None,
        due=after.due if after and not after.paused else None,
        amount=after.amount if after else None,
        method=after.method if after else None,
        paused=before is not None and before.paused,
    )


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    moved = tuple(known.part(MovedPayment, move) for move in facts.moves)
    return known.view(View, facts, moved=moved, unscheduled_before=known.sum(facts.balance_before.unscheduled))


def sample(currency: str) -> Facts:
    """A date moved, an amount changed, one cancelled."""
    before = instalments_of(12_000, 12_000, 12_000)
    first, second, _ = before
    after = (
        first.model_copy(update={"due": date(2027, 2, 20)}),
        second.model_copy(update={"amount": 8_000}),
        second.model_copy(update={"id": LINE.format(8), "due": date(2027, 4, 20), "amount": 10_000}),
    )
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        moves=moves_between(before, after),
        balance_before=balance_of(54_000, 18_000),
        instalments_before=before,
        balance=balance_of(54_000, 18_000, planned=30_000, unscheduled=6_000),
        instalments=after,
        first=4,
        last=6,
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
