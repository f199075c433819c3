"""A backup of five databases, and putting it back: what is lost, what is refused, what an interruption leaves."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision, State
from carnet.events import TOPICS, Event
from carnet.events.contracts import AccountErased, ContractCancelled
from carnet.events.payments import Balance, CollectionStarted
from carnet.generation import BeingRestoredError, database_state, resume_collecting
from carnet.ids import new_id
from carnet.leases import Leases, RestoredError
from carnet.mongo import Collection, Database, Unit, transact
from carnet.relay import Relay
from carnet.topics import make_topics
from carnet_operations.backup.restoring import Restored, restore, restored_otherwise
from carnet_operations.backup.taking import take
from carnet_operations.backup.topics import EverySlot
from carnet_operations.errors import CommandError
from carnet_operations.places import Backends
from carnet_operations.services import SERVICES
from carnet_operations.verify.published.topics import OnTopic, partitions_of, read_to_end, read_topics
from carnet_operations.verify.report import Report
from carnet_suite.servers import Servers
from tests.plans import OF_TESTS

ORGANISATION = new_id()
STATES = Collection("states", State)
NOTHING = Balance(total=0, paid=0, processing=0, planned=0, unscheduled=0, refund_due=0)


def cancelled(contract: str) -> Event:
    return ContractCancelled(contract=contract, account=new_id(), effective_on=date(2026, 11, 22))


def started(contract: str) -> Event:
    return CollectionStarted(
        contract=contract,
        account=new_id(),
        mode="online",
        currency="EUR",
        effective_on=date(2026, 11, 22),
        covers=1,
        balance=NOTHING,
        instalments=(),
        attempt=new_id(),
        instalment=new_id(),
        due=date(2026, 11, 22),
        amount=100,
        method="card",
        number=1,
    )


@dataclass
class Small:
    """Five databases with little in them; processes come and go by ``working``."""

    where: Backends
    folder: Path

    @asynccontextmanager
    async def working(self) -> AsyncIterator[dict[str, Database]]:
        """The databases as the processes of the suite have them; what was decided is published at the end."""
        opened = {
            name: Database.open(self.where.mongo_url, f"{self.where.namespace}carnet_{name}") for name in SERVICES
        }
        try:
            for database in opened.values():
                await database.prepare((STATES,))
            yield opened
            for database in opened.values():
                relay = Relay(database, cast("Leases", EverySlot()), self.where.kafka_bootstrap, self.where.namespace)
                while await relay.publish():
                    pass
                await relay.close()
        finally:
            for database in opened.values():
                database.close()

    async def decide(self, database: Database, aggregate: str, *events: Event) -> None:
        async def work(unit: Unit) -> None:
            await unit.load(STATES, [aggregate])
            state = unit.get(STATES, aggregate) or State(id=aggregate, organisation=ORGANISATION)
            context = Context(utc_now(), date(2026, 11, 22), Actor("user", "u"), new_id(), new_id)
            unit.decide(STATES, Decision(state, events), context)

        await transact(database, work)

    async def decided(self, service: str, aggregate: str, *events: Event) -> None:
        async with self.working() as databases:
            await self.decide(databases[service], aggregate, *events)

    async def backup(self, name: str = "backup.zip") -> Path:
        await asyncio.to_thread(take, self.where.mongo_url, self.where.namespace, self.folder / name)
        return self.folder / name

    async def restored(self, file: Path, **how: Any) -> Restored:
        return await asyncio.to_thread(restore, self.where, file, self.folder / f"lost-{new_id()}", **how)

    async def versions(self, service: str) -> dict[str, int]:
        async with self.working() as databases:
            found = await databases[service]["states"].find(comment=OF_TESTS).to_list(None)
            return {each["_id"]: each["version"] for each in found}

    async def on(self, topic: str, generation: int) -> Mapping[str, OnTopic]:
        """What a topic has, all of it of that generation."""
        report = Report()
        generations = dict.fromkeys(SERVICES, generation)
        readings = await read_topics(self.where.kafka_bootstrap, self.where.namespace, report, generations)
        assert report.findings == []
        return readings[topic].aggregates


@pytest.fixture
async def small(servers: Servers, namespace: str, tmp_path: Path) -> Small:
    await make_topics(servers.kafka_bootstrap, namespace)
    return Small(Backends(servers.mongo_url, servers.kafka_bootstrap, namespace), tmp_path)


async def test_what_was_decided_after_the_backup_is_gone_from_the_databases_and_from_the_topics(small: Small) -> None:
    contract, later, account, gone = (new_id() for _ in range(4))
    async with small.working() as databases:
        contracts = databases["contracts"]
        await small.decide(contracts, contract, cancelled(contract), cancelled(contract))
        await small.decide(contracts, gone, AccountErased())
        await contracts["states"].create_index("organisation", name="own")
        file = await small.backup()  # the suite works meanwhile
        await small.decide(contracts, contract, cancelled(contract))
        await small.decide(contracts, later, cancelled(later))
        await small.decide(contracts, account, AccountErased())
        await contracts["made_later"].insert_one({})
        await contracts["states"].drop_index("own")

    done = await small.restored(file)

    async with small.working() as databases:
        contracts = databases["contracts"]
        found = {each["_id"]: each["version"] async for each in contracts["states"].find(comment=OF_TESTS)}
        assert found == {contract: 2, gone: 1}
        assert "made_later" not in await contracts.motor.list_collection_names()
        assert "own" in await contracts["states"].index_information()
        assert {database.generation for database in databases.values()} == {done.generation}
    facts = await small.on("contracts.contracts", done.generation)
    assert {name: sorted(each.records) for name, each in facts.items()} == {contract: [1, 2]}
    assert set(await small.on("contracts.accounts", done.generation)) == {gone}
    assert done.lost.count == 3
    assert done.lost.erased == {account}
    assert done.collecting_held is None
    lost = [json.loads(line) for line in done.lost_file.read_text().splitlines()]
    assert {(each["subject"], each["sequence"]) for each in lost} == {(contract, "3"), (later, "1"), (account, "1")}


async def test_what_is_decided_after_a_restore_goes_on_in_the_new_generation(small: Small) -> None:
    contract = new_id()
    await small.decided("contracts", contract, cancelled(contract))
    file = await small.backup()
    first = await small.restored(file)
    second = await small.restored(file)
    assert second.generation > first.generation
    assert second.lost.count == 0
    assert not second.lost_file.exists()
    await small.decided("contracts", contract, cancelled(contract))
    facts = await small.on("contracts.contracts", second.generation)
    assert sorted(facts[contract].records) == [1, 2]


async def test_topics_keep_their_settings_and_their_offsets_go_on(small: Small) -> None:
    account = new_id()
    await small.decided("contracts", account, AccountErased())
    file = await small.backup()
    await small.restored(file)
    begins: dict[str, int] = {}

    async def ignore(_: object) -> None:
        pass

    name = f"{small.where.namespace}contracts.accounts"
    partitions = (await partitions_of(small.where.kafka_bootstrap, [name]))[name]
    await read_to_end(
        small.where.kafka_bootstrap,
        partitions,
        lambda partition, offset: begins.update({str(partition.partition): offset}),
        ignore,
    )
    assert sorted(begins.values()) == [0] * 11 + [1]
    done = await small.restored(file)  # its records can be deleted again, though it is compacted only
    assert set(await small.on("contracts.accounts", done.generation)) == {account}
    assert {topic.name for topic in TOPICS if topic.kind == "state"} == {
        "catalog.organisations", "catalog.products", "contracts.accounts", "contracts.access",
    }  # fmt: skip


async def test_a_suite_that_works_is_not_restored(small: Small) -> None:
    contract = new_id()
    await small.decided("contracts", contract, cancelled(contract))
    file = await small.backup()
    async with small.working() as databases:
        await small.decide(databases["contracts"], contract, cancelled(contract))
        with pytest.raises(CommandError, match=f"{small.where.namespace}carnet_contracts from .* Nothing was changed"):
            await small.restored(file)
        assert (await database_state(databases["contracts"])).restoring is None
    assert await small.versions("contracts") == {contract: 2}


async def test_a_restore_that_was_interrupted_keeps_the_suite_away_until_it_is_run_again(small: Small) -> None:
    contract = new_id()
    await small.decided("contracts", contract, cancelled(contract))
    file = await small.backup()
    await small.decided("contracts", contract, cancelled(contract))
    cut_off = replace(small, where=replace(small.where, kafka_bootstrap="127.0.0.1:9"))
    with pytest.raises(CommandError, match="Run `carnet restore` again"):
        await cut_off.restored(file)
    with pytest.raises(BeingRestoredError, match=r"backup\.zip"):
        await small.versions("contracts")
    with pytest.raises(CommandError, match="is being restored"):
        await small.backup("another.zip")
    done = await small.restored(file)
    assert await small.versions("contracts") == {contract: 1}
    assert sorted((await small.on("contracts.contracts", done.generation))[contract].records) == [1]


async def test_a_worker_that_slept_through_a_restore_ends(small: Small) -> None:
    async with small.working() as databases:
        stale = databases["credits"]
        leases = Leases(stale, "one that slept")
        await leases.prepare()
        await leases.tick()
        await stale["suite"].update_one({"_id": "standing"}, {"$set": {"generation": 7}})
        with pytest.raises(RestoredError):
            await leases.tick()
        assert leases.slots == frozenset()


async def test_pay_6_nothing_is_collected_while_lost_orders_may_have_been_done(small: Small) -> None:
    contract = new_id()
    await small.decided("payments", contract, cancelled(contract))
    file = await small.backup()
    await small.decided("payments", contract, started(contract))
    done = await small.restored(file)
    assert done.collecting_held == "1 orders to payment providers are lost"
    await small.restored(file)  # of which nothing is known any more
    async with small.working() as databases:
        assert (await database_state(databases["payments"])).collecting_held is not None
        assert await resume_collecting(databases["payments"])
        assert (await database_state(databases["payments"])).collecting_held is None
        assert not await resume_collecting(databases["payments"])


async def test_databases_put_back_by_other_means_get_a_generation_and_topics(small: Small) -> None:
    contract = new_id()
    await small.decided("contracts", contract, cancelled(contract), cancelled(contract))
    async with small.working() as databases:  # as an older snapshot would have it
        await databases["contracts"]["journal"].delete_one({"aggregate": contract, "sequence": 2})
    done = await asyncio.to_thread(restored_otherwise, small.where, small.folder / "lost")
    assert done.lost.count == 1
    assert sorted((await small.on("contracts.contracts", done.generation))[contract].records) == [1]


def without_a_member(file: Path) -> None:
    rewrite(file, lambda name, content: None if name == "credits/journal.bson" else content)


def with_another_byte(file: Path) -> None:
    rewrite(file, lambda name, content: content + b"\0" if name == "contracts/journal.bson" else content)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def of_a_newer_format(file: Path) -> None:
    change_manifest(file, lambda said: said | {"format": 2})


def of_another_kind(file: Path) -> None:
    change_manifest(file, lambda said: said | {"kind": "something"})


def without_a_service(file: Path) -> None:
    change_manifest(file, lambda said: said | {"parts": [p for p in said["parts"] if p["service"] != "credits"]})


def of_another_suite(file: Path) -> None:
    change_manifest(file, lambda said: said | {"identities": dict.fromkeys(said["identities"], "another")})


def change_manifest(file: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    def changed(name: str, content: bytes) -> bytes:
        return json.dumps(change(json.loads(content))).encode() if name == "manifest.json" else content

    rewrite(file, changed)


def rewrite(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)


async def test_a_file_that_is_no_good_is_refused_and_changes_nothing(small: Small) -> None:
    contract = new_id()
    await small.decided("contracts", contract, cancelled(contract))
    good = await small.backup()
    await small.decided("contracts", contract, cancelled(contract))
    for spoil, said in (
        (Path.unlink, "There is no file"),
        (lambda file: file.write_text("no archive"), "no backup of Carnet, or it is cut off"),
        (cut_off, "no backup of Carnet, or it is cut off"),
        (without_a_member, r"damaged: credits/journal\.bson"),
        (with_another_byte, "another checksum"),
        (of_a_newer_format, "is of format 2 and this release reads format 1"),
        (of_another_kind, "of another kind"),
        (without_a_service, "has nothing of credits"),
        (of_another_suite, "of another suite"),
    ):
        bad = small.folder / "bad.zip"
        bad.write_bytes(good.read_bytes())
        spoil(bad)
        with pytest.raises(CommandError, match=said):
            await small.restored(bad)
    assert await small.versions("contracts") == {contract: 2}
    bad.write_bytes(good.read_bytes())
    of_another_suite(bad)
    await small.restored(bad, replace_other=True)
    assert await small.versions("contracts") == {contract: 1}


async def test_a_backup_names_what_is_missing_and_overwrites_nothing(small: Small) -> None:
    with pytest.raises(CommandError, match=r"There is no database .*carnet_catalog"):
        await small.backup()
    assert list(small.folder.iterdir()) == []
    async with small.working():
        file = await small.backup()
        assert file.stat().st_mode & 0o077 == 0
        with pytest.raises(CommandError, match="exists already"):
            await small.backup()
