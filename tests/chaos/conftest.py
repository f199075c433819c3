"""A suite to break: servers of its own, the workers of all services, a school at work, and the proof."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from carnet.mongo.kit import MARKS
from carnet_operations.verify.reading import Databases
from carnet_suite.servers import Servers
from carnet_suite.servers.mongodb import TRANSACTION_LIFETIME_S
from tests.chaos.crew import Crew
from tests.chaos.load import Load, eventually
from tests.chaos.proof import Proof
from tests.chaos.size import SIZE
from tests.servers import sweep


@dataclass(frozen=True)
class Broken:
    """All that a test of chaos has in hand. No worker runs yet."""

    servers: Servers
    crew: Crew
    load: Load
    proof: Proof

    @asynccontextmanager
    async def batches_under_way(self) -> AsyncIterator[None]:
        """In the block each worker that reacts is at a batch that it can't save, and at nothing else.

        Another writer has the marks that they have to move; what it does is undone at the end.
        """
        contract, product = await self.load.bait()
        marks = {
            "contracts": f"catalog.products:{product}",
            **dict.fromkeys(("payments", "credits", "notifications"), f"contracts.contracts:{contract}"),
        }
        await self.proof.settled()
        reset_lifetime(self.servers.mongo_url, TRANSACTION_LIFETIME_S)
        databases = self.load.world.databases
        client = databases["contracts"].client
        async with await client.start_session() as session:
            session.start_transaction()
            for service, mark in marks.items():
                held = client[databases[service].name][MARKS]
                await held.update_one({"_id": mark}, {"$set": {"held": True}}, session=session)
            reset_lifetime(self.servers.mongo_url, HASTY_LIFETIME_S)
            await self.load.take_bait(product)
            await eventually(self._all_wait, "each of them waits")
            yield
            await session.abort_transaction()

    async def _all_wait(self) -> bool:
        workers = self.crew.workers.values()
        return all(worker.has_logged("a batch waits") for worker in workers if worker.process.service != "catalog")

    async def proven(self) -> None:
        """Everything comes to rest, the workers end well, and nothing is lost, doubled or out of order."""
        await self.crew.ready()
        async with self.crew.supervised():
            await self.proof.holds(self.load.paid)
        await self.crew.stop()


HASTY_LIFETIME_S = TRANSACTION_LIFETIME_S if SIZE.long else 3
"""Short, so that few seconds are lost by each kill; what the long form does in one transaction may take longer."""


def reset_lifetime(url: str, seconds: int) -> None:
    with MongoClient[dict[str, Any]](url) as client:
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=seconds)


@pytest.fixture(scope="module")
def hasty_servers(breakable_servers: Servers) -> Iterator[Servers]:
    """Servers on which the transaction of a killed worker holds its locks for few seconds only, in the short form."""
    reset_lifetime(breakable_servers.mongo_url, HASTY_LIFETIME_S)
    yield breakable_servers
    reset_lifetime(breakable_servers.mongo_url, TRANSACTION_LIFETIME_S)


@pytest.fixture
async def suite(hasty_servers: Servers, tmp_path: Path) -> AsyncIterator[Broken]:
    servers, namespace = hasty_servers, f"tx{secrets.token_hex(4)}"
    load = Load(servers, namespace)
    await load.world.open()
    databases = Databases(load.world.databases)
    crew = Crew(servers, namespace, tmp_path, databases)
    try:
        yield Broken(servers, crew, load, Proof(servers, namespace, databases))
    finally:
        await crew.end()
        await load.world.close()
        await sweep(servers, namespace)
