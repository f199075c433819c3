"""Each record applied exactly once, in order, whatever is redelivered, cut or broken."""

import asyncio
import random

import pytest
from structlog.testing import capture_logs

from carnet import parking, paused_topics, unparking
from carnet.batches import Batches
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.events.payments import SCHEDULES
from carnet.ids import new_id
from carnet.journal import SLOTS
from carnet.mongo import BusyError, ForeignError, Unit, VersionConflictError, transact
from carnet.organisations import organisation_reactions
from carnet.paused_topics import MOST_FAILING_AGGREGATES, TopicPausedError
from carnet.refusals import Refusal
from tests.integration.kit.conftest import TALLIES, Tallies, Tally, tally_table
from tests.records import Given, record
from tests.waits import BOUND


async def test_a_batch_is_applied_in_order_and_its_events_are_published(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([tallies.record(contract, sequence, 10) for sequence in (1, 2, 3)])
    found = await tallies.of(contract)
    assert found is not None
    assert (found.total, found.received, found.version) == (30, (1, 2, 3), 3)
    assert await tallies.published(contract) == [1, 2, 3]


@pytest.mark.parametrize("seed", range(5))
async def test_each_record_twice_and_batches_cut_anywhere_give_the_same(tallies: Tallies, seed: int) -> None:
    dice = random.Random(seed)
    contracts = [new_id() for _ in range(4)]
    in_order = [tallies.record(contract, sequence, 7) for sequence in range(1, 6) for contract in contracts]
    delivered: list[Given] = []
    for upto in range(1, len(in_order) + 1):
        delivered.append(in_order[upto - 1])
        if dice.random() < 0.4:  # a redelivery begins again somewhere before, as after a rebalance
            delivered.extend(in_order[dice.randrange(upto) : upto])
    while delivered:
        cut = dice.randint(1, 9)
        await tallies.batches.apply(delivered[:cut])
        delivered = delivered[cut:]
    for contract in contracts:
        found = await tallies.of(contract)
        assert found is not None
        assert (found.total, found.received) == (35, (1, 2, 3, 4, 5))
    assert await tallies.parked_reasons() == []


async def test_two_workers_with_the_same_batch_apply_it_once(tallies: Tallies) -> None:
    contracts = [new_id() for _ in range(5)]
    batch = [tallies.record(contract, sequence, 3) for sequence in (1, 2) for contract in contracts]
    await asyncio.gather(*(tallies.batches.apply(batch) for _ in range(3)))
    for contract in contracts:
        found = await tallies.of(contract)
        assert found is not None
        assert found.total == 6
    assert await tallies.parked_reasons() == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda r: r.with_value(b"{not json"), "not a ContractReopened"),
        (lambda r: r.with_value(None), "no body"),
        (lambda r: r.with_value(b"x" * (256 * 1024 + 1)), "the most is"),
        (lambda r: r.with_value(r.value.replace(b'"total":5', b'"total":5.0')), "total"),
        (lambda r: r.with_header("ce_type", b"carnet.payments.ContractReopened.v9"), "major version"),
        (lambda r: r.with_header("ce_type", b"carnet.contracts.ProductAdded.v1"), "not one that payments publishes"),
        (lambda r: r.with_header("ce_type", b"nonsense"), "not one that payments publishes"),
    ],
)
async def test_a_poison_record_is_parked_with_the_later_ones_of_its_aggregate(
    tallies: Tallies, spoil: "object", reason: str
) -> None:
    poisoned, other = new_id(), new_id()
    good = tallies.record(poisoned, 2, 5)
    batch = [
        tallies.record(poisoned, 1, 5),
        spoil(good),
        tallies.record(other, 1, 5),
        tallies.record(poisoned, 3, 5),
        tallies.record(other, 2, 5),
    ]
    await tallies.batches.apply(batch)
    await tallies.batches.apply(batch)
    found, unhurt = await tallies.of(poisoned), await tallies.of(other)
    assert found is not None
    assert unhurt is not None
    assert found.received == (1,)
    assert unhurt.received == (1, 2)
    reasons = await tallies.parked_reasons()
    assert len(reasons) == 2
    assert reason in reasons[0]
    assert "an earlier event" in reasons[1]


@pytest.mark.parametrize("headers", [[], [("ce_id", b"\xff\xfe")], [("ce_id", b"x"), ("ce_type", b"y")]])
async def test_a_record_without_headers_is_parked_and_hurts_nobody(
    tallies: Tallies, headers: list[tuple[str, bytes]]
) -> None:
    contract = new_id()
    broken = tallies.record(contract, 1)
    broken = Given(broken.topic, broken.partition, broken.offset, broken.key, broken.value, headers)
    await tallies.batches.apply([broken, tallies.record(contract, 1, 4)])
    await tallies.batches.apply([broken])
    found = await tallies.of(contract)
    assert found is not None
    assert found.total == 4
    assert len(await tallies.parked_reasons()) == 1


async def test_an_event_of_another_organisation_is_parked(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([tallies.record(contract, 1, 4), tallies.record(contract, 2, 9, organisation=new_id())])
    found = await tallies.of(contract)
    assert found is not None
    assert found.total == 4
    assert "another organisation" in (await tallies.parked_reasons())[0]


async def test_a_name_that_a_later_release_added_is_passed_over(tallies: Tallies) -> None:
    contract = new_id()
    unknown = tallies.record(contract, 1).with_header("ce_type", b"carnet.payments.SomethingNew.v1")
    await tallies.batches.apply([unknown, tallies.record(contract, 2, 4)])
    found = await tallies.of(contract)
    assert found is not None
    assert found.received == (2,)


async def test_a_gap_is_parked_and_replayed_once_the_missing_event_has_come(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([tallies.record(contract, 1, 1), tallies.record(contract, 3, 1)])
    stuck = await unparking.replay(tallies.batches, tallies.database, contract)
    assert stuck.applied == 0
    assert stuck.stopped is not None
    assert "carnet events replay" in stuck.stopped
    await tallies.batches.apply([tallies.record(contract, 2, 1)])
    assert (await unparking.replay(tallies.batches, tallies.database, contract)).applied == 2
    await tallies.batches.apply([tallies.record(contract, 4, 1)])
    found = await tallies.of(contract)
    assert found is not None
    assert found.received == (1, 2, 3, 4)


async def test_a_failing_reaction_leaves_nothing_and_a_discard_lets_the_rest_go_on(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([tallies.record(contract, n, 13 if n == 2 else 1) for n in (1, 2, 3)])
    assert "thirteen" in (await tallies.parked_reasons())[0]
    assert await tallies.published(contract) == [1]
    first, second = await parking.listing(tallies.database)
    with pytest.raises(Refusal, match=r"it is sequence 2 of .* and this one is sequence 3"):
        await unparking.discard(tallies.batches, tallies.database, second.id, reason="no", by="user:ops")
    await unparking.discard(tallies.batches, tallies.database, first.id, reason="agreed with the school", by="user:ops")
    kept = await tallies.database["discarded"].find_one({})
    assert kept is not None
    assert (kept["reason"], kept["by"]) == ("agreed with the school", "user:ops")
    assert (await unparking.replay(tallies.batches, tallies.database, contract)).applied == 1
    found = await tallies.of(contract)
    assert found is not None
    assert found.received == (1, 3)


async def test_a_topic_of_which_everything_fails_is_paused_and_resumed(tallies: Tallies) -> None:
    """What failed is parked, so that it can be seen and decided on; the rest waits, and nothing is applied twice."""
    first = tallies.record(new_id(), 1, 1)
    failing = [tallies.record(new_id(), 1, 13) for _ in range(2 * MOST_FAILING_AGGREGATES)]
    last = tallies.record(new_id(), 1, 1)
    batch = [first, *failing, last]
    with capture_logs() as logged, pytest.raises(TopicPausedError, match=r"20 different aggregates .* failed in a row"):
        await tallies.batches.apply(batch)
    assert len(await tallies.parked_reasons()) == MOST_FAILING_AGGREGATES
    (paused,) = await paused_topics.pauses(tallies.database)
    assert (paused.topic, "thirteen is refused" in paused.reason) == (SCHEDULES.name, True)
    parked = [entry for entry in logged if entry["event"] == "a record was parked"]
    assert len(parked) == MOST_FAILING_AGGREGATES
    assert {(entry["why"], entry["todo"]) for entry in parked} == {("ValueError", "carnet parked list tallies")}
    # Another worker, or the same one after a restart, does not go on unasked.
    waiting = Batches("tallies", tallies.database, tally_table())
    waiting.end()
    with pytest.raises(TopicPausedError, match="is paused"):
        await waiting.apply(batch)
    for each in await parking.listing(tallies.database):
        await unparking.discard(tallies.batches, tallies.database, each.id, reason="tried", by="user:ops")
    assert await paused_topics.resume_topic(tallies.database, SCHEDULES.name, by="user:ops", limit=100)
    assert not await paused_topics.resume_topic(tallies.database, SCHEDULES.name, by="user:ops")
    await tallies.batches.apply(batch)  # Kafka hands it over again from its beginning
    assert len(await tallies.parked_reasons()) == MOST_FAILING_AGGREGATES
    for given in (first, last):
        found = await tallies.of(given.key.decode() if given.key else "")
        assert found is not None
        assert found.received == (1,)


async def test_what_was_discarded_is_not_parked_again(tallies: Tallies) -> None:
    nameless = tallies.record(new_id(), 1)
    nameless = Given(nameless.topic, nameless.partition, nameless.offset, nameless.key, nameless.value, [("a", None)])
    await tallies.batches.apply([nameless])
    (parked,) = await parking.listing(tallies.database)
    assert (parked.unreadable, parked.headers) == (True, (("a", None),))
    stays = await unparking.replay_one(tallies.batches, tallies.database, parked.id)
    assert (stays.applied, "headers" in str(stays.stopped)) == (0, True)
    await unparking.discard(tallies.batches, tallies.database, parked.id, reason="nobody's", by="user:ops")
    await tallies.batches.apply([nameless])
    assert await tallies.parked_reasons() == []
    (discarded,) = await parking.discarded(tallies.database)
    assert (discarded.id, discarded.by, discarded.reason) == (parked.id, "user:ops", "nobody's")


async def test_every_worker_counts_what_is_parked_in_its_own_slots(tallies: Tallies) -> None:
    await tallies.batches.apply([tallies.record(new_id(), 1, 13) for _ in range(10)])
    await tallies.database["parked"].update_one({}, {"$unset": {"slot": ""}})  # as records were parked before
    shares = [range(SLOTS)[start::3] for start in range(3)]
    counts = [(await parking.count(tallies.database, share)).get(SCHEDULES.name, 0) for share in shares]
    assert sum(counts) == 10


async def test_failures_among_successes_never_stop_the_worker(tallies: Tallies) -> None:
    batch = [tallies.record(new_id(), 1, 13 if n % 2 else 1) for n in range(3 * MOST_FAILING_AGGREGATES)]
    await tallies.batches.apply(batch)
    assert len(await tallies.parked_reasons()) == 3 * MOST_FAILING_AGGREGATES // 2


async def test_a_record_twice_in_the_batch_that_parks_it_counts_once(tallies: Tallies) -> None:
    contract = new_id()
    first, second = tallies.record(contract, 1, 1), tallies.record(contract, 2, 1)
    await tallies.batches.apply([second, second, first, first])
    assert (await unparking.replay(tallies.batches, tallies.database, contract)).applied == 2
    await tallies.batches.apply([tallies.record(contract, 3, 1)])
    found = await tallies.of(contract)
    assert found is not None
    assert found.received == (1, 2, 3)
    assert await tallies.parked_reasons() == []


async def test_a_sequence_that_cannot_be_kept_is_parked_and_hurts_nobody(tallies: Tallies) -> None:
    contract, other = new_id(), new_id()
    endless = tallies.record(contract, 1).with_header("ce_sequence", b"9" * 30)
    await tallies.batches.apply([endless, tallies.record(contract, 1, 4), tallies.record(other, 1, 4)])
    found, unhurt = await tallies.of(contract), await tallies.of(other)
    assert found is not None
    assert unhurt is not None
    assert (found.total, unhurt.total) == (4, 4)
    assert "sequence" in (await tallies.parked_reasons())[0]


async def test_a_number_that_the_storage_cannot_hold_is_parked_and_hurts_nobody(tallies: Tallies) -> None:
    contract, other = new_id(), new_id()
    good = tallies.record(contract, 1, 4)
    assert good.value is not None
    endless = good.with_value(good.value.replace(b'"covers":1', b'"covers":' + b"9" * 30))
    await tallies.batches.apply([tallies.record(other, 1, 4), endless])
    await tallies.batches.apply([endless, tallies.record(contract, 2, 4)])
    unhurt = await tallies.of(other)
    assert unhurt is not None
    assert unhurt.total == 4
    assert await tallies.of(contract) is None
    assert len(await tallies.parked_reasons()) == 2


async def test_a_document_that_cannot_be_read_parks_only_what_needs_it(tallies: Tallies) -> None:
    broken, other = new_id(), new_id()
    await tallies.database["tallies"].insert_one({"_id": broken, "organisation": tallies.organisation, "total": "x"})
    batch = [tallies.record(other, 1, 4), tallies.record(broken, 1, 4), tallies.record(other, 2, 4)]
    await tallies.batches.apply(batch)
    unhurt = await tallies.of(other)
    assert unhurt is not None
    assert unhurt.received == (1, 2)
    assert len(await tallies.parked_reasons()) == 1


async def test_what_is_written_belongs_to_the_organisation_that_the_event_is_of(tallies: Tallies) -> None:
    table, mine = organisation_reactions(), new_id()
    published = OrganisationChanged(
        organisation=mine,
        name="School",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="support@example.org",
        mode="test",
    )
    foreign = record(published, aggregate=mine, sequence=1, organisation=new_id())
    await Batches("tallies", tallies.database, table).apply([foreign])
    assert await tallies.database["organisations"].find_one({"_id": mine}) is None
    assert "another organisation" in (await tallies.parked_reasons())[0]


async def test_a_transaction_that_runs_again_counts_its_failures_once(
    tallies: Tallies, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = MOST_FAILING_AGGREGATES // 2
    batch = [tallies.record(new_id(), 1, 13) for _ in range(fails)]
    batch += [tallies.record(new_id(), 1, 1)]
    batch += [tallies.record(new_id(), 1, 13) for _ in range(fails)]
    flush, runs = Unit.flush, []

    async def conflict_once(unit: Unit, *, patience: float | None = None) -> None:
        runs.append(unit)
        if len(runs) == 1:
            raise VersionConflictError("tallies")
        await flush(unit, patience=patience)

    monkeypatch.setattr(Unit, "flush", conflict_once)
    await tallies.batches.apply(batch)
    assert len(runs) == 2
    assert len(await tallies.parked_reasons()) == 2 * fails


async def test_a_batch_that_is_too_much_for_one_transaction_is_applied_in_parts(
    tallies: Tallies, monkeypatch: pytest.MonkeyPatch
) -> None:
    contracts = [new_id() for _ in range(5)]
    batch = [tallies.record(contract, sequence, 4) for sequence in (1, 2) for contract in contracts]
    flush, tries = Unit.flush, []

    async def within_three(unit: Unit, *, patience: float | None = None) -> None:
        tries.append(len(unit._touched))
        if len(unit._touched) > 3:
            raise BusyError
        await flush(unit, patience=patience)

    monkeypatch.setattr(Unit, "flush", within_three)
    await asyncio.wait_for(tallies.batches.apply(batch), BOUND)
    assert tries == [5, 5, 5, 5, 2, 3, 5, 5, 2, 3]
    for contract in contracts:
        found = await tallies.of(contract)
        assert found is not None
        assert (found.total, found.received) == (8, (1, 2))
    assert await tallies.parked_reasons() == []


def _meddle(unit: Unit, tally: Tally, foreign: str) -> None:
    with unit.piece(tally.organisation):
        unit.put(TALLIES, tally)
        unit.get(TALLIES, foreign)


async def test_a_piece_of_work_belongs_to_one_organisation(tallies: Tallies) -> None:
    """What is looked up between two pieces belongs to nobody yet, and a piece that fails leaves nothing behind."""
    contracts = {new_id(): new_id() for _ in range(3)}
    await tallies.batches.apply([tallies.record(contract, 1, 4, owner) for contract, owner in contracts.items()])

    async def work(unit: Unit) -> None:
        await unit.load(TALLIES, contracts)
        for contract in contracts:
            tally = unit.get(TALLIES, contract)
            assert tally is not None
            with unit.piece(tally.organisation):
                assert unit.organisation == tally.organisation
                unit.put(TALLIES, tally.model_copy(update={"total": 5}))
        first, second, _ = contracts
        with pytest.raises(ForeignError):
            _meddle(unit, Tally(id=first, organisation=contracts[first], total=99), second)
        with pytest.raises(RuntimeError, match="one organisation"), unit.piece("a"), unit.piece("b"):
            pass
        with pytest.raises(RuntimeError, match="only a piece of work"):
            assert unit.organisation

    await transact(tallies.database, work)
    assert [tally.total for contract in contracts if (tally := await tallies.of(contract))] == [5, 5, 5]
