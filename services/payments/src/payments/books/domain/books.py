"""The books of an organisation: its accounts, and the periods that are closed (INV-7)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID, uuid5

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, invalid
from carnet.tolerance import Tolerant
from payments.books.domain.plan import Plan

_BOOKS = UUID("0a3d1c5e-6a0d-5c7b-9d0e-3c1f7f2f9a64")

DAY = timedelta(days=1)


def books_id(organisation: str) -> str:
    """The id of an organisation's books: a sequence of its own in the journal."""
    return str(uuid5(_BOOKS, organisation))


class Closing(Tolerant):
    """All days until ``until`` are closed since ``at``, with the accounts of then."""

    until: date
    at: Instant
    on: date
    """The organisation's date at that instant."""
    by: str
    """Who closed it, as in the journal."""
    plan: Plan
    bank_deposits: bool = False
    """Whether it has entries of bank deposits: an older release closed without them, and what is closed stays."""


class Books(State):
    """The books of one organisation; its closings in order."""

    plan: Plan = Plan()
    closings: tuple[Closing, ...] = ()

    @classmethod
    def none_of(cls, organisation: str) -> Self:
        """Those of an organisation that has changed nothing."""
        return cls(id=books_id(organisation), organisation=organisation)

    @property
    def closed_until(self) -> date | None:
        """The last day that is closed."""
        return self.closings[-1].until if self.closings else None

    def counts_on(self, on: date, entered_at: datetime) -> date:
        """The day on which something of the day ``on`` counts that was entered at an instant.

        What is entered for a period after its closing counts on the first day after it.
        """
        for closing in self.closings:
            if entered_at > closing.at and on <= closing.until:
                on = closing.until + DAY
        return on

    def closing_of(self, day: date) -> Closing | None:
        """The closing by which that day is closed; None while it is open."""
        return next((closing for closing in self.closings if day <= closing.until), None)

    def has_bank_deposits(self, day: date) -> bool:
        """Whether bank deposits are booked on that day: on all but those that an older release closed."""
        closing = self.closing_of(day)
        return closing is None or closing.bank_deposits

    def plan_on(self, day: date) -> Plan:
        """The accounts of that day: those of its closing, or the present ones."""
        closing = self.closing_of(day)
        return closing.plan if closing else self.plan


def change_plan(books: Books, plan: Plan) -> Decision[Books]:
    """Use other accounts, in all that is not closed.

    Raises:
        Refusal: ``account-named-twice`` where one number has two names; ``account-given-twice`` for two accounts of
            one kind of product, or of one rate.
    """
    _check_names(plan)
    _check_once("sales", [each.kind for each in plan.sales])
    _check_once("vat", [each.rate for each in plan.vat])
    after = books.model_copy(update={"plan": plan})
    if after == books:
        return Decision(books)
    return Decision(after, (published.BooksSettingsChanged(accounts=plan.numbers()),))


def close(books: Books, until: date, context: Context) -> Decision[Books]:
    """Close all days until ``until``, that one too, for good.

    Raises:
        Refusal: ``period-not-over``, ``period-closed``.
    """
    if until >= context.today:
        raise conflict(
            "period-not-over",
            f"{until} is not over yet, so something may still be entered for it. Close until an earlier day.",
            rule="INV-7",
            until=until.isoformat(),
            today=context.today.isoformat(),
        )
    if books.closed_until is not None and until <= books.closed_until:
        raise conflict(
            "period-closed",
            f"The books are closed until {books.closed_until} already, and stay so. Close until a later day.",
            rule="INV-7",
            until=until.isoformat(),
            closed_until=books.closed_until.isoformat(),
        )
    closing = Closing(
        until=until, at=context.now, on=context.today, by=str(context.actor), plan=books.plan, bank_deposits=True
    )
    event = published.PeriodClosed(until=until, effective_on=context.today)
    return Decision(books.model_copy(update={"closings": (*books.closings, closing)}), (event,))


def _check_names(plan: Plan) -> None:
    names: dict[str, str] = {}
    for account in plan.all():
        if names.setdefault(account.number, account.name) != account.name:
            raise invalid(
                "account-named-twice",
                f"The account {account.number} has two names, '{names[account.number]}' and '{account.name}'. Give it "
                "the same one wherever it is used.",
                rule="INV-7",
                account=account.number,
                names=[names[account.number], account.name],
            )


def _check_once(field: str, named: Sequence[str | int]) -> None:
    twice = next((each for each in named if named.count(each) > 1), None)
    if twice is not None:
        raise invalid(
            "account-given-twice",
            "Each kind of product and each rate of VAT has one account. Leave one of the two out.",
            rule="INV-7",
            field=field,
            twice=twice,
        )
