"""An older process that loads and saves what a newer one wrote: the fields that it does not know stay.

The decisions that write a thing anew, instead of copying it, are tested beside their other tests.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from carnet.decisions import Decision, State
from carnet.journal import JournalRow, rows_of
from carnet.mongo import Collection, transact
from carnet.refusals import conflict
from carnet.tolerance import Tolerant
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask, granted, refused
from tests.costumes import BOTH
from tests.memory.mongo import MemoryDatabase
from tests.memory.suite import PARTS, Service
from tests.newer import NEWER, Json, Sample
from tests.unit.contracts.contract_builders import WORKSHOP, AtOnce, a_context, an_offer, buying, kept
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


OF_A_NEWER_TYPE: Json = {
    "type": "carnet.contracts.OfANewerRelease.v2",
    "topic": "contracts.contracts",
    "data": {"some": [1, {"thing": None}], "personal": {"notes": "of a person"}},
}


def waiting_for_costumes() -> Contract:
    """An opening that a newer process decided, whose request and whose events this release does not know."""
    context = a_context()
    decided = open_contract(Opening("online", AtOnce(), "EUR", (buying(WORKSHOP),)), an_offer(), context)
    document = kept(ask(None, decided, context, BOTH)).model_dump(mode="json")
    events = document["pending"]["events"]
    events[0]["data"][NEWER] = {"of": ["an opening"]}
    events.append(OF_A_NEWER_TYPE)
    return Contract.model_validate(document)


def published(contract: Contract, decision: Decision[Contract]) -> list[JournalRow]:
    return rows_of(contract.id, contract.organisation, contract.version, decision.events, a_context())


def test_what_a_newer_process_decided_is_published_as_it_was_kept() -> None:
    waiting = waiting_for_costumes()
    assert waiting.pending is not None
    made = granted(waiting, "costumes", waiting.pending.change, *waiting.pending.awaited, causes=BOTH)
    first, *_, last = published(waiting, made)
    assert first["type"] == "carnet.contracts.ContractOpened.v1"
    assert first["data"][NEWER] == {"of": ["an opening"]}
    assert first["data"]["version"] == last["sequence"] == waiting.version + len(made.events)
    assert (last["type"], last["topic"]) == (OF_A_NEWER_TYPE["type"], OF_A_NEWER_TYPE["topic"])
    assert {**last["data"], "personal": last.get("personal")} == OF_A_NEWER_TYPE["data"]


def test_what_a_newer_process_would_give_back_is_given_back() -> None:
    """A wardrobe, which this release does not know, kept a costume for an opening that a voucher refuses."""
    waiting = waiting_for_costumes()
    assert waiting.pending is not None
    (costumes,) = waiting.pending.requests
    voucher = costumes.model_copy(update={"cause": "voucher-redemption", "asked_of": "credits"})
    both = waiting.pending.model_copy(update={"requests": (costumes, voucher)})
    change, lines = both.change, both.requests[0].awaited
    asking = waiting.model_copy(update={"pending": both})
    held = granted(asking, "costumes", change, *lines, causes=BOTH).state
    decision = refused(held, "voucher-redemption", change, conflict("voucher-redeemed", "Choose another."), BOTH)
    returned, refusal = published(held, decision)
    assert returned["type"] == "carnet.contracts.CostumesReturned.v1"
    assert returned["data"] == {"contract": waiting.id, "request": change, "lines": list(lines)}
    assert refusal["type"] == "carnet.contracts.ConfirmationRefused.v1"
