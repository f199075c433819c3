"""Transactions: a unit of work run in one, again on a conflict; and a decision without the save."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from carnet.mongo.database import Database
from carnet.mongo.faults import BusyError
from carnet.mongo.units import Unit

R = TypeVar("R")

PATIENCE = 5.0
"""Seconds after which a transaction that meets conflict after conflict is given up."""

COMMITTED_WITHIN = 120.0
"""Seconds for which a commit of unknown outcome is tried again: as long as the driver does."""


async def transact(database: Database, work: Callable[[Unit], Awaitable[R]], *, patience: float | None = None) -> R:
    """Run ``work`` in one transaction and write what it saved; nothing is written where it raises.

    It runs again on a write conflict, with growing, jittered waits, for at most ``patience``
    seconds (``PATIENCE``); so it must have no effect outside its unit. Raises ``BusyError`` after that.
    """
    started = time.monotonic()
    attempt = 0
    written: set[str] = set()

    async def body(session: AsyncIOMotorClientSession) -> R:
        nonlocal attempt, written
        if attempt:
            if time.monotonic() - started > (PATIENCE if patience is None else patience):
                raise BusyError("the same documents are being changed again and again; nothing has changed, try again")
            await asyncio.sleep(random.uniform(0, min(0.002 * 2**attempt, 0.2)))
        attempt += 1
        unit = Unit(database, session)
        result = await work(unit)
        await unit.flush(patience=COMMITTED_WITHIN)  # the driver commits only what was not written to
        written = unit.written
        return result

    async with database.session() as session:
        result: R = await session.with_transaction(
            body,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority"),
            max_commit_time_ms=int(PATIENCE * 1000),
        )
    database.changes.announce(written)
    return result


async def look(database: Database, work: Callable[[Unit], Awaitable[R]]) -> R:
    """Run ``work`` on one snapshot and throw away what it saved: a decision without the save (CON-3)."""
    async with database.session() as session:
        session.start_transaction(read_concern=ReadConcern("snapshot"))
        try:
            return await work(Unit(database, session))
        finally:
            await session.abort_transaction()
