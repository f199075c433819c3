"""One account's credits used by many contracts at the same instant, both services on real databases (CRE-3, CRE-6).

Two workers of each service receive what the other one publishes: every record at least twice, in batches that are cut
anywhere, and each is killed once half way. At the end the entries of the credits and what the schedules say
they were paid with are the same, to the unit.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest

from carnet import parking
from carnet.batches import Batches
from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.contracts import ContractChanged, ContractOpened, Instalments
from carnet.ids import new_id
from carnet.journal import ROWS, JournalRow, slot_of
from carnet.mongo import Database, Unit, transact
from carnet.reactions import Reactions
from carnet.refusals import Refusal
from carnet.relay import record_of
from carnet_suite.servers import Servers
from credits.domain.movements import Gift, issue
from credits.reactions import REACTIONS as CREDITS_REACTIONS
from credits.store import CREDITS, ENTRIES, save
from payments.collections import COLLECTIONS
from payments.credit_uses.domain import request_use
from payments.credit_uses.store import KNOWN_CREDITS, keep_request
from payments.reactions import REACTIONS as PAYMENTS_REACTIONS
from payments.schedules.store import SCHEDULES, schedule_to_change
from tests.integration.credits.conftest import Books
from tests.records import Given, record
from tests.servers import open_database

DAY = date(2027, 1, 31)
CONTRACTS, CREDITS_OF, USES, CHANGES = 12, 3, 320, 24
GRANTED, TOTAL, MOST = 10_000, 5_000, 400
WORKERS = 2
DEATHS = 1
"""How often each worker is killed: what it had locked is free only once the server ends its transaction."""


def context() -> Context:
    return Context(utc_now(), DAY, Actor("user", "staff"), new_id(), new_id)


@dataclass
class Worker:
    """One of several that read a topic: what it reads of its aggregates is its own, whatever the others do."""

    number: int
    source: Database
    topic: str
    batches: Batches
    dice: random.Random
    received: dict[str, int] = field(default_factory=dict)
    deaths: int = 0

    async def handle(self) -> int:
        """Hear what is new of its aggregates; how many records that was."""
        rows = (
            await self.source[ROWS].find({"topic": self.topic}).sort([("aggregate", 1), ("sequence", 1)]).to_list(None)
        )
        mine = [row for row in rows if slot_of(row["aggregate"]) % WORKERS == self.number]
        new = [row for row in mine if row["sequence"] > self.received.get(row["aggregate"], 0)]
        twice = [row for row in new for _ in range(self.dice.randint(2, 3))]
        while twice:
            cut = self.dice.randint(1, 25)
            await self._apply([given(row) for row in twice[:cut]])
            twice = twice[cut:]
        for row in new:
            self.received[row["aggregate"]] = row["sequence"]
        return len(new)

    async def _apply(self, records: list[Given]) -> None:
        """Apply a batch, after it was perhaps killed half way and has to be applied again."""
        if self.deaths < DEATHS and self.dice.random() < 0.2:
            self.deaths += 1
            dying = asyncio.create_task(self.batches.apply(records))
            await asyncio.sleep(self.dice.uniform(0, 0.02))
            dying.cancel()
            with suppress(asyncio.CancelledError):
                await dying
        await self.batches.apply(records)


def given(row: Any) -> Given:
    key, value, headers = record_of(cast("JournalRow", row))
    return Given(row["topic"], 0, 0, key, value, headers)


@dataclass
class Town:
    """A school's payments and credits, whose workers follow each other."""

    organisation: str
    account: str
    payments: Database
    credits: Database
    dice: random.Random
    contracts: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def workers(self) -> list[Worker]:
        return [
            Worker(number, source, table.topic.name, Batches(name, into, table), self.dice)
            for name, into, source, tables in (
                ("credits", self.credits, self.payments, CREDITS_REACTIONS),
                ("payments", self.payments, self.credits, PAYMENTS_REACTIONS),
            )
            for table in tables
            if table.topic.name in ("payments.schedules", "credits.credits")
            for number in range(WORKERS)
        ]

    async def open(self) -> None:
        table = self.contracts_table()
        for _ in range(CONTRACTS):
            contract = new_id()
            body = ContractOpened(
                contract=contract,
                account=self.account,
                mode="online",
                sale=Instalments(count=3),
                currency="EUR",
                total=TOTAL,
                live_lines=1,
                effective_on=DAY,
                version=1,
            )
            await table.apply([record(body, aggregate=contract, sequence=1, organisation=self.organisation)])
            self.contracts.append(contract)
        for _ in range(CREDITS_OF):
            gift = Gift(self.account, GRANTED, "EUR")

            async def grant(unit: Unit, gift: Gift = gift) -> str:
                now = context()
                return save(unit, None, issue(gift, self.organisation, now), now).id

            self.granted.append(await transact(self.credits, grant))

    def contracts_table(self) -> Batches:
        (table,) = [each for each in PAYMENTS_REACTIONS if each.topic.name == "contracts.contracts"]
        return Batches("payments", self.payments, cast("Reactions", table))

    async def use(self) -> None:
        """Staff uses some credit on some contract, as the API does it; refused where nothing is left to pay."""
        contract, credit = self.dice.choice(self.contracts), self.dice.choice(self.granted)
        amount = self.dice.randint(1, MOST)

        async def work(unit: Unit) -> str:
            now = context()
            schedule = await schedule_to_change(unit, contract)
            known = await unit.one(KNOWN_CREDITS, credit, what="credit")
            decision, request = request_use(schedule, known, amount, now)
            keep_request(unit, decision, request, now)
            return request.id

        with suppress(Refusal):  # nothing is left to pay of that contract
            self.asked.append(await transact(self.payments, work))

    async def change(self, versions: dict[str, int], table: Batches) -> None:
        """A contract changes: often less is left to pay than was paid with credits."""
        contract = self.dice.choice(self.contracts)
        versions[contract] = versions.get(contract, 1) + 1
        body = ContractChanged(
            contract=contract,
            account=self.account,
            mode="online",
            currency="EUR",
            total_before=TOTAL,
            total_after=self.dice.choice([0, 300, 2_000, TOTAL, 2 * TOTAL]),
            live_lines=1,
            effective_on=DAY,
            version=versions[contract],
        )
        await table.apply(
            [record(body, aggregate=contract, sequence=versions[contract], organisation=self.organisation)]
        )


@pytest.fixture
async def payments(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    opened = open_database(servers, f"{namespace}carnet_payments")
    await opened.prepare(COLLECTIONS)
    yield opened
    opened.close()


async def test_cre_3_entries_and_schedules_agree_whatever_happens_at_once(books: Books, payments: Database) -> None:
    town = Town(books.organisation, new_id(), payments, books.database, random.Random(4))
    await town.open()
    workers = town.workers()
    for worker in workers:
        await worker.handle()
    over = asyncio.Event()

    async def listen(worker: Worker) -> None:
        while not over.is_set():
            await worker.handle()
            await asyncio.sleep(0.01)

    async def change() -> None:
        versions: dict[str, int] = {}
        table = town.contracts_table()
        for _ in range(CHANGES):
            await town.change(versions, table)
            await asyncio.sleep(0.02)

    listening = [asyncio.create_task(listen(worker)) for worker in workers]
    await asyncio.gather(change(), *(_one_by_one(town, USES // 8) for _ in range(8)))
    over.set()
    await asyncio.gather(*listening)
    while any([await worker.handle() for worker in workers]):
        pass
    await they_agree(town)


async def _one_by_one(town: Town, uses: int) -> None:
    for _ in range(uses):
        await town.use()


async def they_agree(town: Town) -> None:
    """Entries, credits, schedules and requests agree; nothing is under way or parked.

    How many uses are asked depends on when the contracts change, so on the machine: some are, and some are granted.
    """
    entries = [ENTRIES.read(each) for each in await town.credits[ENTRIES.name].find().to_list(None)]
    kept = [CREDITS.read(each) for each in await town.credits[CREDITS.name].find().to_list(None)]
    schedules = [SCHEDULES.read(each) for each in await town.payments[SCHEDULES.name].find().to_list(None)]
    by_schedules: dict[tuple[str, str], int] = {}
    for schedule in schedules:
        assert schedule.attempts == ()
        for use in schedule.credit_uses:
            key = (use.credit, schedule.id)
            by_schedules[key] = by_schedules.get(key, 0) + use.amount
    by_entries: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.contract:
            key = (entry.credit, entry.contract)
            by_entries[key] = by_entries.get(key, 0) - entry.amount
    by_credits = {(credit.id, use.contract): use.amount for credit in kept for use in credit.uses}
    assert by_credits == by_schedules == {key: amount for key, amount in by_entries.items() if amount}
    for credit in kept:
        assert credit.left == sum(entry.amount for entry in entries if entry.credit == credit.id) >= 0
        assert credit.left + credit.used == GRANTED
    requests = await town.payments["use_requests"].find().to_list(None)
    outcome = {request["_id"]: request["status"] for request in requests}
    assert outcome.keys() == set(town.asked)
    used = {entry.request for entry in entries if entry.kind == "used"}
    assert {request for request, status in outcome.items() if status == "completed"} == used
    assert "completed" in outcome.values()
    assert set(outcome.values()) <= {"completed", "returned"}
    assert {entry.kind for entry in entries} == {"granted", "used", "restored"}
    for database in (town.payments, town.credits):
        assert await parking.listing(database) == []
