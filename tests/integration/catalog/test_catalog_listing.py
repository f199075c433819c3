"""Products found: filters, search by the beginnings of words, order, pages."""

from dataclasses import replace
from typing import Any

import pytest

from carnet.ids import new_id
from catalog.store import PRODUCTS, find_products
from tests.integration.catalog.conftest import COURSE, DISCOUNT, PROFILE, School
from tests.refused import problem


async def names(school: School, **query: Any) -> list[str]:
    answer = await school.get("/v1/products", **query)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


@pytest.fixture
async def shelf(school: School) -> School:
    """A school with products of several kinds, made in no order."""
    await school.sells(name="Zumba")
    await school.makes(name="Éveil à la danse", description="Dès quatre ans")
    await school.sells(name="danse classique", vat_rate=550)
    await school.makes(name="Costume", participant=False, details={"kind": "item", "reference": "CO-77"})
    await school.makes(DISCOUNT, name="Adhérents")
    other = replace(school, organisation=new_id())
    await other.put("/v1/organisation", PROFILE)
    await other.makes(COURSE, name="Danse foreign")
    return school


async def test_they_are_listed_by_name_whatever_the_accents(shelf: School) -> None:
    assert await names(shelf) == ["Adhérents", "Costume", "danse classique", "Éveil à la danse", "Zumba"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "course"}, ["danse classique", "Éveil à la danse", "Zumba"]),
        ({"kind": "discount"}, ["Adhérents"]),
        ({"kind": "licence"}, []),
        ({"status": "on_sale"}, ["danse classique", "Zumba"]),
        ({"status": "draft", "kind": "item"}, ["Costume"]),
        ({"vat_rate": 550}, ["danse classique"]),
        ({"q": "DANS"}, ["danse classique", "Éveil à la danse"]),
        ({"q": "eve dan"}, ["Éveil à la danse"]),
        ({"q": "quat"}, ["Éveil à la danse"]),
        ({"q": "77"}, ["Costume"]),
        ({"q": "anse"}, []),
        ({"q": "danse foreign"}, []),
        ({"q": "danse", "status": "on_sale"}, ["danse classique"]),
        ({"q": " .*$ "}, ["Adhérents", "Costume", "danse classique", "Éveil à la danse", "Zumba"]),
    ],
    ids=str,
)
async def test_they_are_filtered_and_found_by_beginnings_of_words(
    shelf: School, query: dict[str, Any], expected: list[str]
) -> None:
    assert await names(shelf, **query) == expected


async def test_pages_follow_one_another_whatever_changes_meanwhile(shelf: School) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await shelf.get("/v1/products", limit=2, **cursor)).json()
        seen += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
        await shelf.makes(name="Aardvark")
    assert seen == ["Adhérents", "Costume", "danse classique", "Éveil à la danse", "Zumba"]


async def test_products_of_one_name_are_each_listed_once(school: School) -> None:
    made = {(await school.makes(name="Same"))["id"] for _ in range(5)}
    first = (await school.get("/v1/products", limit=3)).json()
    second = (await school.get("/v1/products", limit=3, cursor=first["next"])).json()
    assert {each["id"] for each in first["items"] + second["items"]} == made
    assert len(first["items"] + second["items"]) == 5


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "yacht"}, "kind"),
        ({"status": "sold"}, "status"),
        ({"vat_rate": -1}, "vat_rate"),
        ({"vat_rate": "x"}, "vat_rate"),
        ({"q": "x" * 101}, "q"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
    ],
    ids=str,
)
async def test_a_wrong_filter_is_named(school: School, query: dict[str, Any], field: str) -> None:
    assert problem(await school.get("/v1/products", **query), 422, "request-invalid")["errors"][0]["field"] == field


@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "é", "bnVsbA"])
async def test_a_cursor_of_nothing_is_refused(school: School, cursor: str) -> None:
    problem(await school.get("/v1/products", cursor=cursor), 422, "cursor-invalid")


@pytest.mark.parametrize("query", [{}, {"search": "dan"}, {"status": "on_sale"}, {"kind": "course"}], ids=str)
async def test_an_index_answers_every_list(shelf: School, query: dict[str, Any]) -> None:
    collection = shelf.database[PRODUCTS.name]
    await shelf.database.motor.command("profile", 2)
    try:
        await find_products(shelf.database, shelf.organisation, limit=10, **query)
    finally:
        await shelf.database.motor.command("profile", 0)
    mine = {"ns": collection.full_name, "op": "query", "command.filter.organisation": shelf.organisation}
    asked = await shelf.database["system.profile"].find(mine).to_list(None)
    assert asked
    assert all(each["planSummary"].startswith("IXSCAN") for each in asked)
    # Beside the five of this organisation there is one of another, which no list may read.
    assert all(each["docsExamined"] <= 5 for each in asked)


def on(day: str, *hours: str) -> dict[str, Any]:
    """The details of a course that takes place on that day, for an hour from each of these."""
    sittings = [{"on": day, "starts": hour, "ends": f"{int(hour[:2]) + 1}:00"} for hour in hours]
    return {"kind": "course", "capacity": 12, "occurrences": sittings}


async def activities(school: School, **query: Any) -> list[dict[str, Any]]:
    answer = await school.get("/v1/activities", **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_cat_6_the_activities_of_a_day_are_listed_with_their_occurrences_of_that_day(school: School) -> None:
    yoga = await school.sells(name="Yoga", details=on("2027-03-01", "19:00", "10:00"))
    await school.sells(name="Barre", details=on("2027-03-01", "18:00"))
    await school.sells(name="Zumba", details=on("2027-03-02", "18:00"))
    await school.makes(name="Draft", details=on("2027-03-01", "18:00"))
    other = replace(school, organisation=new_id())
    await other.put("/v1/organisation", PROFILE)
    await other.sells(name="Elsewhere", details=on("2027-03-01", "18:00"))
    found = await activities(school, on="2027-03-01")
    hours = [(each["name"], [(one["starts"], one["ends"]) for one in each["occurrences"]]) for each in found]
    assert hours == [("Barre", [("18:00", "19:00")]), ("Yoga", [("10:00", "11:00"), ("19:00", "20:00")])]
    assert found[1]["product"] == yoga["id"]
    ids = {one["id"] for each in found for one in each["occurrences"]}
    assert len(ids) == 3
    assert await activities(school, on="2027-03-03") == []
    assert await activities(school) == []


async def test_cat_6_an_occurrence_keeps_its_id_while_its_day_and_hour_stay(school: School) -> None:
    made = await school.sells(name="Yoga", details=on("2027-03-01", "19:00"))
    before = await activities(school, on="2027-03-01")
    body = COURSE | {"name": "Yoga doux", "details": on("2027-03-01", "10:00", "19:00")}
    formats = [{**each, "tariffs": each["tariffs"]} for each in made["formats"]]
    answer = await school.put(f"/v1/products/{made['id']}", body | {"formats": formats}, version=made["version"])
    assert answer.status_code == 200, answer.text
    (after,) = await activities(school, on="2027-03-01")
    assert after["name"] == "Yoga doux"
    assert [one["id"] for one in after["occurrences"]][1:] == [one["id"] for one in before[0]["occurrences"]]


async def test_cat_6_the_activities_of_a_day_come_page_by_page(school: School) -> None:
    for name in ("Barre", "Yoga", "Zumba"):
        await school.sells(name=name, details=on("2027-03-01", "18:00"))
    first = (await school.get("/v1/activities", on="2027-03-01", limit=2)).json()
    rest = (await school.get("/v1/activities", on="2027-03-01", limit=2, cursor=first["next"])).json()
    assert [each["name"] for each in (*first["items"], *rest["items"])] == ["Barre", "Yoga", "Zumba"]
    assert rest["next"] is None
