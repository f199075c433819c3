"""Bills subscriptions period by period, on each organisation's calendar, shared by all workers (CON-21).

Before a term renews, its client is informed: the same work, so that what is due first of a contract is done first.

A contract says from which day its next period is billed (``Contract.bill_on``). The period is added in a transaction
that compares the version of the contract, whose state has the number of its last period: so whatever is killed, and
however many workers look, each number is billed once. A subscription that is far behind gets its periods one by one,
each in a transaction of its own.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import Aside, all_or_each, rounds
from carnet.events.subscriptions import SubscriptionRenewalAnnounced
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.observe import log
from carnet.organisations import ORGANISATIONS, Organisation, all_organisations, by_day, context_for
from contracts.contracts.domain.renewals import announce_or_bill
from contracts.contracts.store import CONTRACTS, TO_ANNOUNCE, TO_BILL, count_to_bill, those_due, to_bill
from contracts.subscriptions.measures import PERIODS_BILLED, PERIODS_DUE
from contracts.subscriptions.store import to_announce

AT_ONCE = 50
"""How many subscriptions of an organisation one transaction bills, a period of each."""

PERIODS_AT_ONCE = 300
"""How many periods these have together at most, if there is more than one: each is a line that is read and written."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing due."""

COUNTED_EVERY = 15.0
"""Seconds between two counts of what is due."""

ACTOR = Actor("service", "contracts")

Finding = Callable[..., Awaitable[Mapping[str, int]]]
"""Finds the contracts of an organisation of which something is due by a day, each with the number of its periods."""

Done = Literal["billed", "announced"] | None
"""What was done of a contract; None if nothing was due any more."""


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
        """Bill a period of some subscriptions of each organisation, or announce a renewal; returns how many.

        Which organisations have something due is asked once for all of them.
        """
        organisations, now = await all_organisations(self._database), utc_now()
        todays = by_day(organisations, lambda each: each.today(now))
        notices = by_day(organisations, lambda each: _announced_until(each, now))
        await self._count(todays)
        if not slots:
            return 0
        billing = await those_due(self._database, "bill_on", TO_BILL, todays)
        announcing = await those_due(self._database, "renews_on", TO_ANNOUNCE, notices)
        billed = 0
        for organisation in organisations:
            if stopping.is_set():
                break
            due = dict[str, int]()
            if organisation.id in billing:
                due |= await self._due(to_bill, organisation, organisation.today(now), slots)
            if organisation.id in announcing:
                due |= await self._due(to_announce, organisation, _announced_until(organisation, now), slots)
            if due:
                billed += await self._bill(organisation.id, small_enough(due))
        return billed

    async def _due(
        self, find: Finding, organisation: Organisation, until: date | None, slots: frozenset[int]
    ) -> Mapping[str, int]:
        if until is None:
            return {}
        return await find(self._database, organisation.id, until, slots, but=self._aside.now, limit=AT_ONCE)

    async def _bill(self, organisation: str, contracts: Sequence[str]) -> int:
        """Bill a period of each; one at fault is left alone for a while, and the others go on."""

        async def bill(some: Sequence[str]) -> Sequence[Done]:
            return await transact(self._database, lambda unit: _bill_all(unit, organisation, some))

        done = [each for some in await all_or_each(contracts, bill, self._leave_alone) for each in some]
        PERIODS_BILLED.inc(sum(each == "billed" for each in done))
        return sum(each is not None for each in done)

    async def _leave_alone(self, contract: str) -> Sequence[Done]:
        log.exception("a subscription could not be billed", contract=contract)
        self._aside.put(contract)
        return ()

    async def _count(self, todays: Mapping[date, Sequence[str]]) -> None:
        if time.monotonic() - self._counted_at < COUNTED_EVERY:
            return
        self._counted_at = time.monotonic()
        PERIODS_DUE.set(await count_to_bill(self._database, todays))


async def _bill_all(unit: Unit, organisation: str, contracts: Sequence[str]) -> list[Done]:
    await unit.load(CONTRACTS, contracts)
    await unit.load(ORGANISATIONS, [organisation])
    with unit.piece(organisation):
        return [await _bill_one(unit, organisation, contract) for contract in contracts]


async def _bill_one(unit: Unit, organisation: str, contract_id: str) -> Done:
    contract = unit.get(CONTRACTS, contract_id)
    if contract is None:
        return None
    context = await context_for(unit, organisation, ACTOR)
    profile = unit.get(ORGANISATIONS, organisation)
    decision = announce_or_bill(contract, profile.renewal_notice_days if profile else None, context)
    if decision.state == contract:
        return None
    if not decision.events:
        unit.put(CONTRACTS, decision.state)
        return "announced"
    unit.decide(CONTRACTS, decision, context)
    return "announced" if isinstance(decision.events[0], SubscriptionRenewalAnnounced) else "billed"


def small_enough(due: Mapping[str, int]) -> Sequence[str]:
    """The first of these contracts that have so few periods together that one transaction bills them: one at least.

    So what a worker holds in memory does not grow with the age of subscriptions.
    """
    chosen, periods = list[str](), 0
    for contract, added in due.items():
        periods += added
        if chosen and periods > PERIODS_AT_ONCE:
            break
        chosen.append(contract)
    return chosen


def _announced_until(organisation: Organisation, now: datetime) -> date | None:
    """Renewals until that day are announced today; None if the organisation informs nobody."""
    days = organisation.renewal_notice_days
    return None if days is None else organisation.today(now) + timedelta(days=days)
