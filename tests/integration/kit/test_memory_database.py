"""MongoDB in memory is what the oracle of the balance relies on: it does what the real one does, seen from Carnet."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from carnet.decisions import State
from carnet.mongo import Collection, Database, Unit, look, transact
from carnet_suite.servers import Servers
from tests.memory.mongo import MemoryDatabase


class Thing(State):
    size: int = 0


THINGS = Collection("things", Thing, indexes=[IndexModel([("shelf", 1), ("place", 1)], name="places", unique=True)])
DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "a", "shelf": 1, "place": 1, "on": "2026-11-21", "parts": [{"of": "x", "n": 1}, {"of": "y", "n": 5}]},
    {"_id": "b", "shelf": 1, "place": 2, "on": None, "parts": []},
    {"_id": "c", "shelf": 2, "place": 1, "on": "2026-12-01", "tags": ["red", "blue"]},
    {"_id": "d", "shelf": 2, "place": 2, "inner": {"n": 3}},
]


@pytest.fixture(params=["real", "memory"])
async def database(request: pytest.FixtureRequest, servers: Servers, namespace: str) -> AsyncIterator[Database]:
    if request.param == "memory":
        yield MemoryDatabase("things", [THINGS])
        return
    real = Database.open(servers.mongo_url, f"{namespace}_things")
    await real.prepare([THINGS])
    yield real
    real.close()


@pytest.fixture
async def shelves(database: Database) -> Database:
    await database["things"].bulk_write([InsertOne(dict(document)) for document in DOCUMENTS])
    return database


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "abcd"),
        ({"shelf": 1}, "ab"),
        ({"_id": {"$in": ["d", "a", "z"]}}, "ad"),
        ({"on": None}, "bd"),
        ({"on": {"$ne": None}}, "ac"),
        ({"on": {"$gt": "", "$lte": "2026-11-30"}}, "a"),
        ({"on": {"$exists": True}}, "abc"),
        ({"parts.n": {"$gte": 5}}, "a"),
        ({"parts.of": "y", "shelf": {"$lt": 2}}, "a"),
        ({"tags": "red"}, "c"),
        ({"on": {"$type": "string"}}, "ac"),
        ({"tags": {"$in": ["blue", "green"]}}, "c"),
        ({"tags": {"$all": ["red"]}}, "c"),
        ({"tags": {"$all": ["red", "grey"]}}, ""),
        ({"tags": {"$all": []}}, ""),
        ({"inner.n": 3}, "d"),
        ({"$or": [{"shelf": 2, "place": {"$gt": 1}}, {"_id": "b"}]}, "bd"),
        ({"$and": [{"shelf": 2}, {"on": {"$nin": [None]}}]}, "c"),
    ],
)
async def test_queries(shelves: Database, query: dict[str, Any], found: str) -> None:
    documents = await shelves["things"].find(query, {"_id": 1}).sort("_id", 1).to_list(None)
    assert "".join(document["_id"] for document in documents) == found
    assert await shelves["things"].count_documents(query) == len(found)


async def test_order_limits_and_what_is_shown(shelves: Database) -> None:
    found = await shelves["things"].find({}, {"_id": 1, "on": 1}).sort([("on", -1), ("_id", 1)]).limit(3).to_list(None)
    assert found == [{"_id": "c", "on": "2026-12-01"}, {"_id": "a", "on": "2026-11-21"}, {"_id": "b", "on": None}]
    first = await shelves["things"].find_one({"shelf": 2}, {"shelf": 0, "tags": 0}, sort=[("place", 1)])
    assert first == {"_id": "c", "place": 1, "on": "2026-12-01"}


async def test_writes(shelves: Database) -> None:
    things = shelves["things"]
    await things.bulk_write(
        [
            UpdateOne({"_id": "a"}, {"$setOnInsert": {"shelf": 9}, "$set": {"inner.n": 1}}, upsert=True),
            UpdateOne({"_id": "e"}, {"$setOnInsert": {"shelf": 9}, "$set": {"inner.n": 1}}, upsert=True),
            UpdateMany({"shelf": 2}, {"$inc": {"asks": 1}, "$unset": {"tags": ""}}),
            ReplaceOne({"_id": "b"}, {"shelf": 3}),
            DeleteOne({"_id": "d"}),
        ]
    )
    assert await things.find({}, {"parts": 0}).sort("_id", 1).to_list(None) == [
        {"_id": "a", "shelf": 1, "place": 1, "on": "2026-11-21", "inner": {"n": 1}},
        {"_id": "b", "shelf": 3},
        {"_id": "c", "shelf": 2, "place": 1, "on": "2026-12-01", "asks": 1},
        {"_id": "e", "inner": {"n": 1}, "shelf": 9},
    ]


async def test_items_are_taken_out_of_a_list(shelves: Database) -> None:
    await shelves["things"].update_many({"parts.of": "x"}, {"$pull": {"parts": {"of": "x"}}})
    assert await shelves["things"].find_one({"_id": "a"}, {"parts": 1}) == {"_id": "a", "parts": [{"of": "y", "n": 5}]}


@pytest.mark.parametrize(
    ("stages", "found"),
    [
        (
            [{"$match": {"shelf": 1}}, {"$group": {"_id": "all", "count": {"$sum": 1}, "size": {"$sum": "$place"}}}],
            [{"_id": "all", "count": 2, "size": 3}],
        ),
        (
            [
                {"$project": {"parts.n": 1}},
                {"$unwind": "$parts"},
                {"$group": {"_id": None, "count": {"$sum": "$parts.n"}}},
            ],
            [{"_id": None, "count": 6}],
        ),
        (
            [
                {"$match": {"on": {"$ne": None}}},
                {
                    "$group": {
                        "_id": {"$substrBytes": ["$on", 5, 2]},
                        "less": {"$sum": {"$subtract": ["$place", {"$add": [{"$ifNull": ["$gone", 0]}, 3]}]}},
                    }
                },
                {"$sort": {"_id": 1}},
            ],
            [{"_id": "11", "less": -2}, {"_id": "12", "less": -2}],
        ),
        ([{"$sort": {"place": -1, "_id": 1}}, {"$limit": 1}, {"$group": {"_id": "$shelf"}}], [{"_id": 1}]),
        ([{"$match": {"shelf": 9}}, {"$group": {"_id": "$shelf", "count": {"$sum": 1}}}], []),
    ],
)
async def test_aggregations(shelves: Database, stages: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    assert await shelves["things"].aggregate(stages).to_list(None) == found


async def test_what_is_unique_stays_so(shelves: Database) -> None:
    with pytest.raises(BulkWriteError):
        await shelves["things"].bulk_write([InsertOne({"_id": "a", "shelf": 7, "place": 7})])
    with pytest.raises(BulkWriteError):
        await shelves["things"].bulk_write([InsertOne({"_id": "z", "shelf": 1, "place": 2})])
    assert await shelves["things"].count_documents({}) == len(DOCUMENTS)


async def test_a_transaction_sees_its_snapshot_and_what_it_wrote(shelves: Database) -> None:
    async def seen(unit: Unit) -> list[int]:
        things = unit.database["things"]
        await things.find_one({"_id": "a"}, session=unit.session)
        await shelves["things"].bulk_write([InsertOne({"_id": "late", "shelf": 8, "place": 8})])
        others = await things.count_documents({}, session=unit.session)
        await things.update_many({"shelf": 1}, {"$set": {"shelf": 5}}, session=unit.session)
        return [others, await things.count_documents({"shelf": 5}, session=unit.session)]

    assert await look(shelves, seen) == [4, 2]
    assert await shelves["things"].count_documents({"shelf": 5}) == 0


async def test_of_two_that_write_the_same_state_one_runs_again(database: Database) -> None:
    async def put(unit: Unit, size: int) -> None:
        await unit.load(THINGS, ["a"])
        before = unit.get(THINGS, "a") or Thing(id="a", organisation="o")
        unit.put(THINGS, before.model_copy(update={"size": before.size + size}))

    runs = 0

    async def slow(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        await put(unit, 10)
        if runs == 1:
            await transact(database, lambda other: put(other, 1))

    await transact(database, lambda unit: put(unit, 100))
    await transact(database, slow)
    document = await database["things"].find_one({"_id": "a"})
    assert document is not None
    assert (runs, document["size"]) == (2, 111)
