"""In whatever order a service reads several topics, it ends with the same documents, and parks nothing.

Only the order within an aggregate is promised: an event that comes early is neither parked nor waited
for. The events are those of a whole season, made by the services' own decisions.
"""

import random
import re
import secrets
from collections.abc import AsyncIterator, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby, permutations
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from carnet.batches import Batches
from carnet.mongo import Database, Document
from carnet_operations.verify.published.topics import partitions_of
from carnet_suite.servers import Servers
from tests.integration.verify.plot import Plot
from tests.integration.verify.world import World, collections_of
from tests.servers import open_database, sweep

Record = ConsumerRecord[bytes, bytes]

SERVICES = ("contracts", "payments", "credits", "notifications")
INTERLEAVINGS = 4
LARGEST_BATCH = 12

BY_ORDER = {
    # How often a mail met an erasure only makes two writers collide: a mail made after one has met none.
    "notifications.mails": {"erasures"},
    # A credit is granted by whichever event comes last, of contracts or of payments: the journal says which.
    "credits.journal": {"causation", "change", "request"},
}
"""What shows in which order things were handled, by collection: all else is the same."""

_FRESH_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def tables_of(service: str) -> Mapping[str, Any]:
    return {table.topic.name: table for table in import_module(f"{service}.reactions").REACTIONS}


PAIRS = [(service, *pair) for service in SERVICES for pair in permutations(sorted(tables_of(service)), 2)]


@dataclass(frozen=True)
class Season:
    """What was published on every topic, as it happened."""

    published: Sequence[Record]
    namespace: str

    def on(self, topics: Iterable[str]) -> list[Record]:
        wanted = {self.namespace + topic for topic in topics}
        return [record for record in self.published if record.topic in wanted]

    @property
    def ids(self) -> set[str]:
        """Every id that the events name: those that a reaction makes itself are others."""
        return {
            found
            for record in self.published
            for text in (record.value or b"", *(value for _, value in record.headers))
            for found in _FRESH_ID.findall(text.decode())
        }


@dataclass(frozen=True)
class Replay:
    """A service's database and tables, fed with what is given."""

    service: str
    database: Database

    async def of(self, records: Sequence[Record], season: Season) -> dict[str, list[str]]:
        """What the service keeps once it has handled ``records``, and nothing before them."""
        for name in await self.database.motor.list_collection_names():
            await self.database[name].delete_many({})
        tables = tables_of(self.service)
        batches = {
            season.namespace + topic: Batches(self.service, self.database, table) for topic, table in tables.items()
        }
        for topic, run in groupby(records, key=lambda record: record.topic):
            await batches[topic].apply(list(run))
        return await self._kept(season.ids)

    async def _kept(self, known: set[str]) -> dict[str, list[str]]:
        """Every document by its collection, with what is made afresh each time left out."""
        names = await self.database.motor.list_collection_names()
        found = {name: await self.database[name].find().to_list(None) for name in names}
        return {
            name: sorted(
                repr(_lasting(_without(document, BY_ORDER.get(f"{self.service}.{name}", ())), known))
                for document in _comparable(name, documents, found)
            )
            for name, documents in found.items()
        }


def _comparable(
    name: str, documents: Sequence[Document], found: Mapping[str, Sequence[Document]]
) -> Sequence[Document]:
    """A credit that was removed is as good as none: payment and cancellation come by two topics (CRE-2, CRE-4)."""
    removed = {credit["_id"] for credit in found.get("credits", ()) if credit["status"] == "removed"}
    place = {"credits": "_id", "entries": "credit", "journal": "aggregate"}.get(name, "_id")
    return [document for document in documents if document[place] not in removed]


def _without(document: Document, fields: Container[str]) -> Document:
    return {name: value for name, value in document.items() if name not in fields}


def _lasting(value: Any, known: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(part, known) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [_lasting(part, known) for part in value]
    if isinstance(value, str):
        kept = _FRESH_ID.sub(lambda match: match[0] if match[0] in known else "fresh", value)
        return _INSTANT.sub("instant", kept)
    return value


@pytest.fixture(scope="module")
async def season(servers: Servers) -> AsyncIterator[Season]:
    world = World(servers, f"to{secrets.token_hex(4)}")
    try:
        await world.open()
        await Plot(world).play()
        yield Season(await _everything(world), world.namespace)
    finally:
        await world.close()
        await sweep(servers, world.namespace)


async def _everything(world: World) -> list[Record]:
    """All records of topics that a service follows, by the time of their decision; an aggregate's stay in order."""
    topics = [world.namespace + topic for topic in {topic for service in SERVICES for topic in tables_of(service)}]
    bootstrap = world.servers.kafka_bootstrap
    partitions = [each for group in (await partitions_of(bootstrap, topics)).values() for each in group]
    published: list[Record] = []
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(each) < end for each, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                published.extend(batch)
    return sorted(published, key=lambda record: dict(record.headers)["ce_time"])


@dataclass(frozen=True)
class Services:
    """Every service that follows something, beside what it keeps where it handles everything as it happened."""

    season: Season
    replays: Mapping[str, Replay]
    expected: Mapping[str, dict[str, list[str]]]

    async def keep_the_same(self, service: str, records: Sequence[Record]) -> None:
        kept = await self.replays[service].of(records, self.season)
        expected = self.expected[service]
        assert kept["parked"] == []
        assert kept.keys() == expected.keys()
        for collection, documents in expected.items():
            assert kept[collection] == documents, collection


@pytest.fixture(scope="module")
async def services(servers: Servers, season: Season) -> AsyncIterator[Services]:
    namespace = f"to{secrets.token_hex(4)}"
    databases = {name: open_database(servers, f"{namespace}carnet_{name}") for name in SERVICES}
    for service, database in databases.items():
        await database.prepare(collections_of(service))
    replays = {service: Replay(service, database) for service, database in databases.items()}
    expected = {name: await replay.of(season.on(tables_of(name)), season) for name, replay in replays.items()}
    yield Services(season, replays, expected)
    for database in databases.values():
        database.close()
    await sweep(servers, namespace)


def interleaved(records: Sequence[Record], dice: random.Random) -> list[Record]:
    """The records in handfuls of one topic or another, each topic in its order."""
    left: dict[str, list[Record]] = {}
    for record in records:
        left.setdefault(record.topic, []).append(record)
    mixed: list[Record] = []
    while left:
        topic = dice.choice(sorted(left))
        count = dice.randint(1, LARGEST_BATCH)
        mixed += left[topic][:count]
        left[topic] = left[topic][count:]
        if not left[topic]:
            del left[topic]
    return mixed


def test_the_season_publishes_something_on_every_topic(season: Season) -> None:
    for service in SERVICES:
        for topic in tables_of(service):
            assert season.on([topic]), topic


@pytest.mark.parametrize(("service", "first", "second"), PAIRS)
async def test_both_orders_of_two_topics_lead_to_the_same(
    services: Services, service: str, first: str, second: str
) -> None:
    published = services.season
    others = [topic for topic in tables_of(service) if topic not in (first, second)]
    await services.keep_the_same(service, [*published.on([first]), *published.on([second]), *published.on(others)])


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
@pytest.mark.parametrize("service", SERVICES)
async def test_any_mixture_of_topics_leads_to_the_same(services: Services, service: str, seed: int) -> None:
    published = services.season.on(tables_of(service))
    await services.keep_the_same(service, interleaved(published, random.Random(seed)))
