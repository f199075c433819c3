"""Views that are declared with their state: saved with it, compared with it, made anew from it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import pytest
from pydantic import computed_field

from carnet import views
from carnet.decisions import State
from carnet.ids import new_id
from carnet.mongo import Collection, Database, Document, Join, Repeated, Unit, View, transact
from carnet.views import Difference, compare, progress_of, rebuild


class Owner(State):
    name: str


class Box(State):
    owner: str
    things: tuple[str, ...] = ()
    secret: bool = False

    @computed_field
    @property
    def count(self) -> int:
        return len(self.things)


class Thing(State):
    box: str
    name: str
    owner: str | None = None
    note: str = ""


def things_in(box: Box, owner: Owner | None) -> Iterable[Thing]:
    return [
        Thing(id=f"{box.id}:{name}", organisation=box.organisation, box=box.id, name=name,
              owner=owner.name if owner else None)
        for name in box.things
    ]  # fmt: skip


THINGS = Collection("things", Thing)
OWNERS = Collection(
    "owners",
    Owner,
    repeated=[Repeated(THINGS, by="owned_by", fields=lambda owner: {"owner": owner.name}, where=lambda _: True)],
)
BOXES: Collection[Box] = Collection(
    "boxes",
    Box,
    derived={"found_by": lambda box: "-".join(box.things)},
    views=[
        View(
            THINGS,
            things_in,
            owner="box",
            joins=Join(OWNERS, lambda box: box.owner),
            leaves=lambda box: ("owner", "note") if box.secret else ("note",),
        )
    ],
)
ORGANISATION, INES = new_id(), new_id()


def a_box(id_: str, *things: str, secret: bool = False) -> Box:
    return Box(id=id_, organisation=ORGANISATION, owner=INES, things=things, secret=secret)


class Shop:
    def __init__(self, database: Database) -> None:
        self.database = database

    async def keep(self, *boxes: Box) -> None:
        async def work(unit: Unit) -> None:
            await unit.load(BOXES, [box.id for box in boxes])
            for box in boxes:
                unit.put(BOXES, box)

        await transact(self.database, work)

    async def name(self, name: str) -> None:
        async def work(unit: Unit) -> None:
            await unit.load(OWNERS, [INES])
            unit.put(OWNERS, Owner(id=INES, organisation=ORGANISATION, name=name))

        await transact(self.database, work)

    async def rows(self) -> dict[str, Document]:
        return {row["_id"]: row for row in await self.database["things"].find().to_list(None)}

    async def rebuilt(self) -> views.Progress:
        return [progress async for progress in rebuild(self.database, BOXES)][-1]

    async def differences(self) -> list[Difference]:
        return [difference async for difference in compare(self.database, BOXES)]


@pytest.fixture
async def shop(database: Database) -> Shop:
    await database.prepare([BOXES, OWNERS, THINGS])
    here = Shop(database)
    await here.name("Inès")
    return here


async def test_a_state_is_saved_with_its_rows_and_only_those_that_differ_are_written(shop: Shop) -> None:
    await shop.keep(a_box("a", "hat", "bell"))
    assert {id_: row["owner"] for id_, row in (await shop.rows()).items()} == {"a:hat": "Inès", "a:bell": "Inès"}
    await shop.database["things"].update_one({"_id": "a:hat"}, {"$set": {"note": "kept", "name": "untouched"}})
    await shop.keep(a_box("a", "hat", "rope"))
    rows = await shop.rows()
    assert set(rows) == {"a:hat", "a:rope"}
    assert (rows["a:hat"]["note"], rows["a:hat"]["name"]) == ("kept", "untouched")


async def test_what_a_state_can_say_nothing_about_is_left_as_it_is(shop: Shop) -> None:
    await shop.keep(a_box("a", "hat"))
    await shop.name("Jeanne")
    await shop.keep(a_box("a", "hat", secret=True))
    await shop.database["things"].update_one({"_id": "a:hat"}, {"$set": {"name": "wrong"}})
    assert (await shop.differences())[0].what == "name"
    await shop.rebuilt()
    row = (await shop.rows())["a:hat"]
    assert (row["name"], row["owner"]) == ("hat", "Inès")


async def test_fields_that_rows_repeat_are_saved_with_their_state(shop: Shop) -> None:
    await shop.keep(a_box("a", "hat"))
    await shop.database["things"].update_one({"_id": "a:hat"}, {"$set": {"owned_by": INES}})
    await shop.name("Jeanne")
    assert (await shop.rows())["a:hat"]["owner"] == "Jeanne"


async def test_a_piece_of_work_that_is_undone_leaves_no_rows(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        await unit.load(BOXES, ["a"])
        unit.put(BOXES, a_box("a", "hat"))
        with suppress(ValueError), unit.piece(ORGANISATION):
            unit.put(BOXES, a_box("a", "hat", "bell"))
            raise ValueError

    await transact(shop.database, work)
    assert set(await shop.rows()) == {"a:hat"}


async def test_a_rebuild_mends_what_differs_and_says_how_much(shop: Shop) -> None:
    await shop.keep(*(a_box(f"{n}", "hat", "bell") for n in range(5)))
    things, boxes = shop.database["things"], shop.database["boxes"]
    await things.delete_one({"_id": "0:hat"})
    await things.update_one({"_id": "1:hat"}, {"$set": {"name": "wrong"}, "$unset": {"owner": ""}})
    await things.insert_one({"_id": "2:old", "box": "2", "organisation": ORGANISATION})
    await things.insert_one({"_id": "gone:old", "box": "gone", "organisation": ORGANISATION})
    await boxes.update_one({"_id": "3"}, {"$set": {"count": 7}, "$unset": {"found_by": ""}})
    await boxes.insert_one({"_id": "9", "organisation": 5})
    found = {(each.collection, each.id, each.state, each.what) for each in await shop.differences()}
    assert found == {
        ("things", "0:hat", "0", "missing"),
        ("things", "1:hat", "1", "name, owner"),
        ("things", "2:old", "2", views.LEFT_OVER),
        ("things", "gone:old", "gone", views.LEFT_OVER),
        ("boxes", "3", "3", "count, found_by"),
        ("boxes", "9", "9", views.UNREADABLE),
    }
    done = await shop.rebuilt()
    assert (done.read, done.differed, done.unreadable) == (6, 5, 1)
    assert [each.what for each in await shop.differences()] == [views.UNREADABLE]
    assert (await shop.rebuilt()).differed == 0
    assert await progress_of(shop.database, BOXES) is None


async def test_a_rebuild_that_was_interrupted_goes_on_where_it_ended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    await shop.keep(*(a_box(f"{n}", "hat") for n in range(5)))
    await shop.database["things"].delete_many({})
    first = await anext(rebuild(shop.database, BOXES))
    assert await progress_of(shop.database, BOXES) == first
    assert (first.read, first.differed, first.after) == (2, 2, "1")
    await shop.database["things"].delete_many({"box": "0"})
    done = await shop.rebuilt()
    assert (done.read, done.differed) == (5, 5)
    assert set(await shop.rows()) == {f"{n}:hat" for n in range(1, 5)}


async def test_a_rebuild_beside_changes_leaves_every_row_right(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 3)
    names = ("hat", "bell", "rope", "kite")
    await shop.keep(*(a_box(f"{n}", *names[: n % 4]) for n in range(8)))

    async def change() -> None:
        for turn in range(12):
            await shop.keep(a_box(f"{turn % 8}", *names[turn % 3 :]))

    async def break_and_mend() -> None:
        for turn in range(6):
            await shop.database["things"].delete_many({"name": names[turn % 4]})
            await shop.rebuilt()

    await asyncio.gather(change(), break_and_mend())
    await shop.rebuilt()
    assert await shop.differences() == []
