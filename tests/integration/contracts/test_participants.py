"""Who takes part in a product: its live purchases, page by page and as CSV (ORG-1, ORG-4, PAY-14)."""

import csv
import io
from typing import Any

from carnet.ids import new_id
from tests.integration.contracts.conftest import Family, School, a_course
from tests.refused import old_id, problem


async def listed(school: School, product: str, query: str = "") -> dict[str, Any]:
    answer = await school.get(f"/v1/products/{product}/participants{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_the_participants_of_a_product_are_its_live_purchases_with_who_and_what_is_paid(
    school: School, family: Family
) -> None:
    course, other = a_course(), a_course()
    await school.sells(course, other)
    first = await family.opens(course, other)
    again = await family.opens(course, course)
    cancelled = await family.opens(course)
    await school.handles(family.schedule(cancelled))
    body = {"cancel": [cancelled["lines"][0]["id"]], "schedule_version": 1}
    path = f"/v1/contracts/{cancelled['id']}/changes"
    assert (await school.post(path, body, version=cancelled["version"])).status_code == 200
    await school.handles(family.schedule(first, paid=30000), family.schedule(again, paid=40000))
    found = (await listed(school, course.id))["items"]
    assert [(each["contract"], each["payment"]) for each in found] == [
        (first["id"], "paid"),
        (again["id"], "paid"),
        (again["id"], "partly_paid"),
    ]
    shown = {name: found[0][name] for name in ("first_name", "last_name", "client", "participant", "account")}
    assert shown == {
        "first_name": "Ben",
        "last_name": "Byron",
        "client": "Ada Byron",
        "participant": family.child,
        "account": family.account,
    }
    lines, cursor = [], ""
    for _ in range(3):
        page = await listed(school, course.id, f"?limit=1{cursor}")
        lines += [each["line"] for each in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (lines, page["next"]) == ([each["line"] for each in found], None)
    answer = await school.get(f"/v1/products/{course.id}/participants.csv?language=fr")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:4] == ["prénom", "nom", "date de naissance", "client"]
    assert [(row[0], row[-1]) for row in rows[1:]] == [("Ben", "payé"), ("Ben", "payé"), ("Ben", "payé en partie")]


async def test_org_1_participants_are_shown_to_the_staff_of_their_school_alone(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    await family.opens(course)
    path = f"/v1/products/{course.id}/participants"
    problem(await school.get(path, school.client_of(family.account)), 403, "staff-only")
    problem(await school.get(f"/v1/products/{old_id()}/participants"), 404, "unknown-product")
    neighbour = School(school.app, school.client, school.signer, new_id())
    await neighbour.is_described()
    problem(await neighbour.get(path), 404, "unknown-product")
    problem(await neighbour.get(f"{path}.csv"), 404, "unknown-product")
