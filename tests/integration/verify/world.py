"""The five services without their processes: their own decisions, databases, relays and reactions, on real servers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar, cast

from carnet.batches import Batches
from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision, State
from carnet.ids import new_id
from carnet.journal import ROWS, SLOTS, JournalRow, Origin, coming_from
from carnet.leases import Leases
from carnet.mongo import Collection, Database, Unit, transact
from carnet.relay import Relay, record_of
from carnet.topics import make_topics
from carnet_operations.services import SERVICES
from carnet_suite.servers import Servers
from tests.records import Given
from tests.servers import open_database

S = TypeVar("S", bound=State)
EVERY_SLOT = frozenset(range(SLOTS))


class AllSlots:
    """The leases of a worker that is alone."""

    slots = EVERY_SLOT


@dataclass
class World:
    """Databases and topics of one namespace, worked by hand."""

    servers: Servers
    namespace: str
    organisation: str = field(default_factory=new_id)
    databases: dict[str, Database] = field(default_factory=dict)
    _relays: dict[str, Relay] = field(default_factory=dict)
    _batches: list[tuple[str, str, Batches]] = field(default_factory=list)
    _received: dict[tuple[str, str], str] = field(default_factory=dict)

    async def open(self) -> None:
        """Make everything that the services expect to be there."""
        await make_topics(self.servers.kafka_bootstrap, self.namespace)
        for service in SERVICES:
            database = open_database(self.servers, f"{self.namespace}carnet_{service}")
            await database.prepare(collections_of(service))
            self.databases[service] = database
            leases = cast("Leases", AllSlots())
            self._relays[service] = Relay(database, leases, self.servers.kafka_bootstrap, self.namespace)
            for table in _tables(service):
                self._batches.append((table.topic.name, service, Batches(service, database, table)))

    async def close(self) -> None:
        for relay in self._relays.values():
            await relay.close()
        for database in self.databases.values():
            database.close()

    def context(self) -> Context:
        now = utc_now()
        return Context(now, now.date(), Actor("user", "tester"), new_id(), new_id)

    async def decide(
        self,
        service: str,
        collection: Collection[S],
        id_: str | None,
        deciding: Callable[[S | None, Context], Decision[S]],
        also: Callable[[Unit, S, Context], None] = lambda *_: None,
    ) -> S:
        """Decide on the state of that id, or on None, and save it as the service does."""

        async def work(unit: Unit) -> S:
            before = None
            if id_ is not None:
                await unit.load(collection, [id_])
                before = unit.get(collection, id_)
            context = self.context()
            after = unit.decide(collection, deciding(before, context), context)
            also(unit, after, context)
            return after

        with coming_from(Origin(request=new_id())):
            return await transact(self.databases[service], work)

    async def settle(self) -> None:
        """Publish everything and let every service react, until nothing is left to do."""
        while await self._react():
            pass
        stopping = asyncio.Event()
        stopping.set()  # a relay that is to stop publishes what is there, then returns
        await asyncio.gather(*(relay.run(stopping) for relay in self._relays.values()))

    async def _react(self) -> int:
        """Each service receives what is new, straight from the journals, which is faster than from Kafka."""
        received = 0
        for topic, service, batches in self._batches:
            owner = topic.split(".", maxsplit=1)[0]
            after = self._received.get((topic, service), "")
            query = {"topic": topic, "_id": {"$gt": after}}
            rows = await self.databases[owner][ROWS].find(query).sort("_id", 1).to_list(None)
            if rows:
                await batches.apply([_given(topic, row) for row in rows])
                self._received[topic, service] = rows[-1]["_id"]
                received += len(rows)
        return received

    async def one(self, service: str, collection: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The one document that the query finds, or the first."""
        found = await self.databases[service][collection].find_one(dict(query or {}), sort=[("_id", 1)])
        assert found is not None, f"nothing in {service}.{collection} for {query}"
        return found


def collections_of(service: str) -> Sequence[Collection[Any]]:
    """The collections that a service keeps."""
    # Services of one subject have them in their store, the others beside it.
    place = "collections" if service in ("contracts", "payments") else "store"
    return cast("Sequence[Collection[Any]]", import_module(f"{service}.{place}").COLLECTIONS)


def _tables(service: str) -> Sequence[Any]:
    return () if service == "catalog" else cast("Sequence[Any]", import_module(f"{service}.reactions").REACTIONS)


def _given(topic: str, row: Mapping[str, Any]) -> Given:
    key, value, headers = record_of(cast("JournalRow", row))
    return Given(topic, 0, 0, key, value, headers)
