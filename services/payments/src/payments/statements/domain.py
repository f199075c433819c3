"""PAY-16: the account statement: what moved what an account owes, between two days, with the balance before and after.

Each event that moves a schedule carries the balance after it. An entry of the statement is what such an event says of
itself: an amount that was charged, received, given back or taken. So the sum of the entries of a contract and what its
schedule shows are computed separately, and agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.events.base import Event
from payments.accounts.domain import Account
from payments.books.domain.moves import CreditMove
from payments.schedules.domain.explaining import Entry, Moving

Kind = Literal[
    "charge",
    "payment",
    "payment_imported",
    "payment_voided",
    "reversal",
    "credit_used",
    "credit_given_back",
    "card_used",
    "card_given_back",
    "refund",
    "refund_failed",
    "converted",
    "waived",
    "settlement_voided",
    "deposit",
    "deposit_kept",
    "deposit_reversed",
    "deposit_taken",
    "due_recovered",
    "due_paid",
    "due_waived",
    "other",
]
"""What an entry is. ``charge`` is a rise or a fall of the contract's total; ``other`` is what a newer release added.

A ``deposit`` is money without a contract, all of which is ``deposit_kept`` as a client credit. One that the bank took
back is ``deposit_reversed``, and what was left of its credit is ``deposit_taken``; the rest is due from the account
until it is ``due_paid``, ``due_waived``, or ``due_recovered`` from its credit (CRE-2)."""

_SETTLED: dict[published.SettledHow, Kind] = {
    "refunded": "refund",
    "on_site": "refund",
    "converted": "converted",
    "waived": "waived",
}

FIRST_IMPORTED = 10
"""The part of an event from which on the payments of another system are counted: others have ten parts at most."""

Place = tuple[str, str, str]
"""The place of an entry in a statement: its day, then the instant at which it was entered, then its id."""


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry of a statement, in minor units: above zero it raises what the account owes, below it lowers that."""

    contract: str | None
    """None for what came without a contract."""
    entry: Entry | CreditMove
    part: int
    """Which entry of that event it is, from 0."""
    on: date
    """The organisation's date on which it counts; of a payment, the day it was received."""
    kind: Kind
    amount: int

    @property
    def event(self) -> Event | CreditMove:
        """What it comes from: an event, or a movement of a client credit."""
        return self.entry if isinstance(self.entry, CreditMove) else self.entry.event

    @property
    def sequence(self) -> int:
        """The place of what it comes from in its journal."""
        return int(self.entry.id.rpartition(":")[2]) if isinstance(self.entry, CreditMove) else self.entry.sequence

    @property
    def actor(self) -> str | None:
        """Who, as in the journal; None if that is in the journal of credits."""
        return None if isinstance(self.entry, CreditMove) else self.entry.actor

    @property
    def id(self) -> str:
        """The same each time that the statement is read."""
        about = self.entry.credit if isinstance(self.entry, CreditMove) else self.contract
        return f"{about}-{self.sequence:09d}-{self.part}"

    @property
    def place(self) -> Place:
        """Its status."""
        return self.on.isoformat(), self.entry.at.isoformat(timespec="microseconds"), self.id


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with what the account owes after it."""

    movement: Movement
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What an account owed before ``since``, what moved it until ``until`` included, and what it owed then.

    What it owes is what its contracts cost less what is paid of them, and what is due of deposits that were taken back.
    Below zero, the organisation owes it to the account.
    """

    since: date | None
    """None from the beginning."""
    until: date
    opening: int
    lines: tuple[Line, ...]

    @property
    def closing(self) -> int:
        """What the account owes at the end of ``until``."""
        return self.lines[-1].balance if self.lines else self.opening

    @property
    def raised(self) -> int:
        """What all that raised it comes to."""
        return sum(line.movement.amount for line in self.lines if line.movement.amount > 0)

    @property
    def lowered(self) -> int:
        """What all that lowered it comes to, above zero."""
        return -sum(line.movement.amount for line in self.lines if line.movement.amount < 0)

    def after(self, place: Place | None, limit: int) -> Sequence[Line]:
        """``limit`` lines at most, those after a place."""
        later = [line for line in self.lines if place is None or line.movement.place > place]
        return later[:limit]


def statement(
    movements: Iterable[Movement], since: date | None, until: date, *, entered_by: datetime | None = None
) -> Statement:
    """The statement of all that moved an account's contracts, in whatever order that is given.

    With ``entered_by``, an instant, as it was then: without what was entered later.
    """
    known = (each for each in movements if entered_by is None or each.entry.at <= entered_by)
    ordered = sorted((each for each in known if each.on <= until), key=lambda each: each.place)
    opening = sum(each.amount for each in ordered if since is not None and each.on < since)
    balance, lines = opening, list[Line]()
    for each in ordered:
        if since is None or each.on >= since:
            balance += each.amount
            lines.append(Line(each, balance))
    return Statement(since, until, opening, tuple(lines))


def movements(contract: str, entries: Iterable[Entry]) -> Iterator[Movement]:
    """What moved what is owed of a contract: total less paid. ``entries`` are its whole journal, in order.

    What the events of a move do not say of themselves is an entry ``other``, so that the sum is always what the
    schedule shows.
    """
    shown, total, summed = 0, 0, 0
    last: Entry | None = None
    for entry in entries:
        event = entry.event
        if isinstance(event, Moving):
            if last is not None and shown != summed:
                yield _rest(contract, last, shown - summed)
                summed = shown
            for part, (kind, amount) in enumerate(_amounts(event, total)):
                summed += amount
                yield Movement(contract, entry, part, _day(event), kind, amount)
            if isinstance(event, published.PaymentsImported):
                for part, paid in enumerate(event.payments, start=FIRST_IMPORTED):
                    summed -= paid.amount
                    yield Movement(contract, entry, part, paid.received_on, "payment_imported", -paid.amount)
            total = event.balance.total
            shown = total - event.balance.paid
            last = entry
        elif isinstance(event, published.CreditGivenBack):
            summed += event.amount
            back: Kind = "card_given_back" if event.card else "credit_given_back"
            yield Movement(contract, entry, 0, event.effective_on, back, event.amount)
    if last is not None and shown != summed:
        yield _rest(contract, last, shown - summed)


DEPOSIT_MOVES = ("deposit", "deposit_reversed", "due_recovered", "due_paid", "due_waived")
"""The movements of client credits that are on a statement: of money without a contract."""


def deposit_movements(moves: Iterable[CreditMove]) -> Iterator[Movement]:
    """What deposits without a contract, and what became of them, are on the statement of their account."""
    for move in moves:
        for part, (kind, amount) in enumerate(_amounts_of_move(move)):
            if amount:
                yield Movement(None, move, part, move.on, kind, amount)


def _amounts_of_move(move: CreditMove) -> Iterator[tuple[Kind, int]]:
    match move.kind:
        case "deposit":
            yield "deposit", -move.amount
            yield "deposit_kept", move.amount
        case "deposit_reversed":
            yield "deposit_reversed", move.amount
            yield "deposit_taken", move.beyond - move.amount
        case "due_recovered" | "due_paid" | "due_waived":
            yield move.kind, -move.amount
        case _:
            return


def _rest(contract: str, entry: Entry, amount: int) -> Movement:
    assert isinstance(entry.event, Moving)  # noqa: S101 # only such an entry shows a schedule
    return Movement(contract, entry, 9, _day(entry.event), "other", amount)


def _day(event: Moving) -> date:
    return event.received_on if isinstance(event, published.PaymentCollected) else event.effective_on


def _amounts(event: Moving, total_before: int) -> Iterator[tuple[Kind, int]]:
    """What an event says that it moved."""
    if charged := event.balance.total - total_before:
        yield "charge", charged
    moved: tuple[Kind, int] | None = None
    match event:
        case published.PaymentCollected():
            moved = "payment", -event.amount
        case published.PaymentVoided():
            moved = "payment_voided", event.amount
        case published.PaymentReversed():
            moved = "reversal", event.amount - event.beyond
        case published.CreditUseCompleted():
            moved = "card_used" if event.card else "credit_used", -event.amount
        case published.RefundLineSettled():
            moved = _SETTLED.get(event.how, "other"), event.amount
        case published.RefundFailed():
            moved = "refund_failed", event.recovered - event.amount
        case published.SettlementVoided():
            moved = "settlement_voided", sum(each.amount for each in event.recovered) - event.amount
        case _:
            pass
    if moved is not None and moved[1]:
        yield moved


class StatementSending(State):
    """A statement that staff sends to the family, as it was when they asked: its paper stays the same."""

    account: str
    since: date | None
    until: date
    closing: int
    """What the account owed at the end of the last day, in minor units."""
    currency: str
    asked_at: Instant
    asked_by: str


def send(account: Account, sent: Statement, currency: str, context: Context) -> Decision[StatementSending]:
    """Send a statement that was read now to the owner of the account (PAY-16)."""
    sending = StatementSending(
        id=context.new_id(),
        organisation=account.organisation,
        account=account.id,
        since=sent.since,
        until=sent.until,
        closing=sent.closing,
        currency=currency,
        asked_at=context.now,
        asked_by=str(context.actor),
    )
    event = published.StatementSendingRequested(
        account=account.id,
        statement=sending.id,
        currency=currency,
        since=sent.since,
        until=sent.until,
        closing=sent.closing,
        effective_on=context.today,
    )
    return Decision(sending, (event,))
