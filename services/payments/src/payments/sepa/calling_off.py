"""The timed work of a worker: families are informed of announced debits that were called off (PAY-18)."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import rounds
from carnet.generation import database_state
from carnet.leases import Leases
from carnet.mongo import Database, Unit, transact
from carnet.organisations import context_for
from payments.sepa.domain.announcing import inform
from payments.sepa.store.mandates import MANDATES, keep_announced, mandates_to_inform

AT_ONCE = 200
"""How many mandates one look finds."""

IDLE_SECONDS = 15.0
"""The time between two looks: families are informed about an hour after a remittance was taken back, by this much
earlier or later."""


class CallingOff:
    """Informs the families of the mandates in the slots held; each once, whatever is killed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Inform until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots), what="informing of debits called off", idle=IDLE_SECONDS,
            stopping=stopping,
        )  # fmt: skip

    async def round(self, slots: frozenset[int]) -> int:
        """Inform some families; returns how many. None while collecting is held after a restore."""
        mine: Mapping[str, list[str]] = defaultdict(list)
        for mandate, organisation in await mandates_to_inform(self._database, slots, utc_now(), AT_ONCE):
            mine[organisation].append(mandate)
        if not mine or (await database_state(self._database)).collecting_held is not None:
            return 0
        return sum([await self._of(organisation, mandates) for organisation, mandates in mine.items()])

    async def _of(self, organisation: str, mandates: Sequence[str]) -> int:
        async def work(unit: Unit) -> int:
            with unit.piece(organisation):
                await unit.load(MANDATES, mandates)
                context = await context_for(unit, organisation, Actor("service", "payments"))
                for id_ in mandates:
                    mandate = unit.get(MANDATES, id_)
                    if mandate is not None and mandate.inform_at is not None and mandate.inform_at <= context.now:
                        keep_announced(unit, inform(mandate, context), context)
                return len(mandates)

        return await transact(self._database, work)
