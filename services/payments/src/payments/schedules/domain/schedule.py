"""The schedule of a contract: what is paid, being attempted, planned, unscheduled and to refund.

Every amount is in minor units of the schedule's currency; every date is the organisation's.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.contracts import DatedCharge, Mode
from carnet.refusals import unknown
from carnet.tolerance import Tolerant


class Part(Tolerant):
    """A frozen part of a state."""


class Cheque(Part):
    """A post-dated cheque that the school keeps until its deposit date (PAY-7)."""

    bank: str
    holder: str | None
    """The person whose cheque it is; none once that person was erased (ORG-4)."""


class Instalment(Part):
    """An amount to come on a date (PAY-2)."""

    id: str
    due: date
    amount: int
    method: published.RecordedMethod | None = None
    """How it is to be paid, where that was said (PAY-5)."""
    fixed: bool = False
    """True where staff fixed the amount, so that changes of the total spare it (PAY-5)."""
    cheque: Cheque | None = None
    on_request: bool = False
    """True for what the bank took back: it is not collected automatically (PAY-13)."""
    tries: int = 0
    """How many attempts of it have failed (PAY-6)."""
    next_try: date | None = None
    """The date of its next attempt after a failed one (PAY-6)."""
    gave_up: bool = False
    """True once its last attempt has failed: it stays planned and late, outside the run (PAY-6)."""
    waits_for_method: bool = False
    """True where it was due and its account had no usable payment method (PAY-12)."""
    line: str | None = None
    """The line of the contract whose charge it is; changes of other lines spare it (PAY-15)."""
    disputed: bool = False
    """True for what the bank took back because the card's holder disputes it: no reminder goes meanwhile (PAY-10)."""

    @property
    def held(self) -> bool:
        """True for a post-dated cheque, which is never resized (PAY-2)."""
        return self.cheque is not None

    @property
    def free(self) -> bool:
        """Whether it shares what others lose or gain: not if it is fixed, a held cheque or of a charge (PAY-2)."""
        return not self.fixed and not self.held and self.line is None

    def to_collect(self, today: date) -> bool:
        """True where it is neither late nor outside the run: those are not collected automatically (PAY-2)."""
        outside_the_run = self.on_request or self.gave_up or self.waits_for_method
        return self.due >= today and not outside_the_run

    def open(self, today: date) -> bool:
        """True where a rise of the total may land on it: it is free and still to be collected (PAY-2)."""
        return self.free and self.to_collect(today)

    @property
    def collect_on(self) -> date | None:
        """The date from which the run collects it; None if it does not (PAY-6, PAY-12, PAY-13).

        Not a cheque, nor what staff said is paid another way, nor what only is collected by hand.
        """
        if self.held or self.method or self.on_request or self.gave_up or self.waits_for_method:
            return None
        return self.next_try or self.due

    def resized(self, amount: int) -> Self:
        """The same instalment with another amount."""
        return self.model_copy(update={"amount": amount})

    def anew(self, **changes: object) -> Self:
        """The same instalment with these fields changed, as one that was never attempted (PAY-5, PAY-6)."""
        fresh = {"tries": 0, "next_try": None, "gave_up": False, "waits_for_method": False}
        return self.model_copy(update={**fresh, **changes})


class PlannedBefore(Part):
    """An amount of the last plan: it was planned on a date until a change of the contract dropped it (PAY-2)."""

    due: date
    amount: int
    """In minor units: its weight once the plan comes back. Zero where a contract was opened with nothing to pay."""
    method: published.RecordedMethod | None = None
    """How it was to be paid, where that was said (PAY-5)."""


class Taken(Part):
    """What an attempt took from one instalment, with that instalment as it was."""

    instalment: Instalment
    amount: int


class Attempt(Part):
    """An amount that is being attempted: an instalment at the provider, or a credit being used (PAY-6, CRE-3).

    It remembers what it took, so that a failure returns that where it was.
    """

    id: str
    credit: str | None = None
    card: bool = False
    """Whether that credit is a gift card (CRE-8)."""
    unscheduled: int = 0
    taken: tuple[Taken, ...] = ()

    @property
    def amount(self) -> int:
        """What is being attempted."""
        return self.unscheduled + sum(part.amount for part in self.taken)


class CreditUse(Part):
    """A part of what is paid that came from a client credit, or from a gift card (CRE-3, CRE-8)."""

    credit: str
    amount: int
    card: bool = False


class RefundCause(Part):
    """What made a refund line (PAY-3, PAY-4).

    ``id`` is that of the change of the contract, of the payment that was too much, or of the
    settlement whose refund the provider could not do, or that was voided.
    """

    kind: Literal["change", "payment", "refund_failed", "settlement_voided"]
    id: str

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self | None:
        """The cause that the events of one decision give; None if they give none."""
        for event in events:
            match event:
                case published.ScheduleAdjusted(change=str(change)):
                    return cls(kind="change", id=change)
                case published.PaymentCollected(payment=payment):
                    return cls(kind="payment", id=payment)
                case published.RefundFailed(settlement=settlement):
                    return cls(kind="refund_failed", id=settlement)
                case published.SettlementVoided(settlement=settlement):
                    return cls(kind="settlement_voided", id=settlement)
                case _:
                    pass
        return None


class RefundLine(Part):
    """Since when, and why, a schedule has something to refund (PAY-3): kept until nothing is to refund any more."""

    since: date
    noted_at: Instant
    """The instant at which it was made: what the refund lines are sorted by."""
    cause: RefundCause | None = None


class Match(Part):
    """A payment that staff matched to an invoice of the contract, in minor units (INV-6)."""

    id: str
    payment: str
    invoice: str
    amount: int
    on: date
    at: Instant
    by: str


class Invoicing(Part):
    """What invoices have of a contract, and the days by which it is known which are due to be made (INV-1)."""

    request: str | None = None
    """The request under way: contracts has not answered yet which lines it marks (INV-4)."""
    invoiced: int = 0
    """What the live invoices bear, in minor units: invoices less credit notes."""
    paid_on: date | None = None
    """The day on which money was received last; None in what an older release saved."""
    whole_since: date | None = None
    """The day since which it is fully paid; None while it is not, and in what an older release saved."""
    refused_at: tuple[int, int] | None = None
    """The version of the contract, and what was paid, when contracts last refused to mark all that is paid."""
    credited: tuple[str, ...] = ()
    """The lines whose invoices credit notes have cancelled, until another one bears them (INV-3)."""
    credited_at: tuple[int, int] | None = None
    """The version of the contract, and what was paid, when these lines were last the only ones without an invoice."""
    matches: tuple[Match, ...] = ()
    """What staff matched by hand, in order; the rest is matched automatically (INV-6)."""


class Schedule(State):
    """The schedule of one contract; its id is the contract's.

    Payments are a collection of their own: the schedule keeps their sum. ``instalments`` are
    in order of date, then of id; ``credit_uses`` oldest first.
    """

    account: str
    number: str | None = None
    """The contract's number for people, such as ``2027-0042``; None if it has none (CON-27)."""
    mode: Mode
    currency: str
    day: int
    """The day of the month of its monthly dates (MON-3)."""
    total: int
    live_lines: int
    covers: int
    """The version of the contract that it has applied."""
    paid: int = 0
    instalments: tuple[Instalment, ...] = ()
    unscheduled: int = 0
    unscheduled_since: date | None = None
    """The day since which something is on no date: None while nothing is, or where an older release saved it."""
    refund_due: int = 0
    refund_line: RefundLine | None = None
    """None if nothing is to refund, or where an older release saved it: only the follow-up's row knows then."""
    attempts: tuple[Attempt, ...] = ()
    credit_uses: tuple[CreditUse, ...] = ()
    charges: tuple[DatedCharge, ...] = ()
    """The charges of the contract that are due on dates of their own, as it said last (PAY-15)."""
    cards: int = 0
    """The part of the total that sells gift cards, as the contract said last: no gift card pays that (CRE-8)."""
    last_plan: tuple[PlannedBefore, ...] = ()
    """What a change dropped from the dates last (PAY-2), without held cheques and charges.

    It is empty once it came back, or once staff has put amounts on dates.
    """
    invoicing: Invoicing = Invoicing()
    imported_on: date | None = None
    """The day on which its contract came from another system, if it did (IMP-1)."""
    lost: int = 0
    """What the bank took back of its payments though the contract no longer had it, and nobody has dealt with yet.

    The balance does not show it (PAY-9, PAY-13).
    """

    @property
    def credits_paying(self) -> frozenset[str]:
        """The client credits that pay a part of it, or are about to (CRE-3)."""
        paying = (use.credit for use in self.credit_uses)
        return frozenset((*paying, *(each.credit for each in self.attempts if each.credit is not None)))

    @property
    def by_cards(self) -> int:
        """The part of ``paid`` that came from gift cards (CRE-8)."""
        return sum(use.amount for use in self.credit_uses if use.card)

    @property
    def for_cards(self) -> int:
        """The most that gift cards may pay of it: not what sells gift cards (CRE-8)."""
        return max(self.total - self.cards, 0)

    @property
    def settleable(self) -> int:
        """The part of the refund line that can be settled now (PAY-4)."""
        return settleable(self.refund_due, self.paid, self.processing)

    @property
    def processing(self) -> int:
        """What is being attempted."""
        return sum(attempt.amount for attempt in self.attempts)

    @property
    def pays_charge(self) -> bool:
        """Whether what is paid covers a charge whole that no invoice bears, the oldest first (PAY-14, PAY-15)."""
        before = 0
        for charge in self.charges:
            if before >= self.invoicing.invoiced:
                return self.paid >= self.invoicing.invoiced + charge.amount
            before += charge.amount
        return False

    @property
    def paused(self) -> frozenset[str]:
        """The instalments that have no date before an open pause is lifted: their charges say so (CON-18).

        One to which staff gave a date is none of them.
        """
        waiting = {charge.line: charge.due for charge in self.charges if charge.paused}
        return frozenset(each.id for each in self.instalments if each.line and waiting.get(each.line) == each.due)

    @property
    def dated(self) -> tuple[Instalment, ...]:
        """Its instalments but for those that have no date before an open pause is lifted."""
        paused = self.paused
        return tuple(each for each in self.instalments if each.id not in paused)

    @property
    def ordinary(self) -> tuple[Instalment, ...]:
        """Its instalments that belong to no charge: what the lines without dates of their own come to (PAY-15)."""
        return tuple(each for each in self.instalments if each.line is None)

    @property
    def planned(self) -> int:
        """What is to come on dates."""
        return sum(instalment.amount for instalment in self.instalments)

    @property
    def collect_on(self) -> date | None:
        """The earliest date from which the run collects one of its instalments; None if it collects none."""
        if self.mode == "on_site":
            return None
        return min((on for each in self.instalments if (on := each.collect_on)), default=None)

    @property
    def left(self) -> int:
        """R: what is left to cover, below zero where too much was paid (PAY-2)."""
        return self.total - self.paid - self.processing

    @property
    def fully_paid(self) -> bool:
        """Whether it has a live line and nothing is planned, unscheduled or processing (PAY-8)."""
        return self.live_lines > 0 and self.balance.all_paid

    @property
    def balance(self) -> published.Balance:
        """The balance as it is published."""
        return published.Balance(
            total=self.total,
            paid=self.paid,
            processing=self.processing,
            planned=self.planned,
            unscheduled=self.unscheduled,
            refund_due=self.refund_due,
        )

    def instalment(self, instalment_id: str) -> Instalment:
        """The instalment of that id, or an ``unknown-instalment`` refusal."""
        for instalment in self.instalments:
            if instalment.id == instalment_id:
                return instalment
        raise unknown("instalment", instalment_id)

    def but(self, *, instalments: Iterable[Instalment] | None = None, **changes: object) -> Self:
        """The same schedule with these fields changed and its instalments in order."""
        if instalments is not None:
            changes["instalments"] = tuple(sorted(instalments, key=lambda each: (each.due, each.id)))
        return self.model_copy(update=changes)


def settleable(refund_due: int, paid: int, processing: int) -> int:
    """The part of a refund line that can be settled while ``processing`` is being attempted (PAY-4).

    Where that fails, what it brought is missing, and the line is smaller by it.
    """
    return max(min(refund_due - processing, paid), 0)


class BalanceError(ArithmeticError):
    """A schedule breaks the balance identity: a fault of the code, never of a request."""


def balanced(schedule: Schedule) -> Schedule:
    """The schedule itself, once its balance is proved; every function of the domain returns through here.

    total = paid + processing + planned + unscheduled − refund due, nothing below zero, and of
    refund due on one side and planned + unscheduled on the other, one is zero.

    Raises:
        BalanceError: where one of these does not hold.
    """
    due = schedule.planned + schedule.unscheduled
    by_payments = schedule.paid - sum(use.amount for use in schedule.credit_uses)
    least = min((schedule.total, by_payments, schedule.unscheduled, schedule.refund_due, schedule.lost))
    if schedule.left != due - schedule.refund_due:
        raise BalanceError(f"schedule {schedule.id} does not add up to its total: {schedule!r}")
    if least < 0 or any(instalment.amount <= 0 for instalment in schedule.instalments):
        raise BalanceError(f"schedule {schedule.id} has an amount below what it can be: {schedule!r}")
    if due and schedule.refund_due:
        raise BalanceError(f"schedule {schedule.id} has something due and something to refund: {schedule!r}")
    return schedule
