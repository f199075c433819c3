"""PAY-9: the payment follow-up: one row per contract, with the names that it is searched by."""

from collections.abc import Mapping
from datetime import date
from typing import Self

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events.catalog import Language
from carnet.events.contracts import AccountPersonal, Mode
from carnet.search import folded, words
from payments.schedules.domain.schedule import Part, RefundCause, Schedule, settleable

NEVER = date.max
"""The next due date of a contract on which nothing is planned: it sorts after every other."""


class Names(Part):
    """What an account's people are called, and how that is sorted and searched; all names empty once erased (ORG-4)."""

    owner: str | None = None
    number: str | None = None
    """The account's number for people; it stays when the people are erased (CON-27)."""
    members: tuple[str, ...] = ()
    sorted_by: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, owner_id: str, personal: AccountPersonal | None, number: str | None = None) -> Self:
        """The names in the personal part of an account, sorted by the owner's last name, and its number."""
        people = {person.id: person for person in (personal.members if personal else ())}
        owner = people.get(owner_id)
        shown = (f"{person.first_name} {person.last_name}".strip() for person in people.values())
        members = tuple(name for name in shown if name)
        return cls(
            owner=(f"{owner.first_name} {owner.last_name}".strip() or None) if owner else None,
            number=number,
            members=members,
            sorted_by=folded(f"{owner.last_name} {owner.first_name}") if owner else "",
            words=words(members),
        )


def people_of(personal: AccountPersonal | None) -> dict[str, str]:
    """What the people of an account are called, by their ids: those who have a name."""
    members = personal.members if personal else ()
    shown = {each.id: f"{each.first_name} {each.last_name}".strip() for each in members}
    return {id_: name for id_, name in shown.items() if name}


class Account(State):
    """What payments keeps of a client account: its names, and how many contracts it has.

    Opening a contract counts it here. So an opening and a change of the names, which come by two topics, both write
    this document, and neither can miss the other.
    """

    names: Names = Names()
    people: Mapping[str, str] = {}
    """What its people are called, by their ids. Those who are erased are not among them, unless an older release has
    erased them, which keeps this as it is: read ``called`` (ORG-4)."""
    erased_members: int = 0
    contracts: int = 0
    method_moves: int = 0
    language: Language | None = None
    """The language of its mails and invoices; None in what an older release saved."""

    @property
    def called(self) -> Mapping[str, str]:
        """What its people are called, by their ids, as long as they are among its names: invoices say it (ORG-4)."""
        return {id_: name for id_, name in self.people.items() if name in self.names.members}

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id


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
