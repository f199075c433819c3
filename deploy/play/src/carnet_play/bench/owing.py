"""Schedules of a school's families as payments keeps them, put straight into its database."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from carnet.decisions import Context
from carnet.events.contracts import ContractTerms, OnSite
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet.organisations import ORGANISATIONS
from carnet_play.bench.stage import PRICE, School
from payments.accounts.domain import Account
from payments.accounts.store import ACCOUNTS
from payments.collections import COLLECTIONS
from payments.receipts.domain.receiving import Received
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.decisions import open_schedule, record_payment
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.store import SCHEDULES, save

T = TypeVar("T")
AT_ONCE = 200


class Families:
    """Families that each bought something on site: all of it is due on no date."""

    def __init__(self, database: Database, school: School) -> None:
        self.database = database
        self.school = school

    async def buy(self, count: int, account: str | None = None) -> list[str]:
        """So many contracts, each of another account, or all of one; their ids."""
        await self.database.prepare(COLLECTIONS)
        bought = [new_id() for _ in range(count)]
        for page in pages(bought):
            await self.each(page, lambda unit, contract, context: self._opened(unit, contract, account, context))
        return bought

    def _opened(self, unit: Unit, contract: str, account: str | None, context: Context) -> None:
        whose = account or new_id()
        organisation = self.school.organisation
        terms = ContractTerms(total=PRICE, live_lines=1, version=1)
        opening = Opening(contract, organisation, whose, "on_site", OnSite(), "EUR", terms)
        unit.put(ORGANISATIONS, self.school.known)
        unit.put(ACCOUNTS, Account(id=whose, organisation=organisation, language="fr"))
        save(unit, open_schedule(opening, context), context)

    async def pay(self, contracts: Sequence[str], amount: int = PRICE) -> None:
        """Each of these contracts is paid so much."""
        for page in pages(contracts):
            await self.each(page, lambda unit, contract, context: _paid(unit, contract, amount, context))

    async def each(self, contracts: Sequence[str], do: Callable[[Unit, str, Context], None]) -> None:
        """Do something with each of these schedules, in one transaction."""

        async def work(unit: Unit) -> None:
            with unit.piece(self.school.organisation):
                await unit.load(SCHEDULES, contracts)
                for contract in contracts:
                    do(unit, contract, self.school.context())

        await transact(self.database, work)


def pages(ids: Sequence[T]) -> list[Sequence[T]]:
    """These ids, so many at once as one transaction takes."""
    return [ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)]


def _paid(unit: Unit, contract: str, amount: int, context: Context) -> None:
    schedule, payment = known(unit, contract), new_id()
    received = Received(amount, "transfer", context.today)
    unit.put(PAYMENTS, received.recorded(payment, schedule, context.now, "bench"))
    save(unit, record_payment(schedule, received, payment, context), context)


def known(unit: Unit, contract: str) -> Schedule:
    """A schedule that was loaded before."""
    schedule = unit.get(SCHEDULES, contract)
    if schedule is None:
        raise LookupError(contract)
    return schedule


async def must_be(database: Database, collection: str, count: int) -> None:
    """Raise ``RuntimeError`` unless there are so many documents: what was measured did not do its work."""
    found = await database[collection].count_documents({})
    if found != count:
        raise RuntimeError(f"{collection} has {found} documents, and not {count}")
