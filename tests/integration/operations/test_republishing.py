"""Stored events are published again with the same ids and sequences, and consumers drop what they have."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from aiokafka import AIOKafkaConsumer

from carnet.dates import utc_now
from carnet.decisions import Actor, Context, Decision, State
from carnet.events import Event
from carnet.events.contracts import ACCOUNTS, CONTRACTS, AccountErased, ContractCancelled
from carnet.ids import new_id
from carnet.leases import Leases
from carnet.mongo import Collection, Database, Unit, transact
from carnet.relay import Relay
from carnet.republishing import publish_again, unpublished
from carnet.topics import make_topics
from carnet_suite.servers import Servers
from tests.servers import open_database

ORGANISATION = new_id()
STATES = Collection("states", State)
OrderAnswer = list[tuple[str, int, str]]
"""Aggregate, sequence and event id of each record."""


def cancelled(contract: str) -> Event:
    return ContractCancelled(contract=contract, account=new_id(), effective_on=date(2026, 11, 22))


@dataclass
class Journal:
    """The journal of a service, its relay, and what the topics bear."""

    database: Database
    relay: Relay
    servers: Servers
    namespace: str

    async def announce(self, aggregate: str, *events: Event) -> None:
        async def work(unit: Unit) -> None:
            await unit.load(STATES, [aggregate])
            state = unit.get(STATES, aggregate) or State(id=aggregate, organisation=ORGANISATION)
            context = Context(utc_now(), date(2026, 11, 22), Actor("user", "u"), new_id(), new_id)
            unit.decide(STATES, Decision(state, events), context)

        await transact(self.database, work)

    async def publish(self) -> None:
        while await self.relay.publish():
            pass

    async def received(self, topic: str) -> OrderAnswer:
        consumer = AIOKafkaConsumer(
            f"{self.namespace}{topic}", bootstrap_servers=self.servers.kafka_bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            received: OrderAnswer = []
            while len(received) < sum(ends.values()):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        headers = dict(record.headers)
                        key, number = record.key.decode(), int(headers["ce_sequence"])
                        received.append((key, number, headers["ce_id"].decode()))
            return received
        finally:
            await consumer.stop()


@pytest.fixture
async def journal(servers: Servers, namespace: str) -> AsyncIterator[Journal]:
    await make_topics(servers.kafka_bootstrap, namespace)
    database = open_database(servers, f"{namespace}carnet_contracts")
    await database.prepare((STATES,))
    leases = Leases(database, "one")
    await leases.prepare()
    await leases.tick()
    relay = Relay(database, leases, servers.kafka_bootstrap, namespace)
    yield Journal(database, relay, servers, namespace)
    await relay.close()
    database.close()


async def test_facts_are_published_again_in_sequence_with_their_ids(journal: Journal) -> None:
    contract, other = new_id(), new_id()
    await journal.announce(contract, cancelled(contract), cancelled(contract), cancelled(contract))
    await journal.announce(other, cancelled(other))
    await journal.publish()
    before = await journal.received(CONTRACTS.name)

    assert await publish_again(journal.database, [CONTRACTS], aggregate=contract) == 3
    assert await unpublished(journal.database) == 3
    await journal.publish()

    after = await journal.received(CONTRACTS.name)
    first = [record for record in before if record[0] == contract]
    assert [record for record in after if record[0] == contract] == first + first
    assert [number for _, number, _ in first] == [1, 2, 3]
    assert [record for record in after if record[0] == other] == [record for record in before if record[0] == other]
    assert await unpublished(journal.database) == 0


async def test_only_what_was_decided_since_an_instant_goes_again(journal: Journal) -> None:
    contract = new_id()
    await journal.announce(contract, cancelled(contract))
    await journal.publish()
    since = utc_now()
    await journal.announce(contract, cancelled(contract))
    await journal.publish()
    assert await publish_again(journal.database, [CONTRACTS], since=since) == 1
    assert await publish_again(journal.database, [CONTRACTS], since=since + timedelta(hours=1)) == 0
    await journal.publish()
    assert sorted(number for _, number, _ in await journal.received(CONTRACTS.name)) == [1, 2, 2]


async def test_of_a_state_only_the_newest_goes_again(journal: Journal) -> None:
    account = new_id()
    await journal.announce(account, AccountErased())
    await journal.announce(account, AccountErased())
    await journal.publish()
    assert await publish_again(journal.database, [ACCOUNTS]) == 1
    await journal.publish()
    assert [number for _, number, _ in await journal.received(ACCOUNTS.name)] == [1, 2, 2]


async def test_what_waits_already_and_what_was_withheld_is_not_published_for_it(journal: Journal) -> None:
    contract = new_id()
    await journal.announce(contract, cancelled(contract), cancelled(contract))
    await journal.database["journal"].update_one(
        {"aggregate": contract, "sequence": 1}, {"$set": {"withheld": True}, "$unset": {"pending": ""}}
    )
    assert await publish_again(journal.database, [CONTRACTS]) == 0
    assert await unpublished(journal.database) == 1
