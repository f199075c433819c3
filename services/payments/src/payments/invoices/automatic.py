"""Invoices made automatically once a contract is paid, and in bulk (INV-1, INV-5)."""

import asyncio
from collections.abc import Sequence

from carnet.decisions import Actor, Context
from carnet.due import Aside, all_or_each, rounds
from carnet.jobs import Job, JobKind
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.observe import log
from carnet.organisations import context_for
from carnet.refusals import Refusal, unknown
from payments.invoices.domain.requests import ask
from payments.invoices.domain.settings import InvoiceSettings, settings_id
from payments.invoices.store import (
    INVOICE_SETTINGS,
    count_to_invoice,
    invoiced_by_themselves,
    keep_asked,
    paid_since,
    settings_in,
    to_invoice,
)
from payments.schedules.store import SCHEDULES

AT_ONCE = 100
"""How many contracts of an organisation one transaction asks for."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""


class Invoicer:
    """The timed work of a worker: asks for the invoices of contracts that became paid."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._aside = Aside()

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Ask for what is due in the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="invoicing what is paid",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(SCHEDULES.name, INVOICE_SETTINGS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Ask for some invoices of each organisation that wants them automatically; returns how many."""
        asked = 0
        for settings in await invoiced_by_themselves(self._database) if slots else ():
            asked += await self._of(settings, slots)
        return asked

    async def _of(self, settings: InvoiceSettings, slots: frozenset[int]) -> int:
        if settings.automatic_since is None:
            return 0
        organisation, since = settings.organisation, settings.automatic_since
        found = await paid_since(self._database, organisation, since, slots, but=self._aside.now, limit=AT_ONCE)
        if not found:
            return 0

        async def ask_for(some: Sequence[str]) -> int:
            return await transact(self._database, lambda unit: _ask_all(unit, organisation, some))

        return sum(await all_or_each(found, ask_for, self._leave_alone))

    async def _leave_alone(self, contract: str) -> int:
        log.exception("the invoice of a contract could not be asked for", contract=contract)
        self._aside.put(contract)
        return 0


async def _ask_all(unit: Unit, organisation: str, contracts: Sequence[str]) -> int:
    with unit.piece(organisation):
        await _load(unit, organisation, contracts)
        context = await context_for(unit, organisation, Actor("service", "payments"))
        asked = 0
        for contract in contracts:
            try:
                _ask(unit, organisation, contract, context)
            except Refusal:
                continue  # it has changed since it was found
            asked += 1
        return asked


async def _load(unit: Unit, organisation: str, contracts: Sequence[str]) -> None:
    await unit.load(SCHEDULES, contracts)
    await unit.load(INVOICE_SETTINGS, [settings_id(organisation)])


def _ask(unit: Unit, organisation: str, contract: str, context: Context, job: str | None = None) -> None:
    """Ask for the invoice of all that has none, but for what a credit note took: a person asks for that (INV-3)."""
    schedule = unit.get(SCHEDULES, contract)
    if schedule is None:
        raise unknown("schedule", contract)
    left_out = schedule.invoicing.credited
    decision, request = ask(schedule, settings_in(unit, organisation), context, left_out=left_out, job=job)
    keep_asked(unit, decision, request, context)


async def _items(database: Database, job: Job, after: str | None, limit: int) -> Sequence[str]:
    return await to_invoice(database, job.organisation, after=after, limit=limit)


async def _count(database: Database, job: Job) -> int:
    return await count_to_invoice(database, job.organisation)


async def _load_items(unit: Unit, job: Job, contracts: Sequence[str]) -> None:
    await _load(unit, job.organisation, contracts)


def _do(unit: Unit, job: Job, contract: str, context: Context) -> None:
    _ask(unit, job.organisation, contract, context, job.id)


INVOICING = JobKind("issue-invoices", items=_items, count=_count, load=_load_items, do=_do)
"""Asks for the invoices of all contracts with something paid that no invoice bears."""
