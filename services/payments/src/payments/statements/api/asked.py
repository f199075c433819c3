"""Which statement a request asks for, read on one snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from fastapi import Depends, Query

from carnet.dates import Day
from carnet.decisions import Context
from carnet.http import Call
from carnet.mongo import Unit
from carnet.organisations import Organisation, organisation_of
from carnet.refusals import invalid
from payments.access import known_account
from payments.accounts.domain import Account
from payments.accounts.store import ACCOUNTS
from payments.statements.domain import Statement, statement
from payments.statements.store import contracts_of, deposits_of, movements_of


@dataclass(frozen=True, slots=True)
class Read:
    """A statement, with the account and the organisation that it is of."""

    account: Account
    organisation: Organisation
    statement: Statement
    numbers: Mapping[str, str | None]
    """The numbers of the contracts, by their ids."""
    today: date


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a statement, both included."""

    since: date | None
    until: date | None

    @classmethod
    def of(cls, since: date | None, until: date | None) -> Self:
        """Raises ``dates-reversed`` where it ends before it begins."""
        if since is not None and until is not None and until < since:
            raise invalid(
                "dates-reversed",
                "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
                **{"from": since.isoformat(), "until": until.isoformat()},
            )
        return cls(since, until)


def _period(
    since: Annotated[
        Day | None, Query(alias="from", description="The first day; from the beginning where it is left out.")
    ] = None,
    until: Annotated[Day | None, Query(description="The last day; today, the organisation's, where left out.")] = None,
) -> Period:
    return Period.of(since, until)


PeriodAsked = Annotated[Period, Depends(_period)]


async def read_statement(call: Call, account: str, period: Period) -> Read:
    """The statement of an account (PAY-16); a client's is its own account's (ORG-2).

    Raises ``unknown-account``.
    """
    await known_account(call, account)

    async def work(unit: Unit, context: Context) -> Read:
        return await statement_in(unit, account, period, context.today)

    return await call.preview(work)


async def statement_in(
    unit: Unit, account: str, period: Period, today: date, *, entered_by: datetime | None = None
) -> Read:
    """The same on the snapshot of a unit of work; ``today`` is the organisation's.

    With ``entered_by``, an instant, as it was then. Raises ``unknown-account``.
    """
    known = await unit.one(ACCOUNTS, account, what="account")
    organisation = await organisation_of(unit, unit.organisation)
    numbers = await contracts_of(unit, account)
    moved = [*await movements_of(unit, numbers), *await deposits_of(unit, account)]
    read = statement(moved, period.since, period.until or today, entered_by=entered_by)
    return Read(known, organisation, read, numbers, today)
