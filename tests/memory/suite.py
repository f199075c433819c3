"""Carnet in memory: the services' real APIs and reactions, on databases and a bus of memory, one thing at a time."""

import asyncio
import functools
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from carnet.auth import Principal
from carnet.batches import Batches
from carnet.http.calls import ContextOf, Wiring
from carnet.ids import new_id
from carnet.journal import ROWS
from carnet.mongo import Collection
from carnet.organisations import context_for
from carnet.reactions import Reactions
from carnet.settings import Settings
from catalog import app as catalog_app
from catalog import store as catalog_store
from catalog.api.access import context_for as catalog_context_for
from catalog.config import CatalogSettings
from contracts import app as contracts_app
from contracts import collections as contracts_collections
from contracts.config import ContractsSettings
from contracts.contracts import reactions as contracts_reactions
from contracts.peers import Peers
from credits import app as credits_app
from credits import collections as credits_collections
from credits import reactions as credits_reactions
from credits.config import CreditsSettings
from notifications import app as notifications_app
from notifications import reactions as notifications_reactions
from notifications import store as notifications_store
from notifications.config import NotificationsSettings
from payments import app as payments_app
from payments import collections as payments_collections
from payments import reactions as payments_reactions
from payments.config import PaymentsSettings
from tests.links import LINK_KEYS
from tests.memory.asking import Answer, Doorkeeper, ask
from tests.memory.bus import Bus, Lane, interleaved
from tests.memory.mongo import MemoryDatabase
from tests.memory.nature import LOOP, Nature
from tests.memory.store import CrashError, Documents, Interlude
from tests.records import Given
from tests.waits import BOUND

T = TypeVar("T")
NOWHERE: dict[str, Any] = {
    "mongo_url": "mongodb://nowhere",
    "kafka_bootstrap": "nowhere:1",
    "payments_url": "http://payments",
    "catalog_url": "http://catalog",
    "credits_url": "http://credits",
    "smtp_host": "nowhere",
    "mail_from": "ecole@example.org",
    "link_keys": LINK_KEYS,
    "public_url": "http://front",
}


@dataclass(frozen=True)
class Parts:
    """What a service is made of."""

    app: Any
    settings: type[Settings]
    collections: Iterable[Collection[Any]]
    reactions: Sequence[Reactions] = ()
    context: ContextOf = context_for


PARTS: Mapping[str, Parts] = {
    "catalog": Parts(catalog_app, CatalogSettings, catalog_store.COLLECTIONS, context=catalog_context_for),
    "contracts": Parts(
        contracts_app, ContractsSettings, contracts_collections.COLLECTIONS, contracts_reactions.REACTIONS
    ),
    "payments": Parts(payments_app, PaymentsSettings, payments_collections.COLLECTIONS, payments_reactions.REACTIONS),
    "credits": Parts(credits_app, CreditsSettings, credits_collections.COLLECTIONS, credits_reactions.REACTIONS),
    "notifications": Parts(
        notifications_app, NotificationsSettings, notifications_store.COLLECTIONS, notifications_reactions.REACTIONS
    ),
}


class ByHost(httpx.AsyncBaseTransport):
    """Brings what a service asks of another to that one: the host is its name."""

    def __init__(self, apis: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        self._apis = apis

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._apis[request.url.host].handle_async_request(request)


class Service:
    """One service: its API, its reactions and its database."""

    def __init__(self, name: str, parts: Parts) -> None:
        self.name = name
        self.api = _api(name)
        self.database = MemoryDatabase(f"carnet_{name}", parts.collections)
        self.batches = {table.topic.name: Batches(name, self.database, table) for table in parts.reactions}

    @property
    def journal(self) -> list[Any]:
        """The rows of its journal, in the order of their writing."""
        return list(self.database.documents(ROWS).values())


@functools.cache
def _api(name: str) -> FastAPI:
    """The API of a service, built once: a suite lends it its database."""
    parts = PARTS[name]
    api: FastAPI = parts.app.build_api(parts.settings(**NOWHERE))
    return api


@dataclass(frozen=True)
class Kept:
    """All that a suite knows at one moment, to begin again from there."""

    committed: Mapping[str, Mapping[str, Documents]]
    records: Mapping[Lane, Sequence[Given]]
    read: Mapping[tuple[str, Lane], int]
    offset: int
    now: datetime
    numbers: int


@dataclass
class Suite:
    """The services that have to agree. Everything that happens is asked for, and happens at once."""

    nature: Nature
    organisation: str = field(default_factory=new_id)
    bus: Bus = field(default_factory=Bus)
    services: dict[str, Service] = field(default_factory=dict)
    principals: dict[str, Principal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, parts in PARTS.items():
            service = self.services[name] = Service(name, parts)
            doorkeeper: Any = Doorkeeper(self.principals)
            service.api.state.carnet = Wiring(service.database, doorkeeper, parts.context)
        front = ByHost({name: httpx.ASGITransport(service.api) for name, service in self.services.items()})
        peers = Peers("http://payments", "http://catalog", "http://credits", front, seconds=BOUND)
        self.services["contracts"].api.state.peers = peers

    def kept(self) -> Kept:
        """What it knows now."""
        return Kept(
            committed={name: dict(service.database.store.committed) for name, service in self.services.items()},
            records={lane: tuple(records) for lane, records in self.bus.records.items()},
            read=dict(self.bus.read),
            offset=self.bus.offset,
            now=self.nature.now,
            numbers=self.nature.numbers,
        )

    def begin_from(self, kept: Kept) -> None:
        """Know what was kept, and nothing else."""
        for name, committed in kept.committed.items():
            self.services[name].database.store.committed = dict(committed)
        self.bus.records = {lane: list(records) for lane, records in kept.records.items()}
        self.bus.read = dict(kept.read)
        self.bus.offset = kept.offset
        self.nature.now, self.nature.numbers = kept.now, kept.numbers

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something and wait for its end."""
        return LOOP.run_until_complete(work)

    # Requests

    async def asked(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "staff",  # noqa: S107 # not a secret: the name of a principal
        version: int | None = None,
        key: str | None = None,
        request: str | None = None,
        meanwhile: bool = False,
    ) -> Answer:
        """The answer to a request. Where the process dies on the way, the caller sends the same request again.

        ``meanwhile`` everything published is handled: so that what a request waits for comes in time.
        """
        headers = {"Authorization": f"Bearer {token}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or new_id()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if request is not None:
            headers["X-Request-Id"] = request
        api = self.services[service].api
        others = asyncio.create_task(self._settled_soon()) if meanwhile else None
        while True:
            try:
                answer = await ask(api, method, path, headers=headers, body=body)
            except CrashError:
                continue
            if others is not None:
                await others
            if answer.status >= 500:
                raise AssertionError(f"{method} {path} answered {answer.status}: {answer.body}")
            return answer

    def ask(self, service: str, method: str, path: str, body: Any = None, **given: Any) -> Answer:
        """The answer to a request."""
        return self.run(self.asked(service, method, path, body, **given))

    # Events

    def relay(self, service: str, *, twice: int = 0) -> None:
        """Publish what the service has to publish; the last ``twice`` rows are published again."""
        self.run(self.relayed(service, twice=twice))

    async def relayed(self, service: str, *, twice: int = 0) -> None:
        """Publish what the service has to publish; the last ``twice`` rows are published again."""
        database = self.services[service].database
        rows = sorted(
            (row for row in self.services[service].journal if row.get("pending")),
            key=lambda row: (row["aggregate"], row["sequence"]),
        )
        for row in rows:
            self.bus.publish(row)
        for row in rows[len(rows) - twice :]:
            self.bus.publish(row)
        if rows:
            published = {"_id": {"$in": [row["_id"] for row in rows]}}
            await database[ROWS].update_many(published, {"$unset": {"pending": ""}})

    def waiting(self) -> list[tuple[str, str]]:
        """The services and topics of which something is still to be read."""
        return [
            (name, topic)
            for name, service in self.services.items()
            for topic in service.batches
            if self.bus.unread(name, topic)
        ]

    async def delivered(self, service: str, parts: Mapping[Lane, int], order: Sequence[int] = ()) -> bool:
        """Hand a batch to a service: so many records of each lane. False where it died, and reads them again."""
        records = [self.bus.next_of(service, lane, count) for lane, count in parts.items()]
        batch: list[Given] = interleaved(records, order)
        (topic,) = {lane.topic for lane in parts}
        try:
            await self.services[service].batches[topic].apply(batch)
        except CrashError:
            return False
        for lane, part in zip(parts, records, strict=True):
            if part:
                self.bus.acknowledge(service, lane, part[-1])
        return True

    def deliver(self, service: str, parts: Mapping[Lane, int], order: Sequence[int] = ()) -> bool:
        """Hand a batch to a service."""
        return self.run(self.delivered(service, parts, order))

    def settle(self) -> None:
        """Let everything published be handled, until nobody publishes anything more."""
        self.run(self.settled())

    async def settled(self) -> None:
        """Let everything published be handled, until nobody publishes anything more."""
        while True:
            for name in self.services:
                await self.relayed(name)
            waiting = self.waiting()
            if not waiting:
                return
            for service, topic in waiting:
                for lane in self.bus.unread(service, topic):
                    await self.delivered(service, {lane: 1000})

    async def _settled_soon(self) -> None:
        await asyncio.sleep(0.005)
        await self.settled()

    # Faults

    def next_commit_of(
        self, service: str, *, interlude: Interlude | None = None, dies: str | None = None, passing: int = 0
    ) -> None:
        """What goes wrong at the next commit of a service: others come between, or it dies ``before`` or ``after``.

        It dies once ``passing`` commits went well.
        """
        faults = self.services[service].database.store.faults
        faults.interlude = interlude
        faults.passing = passing
        faults.dies_before_commit = dies == "before"
        faults.dies_after_commit = dies == "after"
