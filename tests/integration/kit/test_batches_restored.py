"""Batches after a restore: what belongs to which generation."""

from carnet import unparking
from carnet.batches import Batches
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.ids import new_id
from carnet.organisations import organisation_reactions
from tests.integration.kit.conftest import Tallies
from tests.records import Given, record


async def test_marks_compare_the_generation_before_the_sequence(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([tallies.record(contract, sequence, 1) for sequence in (1, 2)])
    await restored(tallies, 7)  # with its marks, to where the second event was applied
    undone = [tallies.record(contract, 3, 50), tallies.record(new_id(), 1, 50)]
    again = [tallies.record(contract, sequence, 1, generation=7) for sequence in (1, 2, 3)]
    await tallies.batches.apply([*undone, *again, *undone])
    found = await tallies.of(contract)
    assert found is not None
    assert (found.total, found.received) == (3, (1, 2, 3))
    assert await tallies.database["tallies"].count_documents({}) == 1
    assert await tallies.parked_reasons() == []


async def test_what_was_parked_before_a_restore_is_replayed_after_it_and_parked_once(tallies: Tallies) -> None:
    contract = new_id()
    await tallies.batches.apply([(second := tallies.record(contract, 2, 1))])
    await restored(tallies, 7)
    first = tallies.record(contract, 1, 1, generation=7)
    later = [second.with_header("ce_generation", b"7"), tallies.record(contract, 3, 1, generation=7)]
    await tallies.batches.apply(later)
    assert len(await tallies.parked_reasons()) == 2
    await tallies.batches.apply([first])  # behind what is parked already
    assert (await unparking.replay(tallies.batches, tallies.database, contract)).applied == 3
    await tallies.batches.apply([first, *later, tallies.record(contract, 4, 1, generation=7)])
    found = await tallies.of(contract)
    assert found is not None
    assert found.received == (1, 2, 3, 4)


async def test_a_database_that_was_not_restored_with_the_others_applies_no_fact_of_a_later_generation(
    tallies: Tallies,
) -> None:
    known, unknown = new_id(), new_id()
    await tallies.batches.apply([tallies.record(known, 1, 1)])
    await tallies.batches.apply(
        [tallies.record(known, 2, 1, generation=7), tallies.record(unknown, 1, 1, generation=7)]
    )
    reasons = await tallies.parked_reasons()
    assert len(reasons) == 2
    assert all("not restored with the others" in reason for reason in reasons)
    assert "carnet restore" in str((await unparking.replay(tallies.batches, tallies.database, known)).stopped)


async def test_of_a_state_the_highest_generation_wins_though_its_sequence_is_lower(tallies: Tallies) -> None:
    table = organisation_reactions()
    batches = Batches("tallies", tallies.database, table)

    def profile(sequence: int, name: str, generation: int) -> Given:
        mine = tallies.organisation
        body = OrganisationChanged(
            organisation=mine,
            name=name,
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("fr",),
            contact=Contact(),
            support_email="support@example.org",
            mode="test",
        )
        return record(body, aggregate=mine, sequence=sequence, organisation=mine, generation=generation)

    await batches.apply([profile(5, "Lost", 0), profile(2, "Kept", 7), profile(6, "Undone", 0)])
    (found,) = await tallies.database["organisations"].find().to_list(None)
    assert found["version"] == 2
    mark = await tallies.database["marks"].find_one({"_id": f"catalog.organisations:{tallies.organisation}"})
    assert mark is not None
    assert (mark["generation"], mark["sequence"]) == (7, 2)


async def restored(tallies: Tallies, generation: int) -> None:
    """The database is of another generation; the process that works on it does not know that yet."""
    await tallies.database["suite"].update_one({"_id": "standing"}, {"$set": {"generation": generation}}, upsert=True)
