"""Bills subscriptions period by period, on each organisation's calendar, shared by all workers (CON-21).

A contract says from which day its next period is billed (``Contract.bill_on``). The period is added in a transaction
that compares the version of the contract, whose state has the number of its last period: so whatever is killed, and
however many workers look, each number is billed once. A subscription that is far behind gets its periods one by one,
each in a transaction of its own.
"""

import asyncio
import time
from collections.abc import Sequence

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import Aside, rounds
from carnet.leases import Leases
from carnet.mongo import Database, Unit, is_transient, transact
from carnet.observe import log
from carnet.organisations import ORGANISATIONS, Organisation, context_for
from contracts.contracts.domain.subscriptions import bill_next
from contracts.contracts.store import CONTRACTS, count_to_bill, to_bill
from contracts.subscriptions.measures import PERIODS_BILLED, PERIODS_DUE

AT_ONCE = 50
"""How many subscriptions of an organisation one transaction bills, a period of each."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing due."""

COUNTED_EVERY = 15.0
"""Seconds between two counts of what is due."""

ACTOR = Actor("service", "contracts")


class Biller:
    """The timed work of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._aside = Aside()
        self._counted_at = -COUNTED_EVERY

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Bill what is due in the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots, stopping),
            what="billing subscriptions",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(CONTRACTS.name, ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int], stopping: asyncio.Event) -> int:
        """Bill one period of some subscriptions of each organisation; returns how many periods."""
        found = await self._database[ORGANISATIONS.name].find().to_list(None)
        organisations = [ORGANISATIONS.read(document) for document in found]
        await self._count(organisations)
        billed = 0
        for organisation in organisations if slots else ():
            if stopping.is_set():
                break
            today = organisation.today(utc_now())
            due = await to_bill(self._database, organisation.id, today, slots, but=self._aside.now, limit=AT_ONCE)
            if due:
                billed += await self._bill(organisation.id, due)
        return billed

    async def _bill(self, organisation: str, contracts: Sequence[str]) -> int:
        """Bill a period of each; one at fault is left alone for a while, and the others go on."""
        try:
            billed = await transact(self._database, lambda unit: self._bill_all(unit, organisation, contracts))
        except Exception as error:
            if is_transient(error):
                raise
            if len(contracts) == 1:
                self._leave_alone(contracts[0])
                return 0
            return sum([await self._bill(organisation, [contract]) for contract in contracts])
        PERIODS_BILLED.inc(billed)
        return billed

    async def _bill_all(self, unit: Unit, organisation: str, contracts: Sequence[str]) -> int:
        await unit.load(CONTRACTS, contracts)
        await unit.load(ORGANISATIONS, [organisation])
        return sum([await self._bill_one(unit, organisation, contract) for contract in contracts])

    async def _bill_one(self, unit: Unit, organisation: str, contract_id: str) -> bool:
        try:
            with unit.piece(organisation):
                contract = unit.get(CONTRACTS, contract_id)
                if contract is None:
                    return False
                context = await context_for(unit, organisation, ACTOR)
                decision = bill_next(contract, context)
                unit.decide(CONTRACTS, decision, context)
                return bool(decision.events)
        except Exception as error:
            if is_transient(error):
                raise
            self._leave_alone(contract_id)
            return False

    def _leave_alone(self, contract: str) -> None:
        log.exception("a subscription could not be billed", contract=contract)
        self._aside.put(contract)

    async def _count(self, organisations: Sequence[Organisation]) -> None:
        if time.monotonic() - self._counted_at < COUNTED_EVERY:
            return
        self._counted_at = time.monotonic()
        now = utc_now()
        counts = [await count_to_bill(self._database, each.id, each.today(now)) for each in organisations]
        PERIODS_DUE.set(sum(counts))
