"""The timed work of a worker: gifts are sent on the day that the buyer chose, on the organisation's clock (CRE-8).

A voucher or a gift card is sent, and that it was sent is kept, in one transaction: so it goes once whatever is killed.
A gift whose sale is not paid any more waits until it is paid again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import rounds
from carnet.leases import Leases
from carnet.mongo import Collection, Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation, context_for, organisations_in
from credits.domain.sending import send_card, send_voucher
from credits.store import CREDITS, SELLING, VOUCHERS, gifts_waiting

AT_ONCE = 100
"""How many gifts one look finds of a kind, and one transaction sends."""

IDLE_SECONDS = 1.0
"""The shortest time between two looks after one that found nothing."""

FROM_HOUR = 8
"""The hour of the organisation's day from which gifts are sent."""


class GiftSending:
    """Sends the gift vouchers and gift cards whose day has come, of the organisations in the slots held."""

    def __init__(self, database: Database, *, at_once: int = AT_ONCE) -> None:
        self._database = database
        self._at_once = at_once

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Send until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots),
            what="sending of gifts",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(ORGANISATIONS.name),
        )

    async def round(self, slots: frozenset[int]) -> int:
        """Send what is to be sent today; returns how many were."""
        if not slots:
            return 0
        organisations = {each.id: each for each in await organisations_in(self._database, slots)}
        if not organisations:
            return 0
        return sum([await self._all(each, organisations) for each in (VOUCHERS, CREDITS)])

    async def _all(self, collection: Collection[Any], organisations: dict[str, Organisation]) -> int:
        now = utc_now()
        until = max(each.local(now).date() for each in organisations.values())
        sent, after = 0, None
        while found := await gifts_waiting(self._database, collection.name, until, after=after, limit=self._at_once):
            after = found[-1][:2]
            due = defaultdict[str, list[str]](list)
            for day, id_, organisation in found:
                known = organisations.get(organisation)
                if known is not None and _has_come(day, known.local(now)):
                    due[organisation].append(id_)
            for organisation, ids in due.items():
                sent += await self._send(organisation, collection, ids)
        return sent

    async def _send(self, organisation: str, collection: Collection[Any], ids: Sequence[str]) -> int:
        async def work(unit: Unit) -> int:
            with unit.piece(organisation):
                return await _send_all(unit, organisation, collection, ids)

        return await transact(self._database, work)


def _has_come(day: str, local: datetime) -> bool:
    """Whether it is that day, from the hour on, or later."""
    today = local.date().isoformat()
    return day < today or (day == today and local.hour >= FROM_HOUR)


async def _send_all(unit: Unit, organisation: str, collection: Collection[Any], ids: Sequence[str]) -> int:
    context = await context_for(unit, organisation, Actor("service", "credits"))
    await unit.load(collection, ids)
    gifts = [gift for id_ in ids if (gift := unit.get(collection, id_)) is not None]
    await unit.load(SELLING, {gift.contract for gift in gifts if gift.contract})
    sent = 0
    for gift in gifts:
        selling = unit.get(SELLING, gift.contract) if gift.contract else None
        if selling is not None and selling.reopened_on is not None:
            continue
        decision = send_voucher(gift, context.today) if collection is VOUCHERS else send_card(gift, context.today)
        if decision is not None:
            unit.decide(collection, decision, context)
            sent += 1
    return sent
