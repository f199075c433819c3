"""An older process that loads and saves what a newer one wrote: the fields that it does not know stay.

The decisions that write a thing anew, instead of copying it, are tested beside their other tests.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from carnet.decisions import State
from carnet.mongo import Collection, transact
from carnet.tolerance import Tolerant
from tests.memory.mongo import MemoryDatabase
from tests.memory.suite import PARTS, Service
from tests.newer import NEWER, Json, Sample
from tests.unit.test_newer_publisher import ELSEWHERE, SERVICES, SUBJECTS, ask_for_a_credit, given, received_by

Path = tuple[str, ...]


class Part(Tolerant):
    id: str
    amount: int


class Older(State):
    parts: tuple[Part, ...] = ()
    first: Part
    named: Mapping[str, Part]


class NewerPart(Part):
    reason: str = ""


class Newer(State):
    parts: tuple[NewerPart, ...] = ()
    first: NewerPart
    named: Mapping[str, NewerPart]
    label: str = ""


OLDER = Collection("things", Older, derived={"total": lambda state: sum(part.amount for part in state.parts)})
NEWER_RELEASE = Collection("things", Newer, schema=2, upcasts={1: lambda fields: {**fields, "label": "from shape 1"}})


async def test_what_an_older_process_saves_keeps_the_fields_of_a_newer_one() -> None:
    database = MemoryDatabase("things", [OLDER])
    parts = (NewerPart(id="a", amount=1, reason="because"), NewerPart(id="b", amount=2, reason="for"))
    written = Newer(
        id="1", organisation="o", parts=parts, first=parts[0], named={"b": parts[1]}, label="a label of the newer one"
    )
    await transact(database, lambda unit: put(unit, NEWER_RELEASE, written))

    async def change(unit: Any) -> None:
        await unit.load(OLDER, ["1"])
        (found,) = [unit.get(OLDER, "1")]
        first, second = found.parts
        halved = first.model_copy(update={"amount": 5})
        unit.put(OLDER, found.model_copy(update={"parts": (second, halved, Part(id="c", amount=3)), "first": second}))

    await transact(database, change)
    document = database.documents("things")["1"]
    assert document["total"] == 10
    read = NEWER_RELEASE.read({name: value for name, value in document.items() if name != "total"})
    assert read.label == written.label  # and no upcast has touched it
    assert [(part.id, part.amount, part.reason) for part in read.parts] == [
        ("b", 2, "for"),
        ("a", 5, "because"),
        ("c", 3, ""),
    ]
    assert (read.first.reason, read.named["b"].reason) == ("for", "for")


async def put(unit: Any, collection: Collection[Any], state: State) -> None:
    unit.put(collection, state)


def test_what_an_older_process_makes_anew_keeps_the_fields_if_it_says_so() -> None:
    newer = NewerPart(id="a", amount=1, reason="because").model_dump()
    known = Part.model_validate(newer)
    assert Part(id="a", amount=2).keeping(known).model_dump() == {**newer, "amount": 2}
    assert Part(id="a", amount=2).keeping(None) == Part(id="a", amount=2)
    assert known.stripped() == Part(id="a", amount=1)
    assert known != Part(id="a", amount=1)


def identified(value: Any, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The objects within a document that can be found again: itself, and those that have an id."""
    if isinstance(value, list):
        for each in value:
            yield from identified(each, path)
    if isinstance(value, dict):
        own = value.get("_id") or value.get("id") or (value.get("purchase") or {}).get("line")
        if own is not None:
            yield (*path, own), value
        for name, each in value.items():
            yield from identified(each, (*path, *([own] if own else []), name))


def written_by_a_newer_process(database: MemoryDatabase, collection: Collection[Any]) -> dict[Path, Json]:
    """Give every object that can be found again a field that this release does not know; what each has now."""
    documents = database.documents(collection.name)
    grown: dict[str, Json] = {}
    for id_, document in documents.items():
        grown[id_] = grown_everywhere(document)
    database.store.committed = {**database.store.committed, collection.name: grown}
    return dict(pair for document in grown.values() for pair in identified(document))


def grown_everywhere(value: Any) -> Any:
    if isinstance(value, list):
        return [grown_everywhere(each) for each in value]
    if not isinstance(value, dict):
        return value
    inside = {name: grown_everywhere(each) for name, each in value.items()}
    known = value.get("_id") or value.get("id") or (value.get("purchase") or {}).get("line")
    return {**inside, NEWER: {"of": [known]}} if known else inside


@pytest.mark.parametrize("name", SERVICES)
async def test_reactions_of_an_older_process_keep_what_a_newer_one_wrote(name: str) -> None:
    """Before each event of the story, a newer process adds a field to everything that has an id."""
    sample = Sample(without=ELSEWHERE)
    service = Service(name, PARTS[name])
    states = [each for each in PARTS[name].collections if not is_a_view(each, PARTS[name].collections)]
    lost: list[tuple[str, str, Path]] = []
    for topic, batches in service.batches.items():
        if (name, topic) == ("payments", "credits.credits"):
            await ask_for_a_credit(service, sample)
        events = [event for event in received_by(name) if event.topic.name == topic]
        aggregate = sample.id_of(SUBJECTS.get(topic, "contract"))
        for sequence, event in enumerate(events, start=1):
            before = {each.name: written_by_a_newer_process(service.database, each) for each in states}
            body, _ = sample.body(event)
            await batches.apply([given(event, body, sample, sequence, aggregate)])
            for each in states:
                after = dict(
                    pair for document in service.database.documents(each.name).values() for pair in identified(document)
                )
                lost += [
                    (event.__name__, each.name, path)
                    for path, kept in before[each.name].items()
                    if path in after
                    and after[path].get(NEWER) != kept[NEWER]
                    and not after[path].get("closed")  # a dossier is emptied when its mail is due
                ]
    assert lost == []


def is_a_view(collection: Collection[Any], collections: Any) -> bool:
    return any(view.collection.name == collection.name for each in collections for view in each.views)
