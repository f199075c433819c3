"""The commands of operators, on the servers that the environment names; some of them as processes of their own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from carnet.batches import Batches
from carnet.dates import utc_now, write_instant
from carnet.events import EVENTS, TOPICS
from carnet.events.contracts import CONTRACTS, ContractOpened
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from payments.collections import COLLECTIONS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.reactions import REACTIONS
from payments.schedules.store import SCHEDULES
from payments.sepa.domain.settings import Creditor, SepaSettings
from payments.sepa.store.mandates import SEPA_SETTINGS
from payments.sepa.vault import Vault
from tests.integration.operations.conftest import Carnet
from tests.records import Given
from tests.servers import open_database
from tests.unit.payments.payments_builders import a_schedule, an_instalment


@pytest.fixture
async def database(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    database = open_database(servers, f"{namespace}carnet_payments")
    await database.prepare(COLLECTIONS)
    yield database
    database.close()


async def park(database: Database, contract: str, sequence: int) -> str:
    """Have payments meet a record that is no JSON; the id under which it is parked."""
    (table,) = [table for table in REACTIONS if table.topic == CONTRACTS]
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": new_id(),
        "ce_type": ContractOpened.type_name(),
        "ce_source": "/carnet/contracts",
        "ce_subject": contract,
        "ce_time": "2026-11-22T10:00:00.000000Z",
        "ce_sequence": str(sequence),
        "ce_organisation": new_id(),
        "ce_changeid": new_id(),
        "ce_actor": "user:tester",
    }
    poison = Given(
        CONTRACTS.name, 0, sequence, contract.encode(), b"{broken", [(k, v.encode()) for k, v in headers.items()]
    )
    await Batches("payments", database, table).apply([poison])
    return f"{CONTRACTS.name}:{contract}:{sequence}:{headers['ce_id']}"


async def test_what_is_parked_is_listed_with_its_reason(carnet: Carnet, database: Database) -> None:
    parked = await park(database, new_id(), 1)
    listed = await carnet("parked", "list")
    assert listed.code == 0, listed.wrong
    where, why, beginning = listed.said.splitlines()
    assert where == f"payments  {parked}"
    assert why.startswith("    carnet.contracts.ContractOpened.v1, parked 20")
    assert "JSON" in why
    contract = parked.split(":")[1]
    assert beginning == f"    partition 0, offset 1, key {contract}, 7 bytes: {{broken"
    assert "Nothing is parked." in (await carnet("parked", "list", "credits")).said


async def test_replaying_says_why_it_still_cannot_be_applied(carnet: Carnet, database: Database) -> None:
    contract = new_id()
    await park(database, contract, 1)
    replayed = await carnet("parked", "replay", "payments", "--aggregate", contract)
    assert replayed.code == 1
    assert f"{contract}: 0 applied; " in replayed.said
    assert (
        f"Nothing of {contract[:-1]}x is parked"
        in (await carnet("parked", "replay", "payments", "--aggregate", contract[:-1] + "x")).said
    )


async def test_discarding_goes_in_order_and_keeps_who_and_why(carnet: Carnet, database: Database) -> None:
    contract = new_id()
    first, second = await park(database, contract, 1), await park(database, contract, 2)
    early = await carnet("parked", "discard", "payments", second, "--reason", "poison", "--by", "ops")
    assert early.code == 1
    assert f"Replay or discard {first} first: it is sequence 1 of {contract}, and this one is sequence 2" in early.wrong
    alone = await carnet("parked", "replay", "payments", second)
    assert alone.code == 1
    assert f"Replay or discard {first} first" in alone.wrong
    unsaid = await carnet("parked", "discard", "payments", first, "--reason", " ")
    assert unsaid.code == 2
    done = await carnet("parked", "discard", "payments", first, second, "--reason", "poison", "--by", "ops")
    assert (done.code, done.said.splitlines()) == (0, [f"Discarded {first}.", f"Discarded {second}."]), done.wrong
    kept = await database["discarded"].find({}, {"_id": 0, "parked": 1, "reason": 1, "by": 1}).to_list(None)
    assert kept == [{"parked": parked, "reason": "poison", "by": "ops"} for parked in (first, second)]
    assert await database["parked"].count_documents({}) == 0
    listed = (await carnet("parked", "discarded", "payments")).said.splitlines()
    assert [line.split()[1] for line in listed[::3]] == [second, first]
    assert all(line.startswith("    discarded 20") and line.endswith("by ops: poison") for line in listed[1::3])
    assert all("had been parked for: " in line for line in listed[2::3])
    assert "Nothing was discarded." in (await carnet("parked", "discarded", "credits")).said
    unknown = await carnet("parked", "discard", "payments", first, "--reason", "again")
    assert unknown.code == 1
    assert first in unknown.wrong


async def test_a_topic_that_a_service_does_not_follow_has_nothing_to_discard(carnet_process: Carnet) -> None:
    refused = await carnet_process("parked", "discard", "catalog", "payments.schedules:0:1", "--reason", "none")
    assert refused.code == 1
    assert "catalog does not react to payments.schedules." in refused.wrong


async def test_what_waits_for_another_service_is_listed_and_too_long_is_a_fault(
    carnet: Carnet, database: Database
) -> None:
    assert (await carnet("requests")).said == "Nothing waits for an answer.\n"
    contract, credit, request = new_id(), new_id(), new_id()
    # As an older release has kept it.
    kept = {"_id": request, "organisation": new_id(), "contract": contract, "credit": credit, "status": "requested"}
    asked_at = utc_now() - timedelta(seconds=30)
    await database["use_requests"].insert_one({**kept, "asked_at": write_instant(asked_at)})
    listed = await carnet("requests")
    assert listed.code == 0, listed.wrong
    first, second, third = listed.said.splitlines()
    assert first.startswith("payments asks credits: credit-use, since 20")
    assert second == f"    request {request} of {contract}, organisation {kept['organisation']}"
    assert third == f"    not answered: {credit}"
    assert (await carnet("requests", "--over", "10")).code == 1


async def test_the_topics_are_made_once(carnet_process: Carnet, namespace: str) -> None:
    made, again = await carnet_process("topics"), await carnet_process("topics")
    assert made.code == again.code == 0, made.wrong
    assert made.said.count("made now") == len(TOPICS)
    assert "made now" not in again.said
    assert all(namespace + topic.name in again.said for topic in TOPICS)
    assert {topic.name for topic in TOPICS} == {event.topic.name for event in EVENTS}


async def test_events_that_no_worker_publishes_again_are_reported_as_waiting(
    carnet: Carnet, database: Database
) -> None:
    row = {
        "_id": new_id(),
        "aggregate": new_id(),
        "sequence": 1,
        "topic": "payments.schedules",
        "at": "2026-11-22T10:00:00.000000Z",
        "slot": 0,
    }
    await database["journal"].insert_one(row)
    asked = await carnet("events", "replay", "payments", "--since", "2026-11-22T09:00:00", "--wait", "0.5")
    assert asked.code == 1
    assert "1 events are to be published again" in asked.wrong
    assert "1 events still wait" in asked.wrong
    assert await database["journal"].count_documents({"pending": True}) == 1
    later = await carnet("events", "replay", "payments", "--since", "2026-11-22T11:00:00")
    assert (later.code, later.wrong.splitlines()[0][:8]) == (0, "0 events")


async def test_a_day_that_is_none_is_refused_with_how_to_write_one(carnet: Carnet) -> None:
    refused = await carnet("events", "replay", "payments", "--since", "yesterday")
    assert refused.code == 2
    assert "2026-09-01" in refused.wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("events", "replay", "billing"), "billing publishes on no topic"),
        (
            ("events", "replay", "payments", "--topic", "contracts.contracts"),
            "payments publishes on payments.schedules",
        ),
        (("parked", "list", "billing"), "There is no service billing"),
    ],
)
async def test_what_is_not_there_is_refused_in_words(carnet: Carnet, arguments: tuple[str, ...], said: str) -> None:
    refused = await carnet(*arguments)
    assert refused.code == 1
    assert said in refused.wrong
    assert "Traceback" not in refused.wrong


async def test_views_are_rebuilt_and_what_differed_is_counted(carnet: Carnet, database: Database) -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 500))
    await database[SCHEDULES.name].insert_one(SCHEDULES.write(schedule))
    done = await carnet("views", "rebuild", "payments", "schedules")
    assert (done.code, done.said.splitlines()) == (0, ["payments.schedules: 1 states read, 1 differences corrected"])
    row = await database[FOLLOW_UPS.name].find_one({"_id": schedule.id})
    assert row is not None
    assert (row["due"], row["names"]["owner"]) == (500, None)
    again = await carnet("views", "rebuild", "payments")
    assert "payments.schedules: 1 states read, 0 differences corrected" in again.said
    unknown = await carnet("views", "rebuild", "payments", "dates")
    assert (unknown.code, "No view shows a collection dates of payments." in unknown.wrong) == (1, True)


async def test_pay_18_bank_accounts_are_encrypted_again_by_the_first_key(
    carnet: Carnet, database: Database, tmp_path: Path
) -> None:
    old, new = [(await carnet("vault", "--new")).said.strip() for _ in range(2)]
    settings = SepaSettings.none_of(new_id())
    sealed = Vault(old).seal(settings.id, "FR1420041010050500013M02606")
    creditor = Creditor(name="School", identifier="FR72ZZZ123456", sealed_iban=sealed, iban_ending="2606")
    kept = settings.model_copy(update={"creditor": creditor})
    await database[SEPA_SETTINGS.name].insert_one(SEPA_SETTINGS.write(kept))
    (tmp_path / "CARNET_SEPA_KEYS").write_text(f"{new},{old}")
    assert "1 bank accounts" in (await carnet("vault")).said
    found = await database[SEPA_SETTINGS.name].find_one({})
    assert found is not None
    assert Vault(new).read(settings.id, found["creditor"]["sealed_iban"]) == "FR1420041010050500013M02606"
    (tmp_path / "CARNET_SEPA_KEYS").write_text(old)
    refused = await carnet("vault")
    assert refused.code != 0
    assert "Add the key" in refused.wrong
