"""Accesses: documents, indexes, queries, and how they are saved with the contracts whose plans open them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pymongo import IndexModel

from carnet.decisions import Context, Decision
from carnet.due import in_slots
from carnet.journal import ROWS, slot_of
from carnet.mongo import Collection, Database, Document, Unit, Wanted
from contracts.access.domain import Access, Moved, access_id, concerned, courses_of, erase, follow
from contracts.contracts.domain.contracts import Contract

ACCESSES = Collection(
    "accesses",
    Access,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1), ("_id", 1)], name="of_account"),
        IndexModel([("organisation", 1), ("member", 1), ("open", 1)], name="of_member"),
        IndexModel(
            [("organisation", 1), ("ends_on", 1)], name="ending", partialFilterExpression={"ends_on": {"$gt": ""}}
        ),
    ],
    derived={
        "ends_on": lambda access: access.ends_on.isoformat() if access.ends_on else None,
        "slot": lambda access: slot_of(access.id),
    },
)


def access_loads(contract: Contract | None) -> Wanted:
    """The accesses that the plans of a contract open, those of a change that waits among them."""
    waiting = contract.pending.lines if contract and contract.pending else ()
    lines = (*contract.live, *waiting) if contract else ()
    return [(ACCESSES, access_id(*pair)) for line in lines for pair in courses_of(line)]


async def follow_plans(unit: Unit, before: Contract | None, after: Contract, context: Context) -> None:
    """Save the accesses with the contract that was just saved: in its transaction, or not at all (CON-20)."""
    await unit.load(ACCESSES, concerned(before, after))
    follow_loaded(unit, before, after, context)


def follow_loaded(unit: Unit, before: Contract | None, after: Contract, context: Context) -> None:
    """The same for accesses that were loaded before."""
    for id_, (member, course) in concerned(before, after).items():
        known = unit.get(ACCESSES, id_)
        save(unit, known, follow(known or Access.none_yet(after, member, course), after, context), context)


async def moved_accesses(unit: Unit, before: Contract | None, after: Contract, context: Context) -> Sequence[Moved]:
    """What ``follow_plans`` would do to accesses, by course: for a preview; nothing is saved (CON-3)."""
    pairs = concerned(before, after)
    await unit.load(ACCESSES, pairs)
    found = []
    for id_, (member, course) in pairs.items():
        known = unit.get(ACCESSES, id_) or Access.none_yet(after, member, course)
        decided = follow(known, after, context)
        if decided.events:
            found.append(Moved(known, decided.state))
    return sorted(found, key=lambda moved: (moved.after.course, moved.after.member))


def save(unit: Unit, before: Access | None, decision: Decision[Access], context: Context) -> Access:
    """Save an access; one whose lines moved without an effect publishes nothing."""
    if decision.events:
        return unit.decide(ACCESSES, decision, context)
    if decision.state != before:
        unit.put(ACCESSES, decision.state)
    return decision.state


async def erase_accesses(unit: Unit, organisation: str, account: str, member: str | None, context: Context) -> None:
    """Close the accesses of an account, or of one member of it, and forget why staff changed them (ORG-4)."""
    query: Document = {"organisation": organisation, "account": account, **({"member": member} if member else {})}
    found = await unit.database[ACCESSES.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    ids = [document["_id"] for document in found]
    if not ids:
        return
    await unit.load(ACCESSES, ids)
    for access in filter(None, (unit.get(ACCESSES, id_) for id_ in ids)):
        save(unit, access, erase(access, context), context)
    await unit.database[ROWS].update_many(
        {"aggregate": {"$in": ids}, "personal": {"$exists": True}}, {"$unset": {"personal": ""}}, session=unit.session
    )


async def find_access(database: Database, organisation: str, access: str) -> Access | None:
    """The access of that id, where the organisation has it (ORG-1)."""
    return await database.state_of(ACCESSES, organisation, access)


async def accesses_of(
    database: Database, organisation: str, account: str, *, after: str | None, limit: int
) -> Sequence[Access]:
    """The accesses of an account that were ever granted, in the order of their ids: those after ``after``."""
    query: Document = {"organisation": organisation, "account": account, "given": {"$ne": None}}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = database[ACCESSES.name].find(query).sort("_id", 1).limit(limit)
    return [ACCESSES.read(document) async for document in found]


async def open_accesses(
    database: Database, organisation: str, member: str, *, course: str | None, after: str | None, limit: int
) -> Sequence[Access]:
    """The open accesses of a member, to one course if it is named, in the order of their ids: those after ``after``."""
    query: Document = {"organisation": organisation, "member": member, "open": True}
    if course is not None:
        query["course"] = course
    if after is not None:
        query["_id"] = {"$gt": after}
    found = database[ACCESSES.name].find(query).sort("_id", 1).limit(limit)
    return [ACCESSES.read(document) async for document in found]


async def ended_accesses(
    database: Database, organisations: Mapping[date, Iterable[str]], slots: frozenset[int], *, limit: int
) -> Sequence[Access]:
    """Open accesses of these slots whose last day is over; the organisations are by their date."""
    if not organisations or not slots:
        return []
    over: list[Document] = [
        {"organisation": {"$in": sorted(ids)}, "ends_on": {"$gt": "", "$lt": today.isoformat()}, **in_slots(slots)}
        for today, ids in sorted(organisations.items())
    ]
    found = database[ACCESSES.name].find(over[0] if len(over) == 1 else {"$or": over}).limit(limit)
    return [ACCESSES.read(document) async for document in found]
