"""PAY-9: the payment follow-up: one row per contract, with the names that it is searched by."""

from datetime import date
from typing import Self

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events.contracts import Mode
from payments.accounts.domain import Names
from payments.schedules.domain.schedule import Part, RefundCause, Schedule, settleable

NEVER = date.max
"""The next due date of a contract on which nothing is planned: it sorts after every other."""


class PlannedAmount(Part):
    """Minor units and the date on which they are due."""

    due: date
    amount: int


class FollowUp(State):
    """A row of the follow-up: a contract's schedule in figures (minor units) and its account's names.

    ``version`` is the schedule's. What is late depends on the day, so it is decided when read.
    """

    account: str
    number: str | None = None
    """The contract's number for people (CON-27)."""
    mode: Mode
    currency: str
    names: Names
    total: int
    paid: int
    processing: int
    due: int
    """What is planned or unscheduled."""
    refund_due: int
    refund_since: date | None = None
    """The day from which the schedule has a refund line, even if its amount has changed since."""
    refund_noted_at: Instant | None = None
    """The instant at which it was made: what the refund lines are sorted by."""
    refund_cause: RefundCause | None = None
    credit_used: int = 0
    """The part of ``paid`` that client credits brought (CRE-3)."""
    lost: int = 0
    """What the bank took back that the contract no longer had, until somebody has dealt with it (PAY-9, PAY-13)."""
    fully_paid: bool
    open: bool
    """True while something is due or processing."""
    next_due: date
    planned: tuple[PlannedAmount, ...]
    """What is due on dates; not what waits for an open pause to be lifted (CON-18)."""

    @classmethod
    def of(cls, schedule: Schedule, names: Names) -> Self:
        """The row of a schedule."""
        line, dated = schedule.refund_line, schedule.dated
        return cls(
            id=schedule.id,
            organisation=schedule.organisation,
            version=schedule.version,
            account=schedule.account,
            number=schedule.number,
            mode=schedule.mode,
            currency=schedule.currency,
            names=names,
            total=schedule.total,
            paid=schedule.paid,
            processing=schedule.processing,
            due=schedule.planned + schedule.unscheduled,
            refund_due=schedule.refund_due,
            refund_since=line.since if line else None,
            refund_noted_at=line.noted_at if line else None,
            refund_cause=line.cause if line else None,
            credit_used=sum(use.amount for use in schedule.credit_uses),
            lost=schedule.lost,
            fully_paid=schedule.fully_paid,
            open=bool(schedule.instalments or schedule.unscheduled or schedule.attempts),
            next_due=dated[0].due if dated else NEVER,
            planned=tuple(PlannedAmount(due=each.due, amount=each.amount) for each in dated),
        )

    @property
    def refundable(self) -> int:
        """The part of the refund line that can be settled now (PAY-4)."""
        return settleable(self.refund_due, self.paid, self.processing)

    @property
    def awaiting_correction(self) -> int:
        """What support is to settle: the refund line of an online contract (PAY-3)."""
        return self.refund_due if self.mode == "online" else 0

    def late(self, today: date) -> int:
        """What was planned before ``today``, the organisation's."""
        return sum(each.amount for each in self.planned if each.due < today)

    def next_planned(self, today: date) -> PlannedAmount | None:
        """What is planned on the first date from ``today`` on, all instalments of that date together."""
        coming = [each for each in self.planned if each.due >= today]
        if not coming:
            return None
        first = min(each.due for each in coming)
        return PlannedAmount(due=first, amount=sum(each.amount for each in coming if each.due == first))

    def late_since(self, today: date) -> date | None:
        """The date of the earliest late instalment, where one is late."""
        return self.next_due if self.next_due < today else None
