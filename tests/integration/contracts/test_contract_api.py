"""Contracts over HTTP: opened, changed, cancelled, read, confirmed once and never on what has moved."""

import asyncio

from carnet.ids import new_id
from carnet.mongo import transact
from contracts.contracts.store import forget_notes
from tests.integration.contracts.conftest import Family, School, a_course, ten_percent
from tests.refused import problem


async def test_con_1_a_contract_is_opened_published_and_read(school: School, family: Family) -> None:
    course, discount = a_course(), ten_percent()
    await school.sells(course, discount)
    answer = await school.post("/v1/contracts", family.buying(course, discounts=(discount,)))
    opened = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"3"'
    assert answer.headers["location"] == f"/v1/contracts/{opened['id']}"
    assert opened["total"] == {"amount": 27000, "currency": "EUR"}
    line, placed = opened["lines"]
    assert (line["price"]["amount"], line["net"]["amount"], line["participant"]) == (30000, 27000, family.child)
    assert placed["amount"]["amount"] == -3000
    assert placed["shares"] == [{"line": line["id"], "amount": {"amount": 3000, "currency": "EUR"}}]
    published = await school.journal(opened["id"])
    assert [row["type"].split(".")[2] for row in published] == ["ContractOpened", "ProductAdded", "DiscountPlaced"]
    assert len({row["change"] for row in published}) == 1
    read = await school.get(f"/v1/contracts/{opened['id']}")
    [follows] = opened.pop("follows")
    assert follows == {"service": "payments", "path": f"/v1/schedules/{opened['id']}", "field": "covers", "at_least": 3}
    assert read.json() == {name: value for name, value in opened.items() if name not in ("change", "advice")}
    assert read.headers["etag"] == '"3"'


async def test_con_3_4_a_change_is_confirmed_on_the_versions_that_were_previewed(
    school: School, family: Family
) -> None:
    course, other, discount = a_course(), a_course(20000), ten_percent()
    await school.sells(course, other, discount)
    opened = await family.opens(course, discounts=(discount,))
    await school.handles(family.schedule(opened))
    line, placed = (line["id"] for line in opened["lines"])
    change = {
        "cancel": [line, placed],
        "add": [other.bought_for(family.child)],
        "schedule_version": 1,
    }
    answer = await school.post(f"/v1/contracts/{opened['id']}/changes", change, version=3)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert changed["total"]["amount"] == 20000
    assert changed["version"] == 7
    assert [line["state"] for line in changed["lines"]] == ["cancelled", "cancelled", "live"]
    published = (await school.journal(opened["id"]))[-1]
    assert published["type"].endswith("ContractChanged.v1")
    assert (published["data"]["total_before"], published["data"]["total_after"], published["data"]["version"]) == (
        27000,
        20000,
        7,
    )


async def test_con_3_a_confirmation_is_refused_once_the_contract_has_moved(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    path, body = f"/v1/contracts/{opened['id']}/changes", {"add": [course.bought_for(family.child)]}
    confirmation = body | {"schedule_version": 0}
    assert (await school.post(path, confirmation, version=2)).status_code == 200
    stale = await school.post(path, confirmation, version=2)
    assert stale.status_code == 412
    assert stale.json()["type"] == "urn:carnet:problem:version-moved"
    assert len(await school.journal(opened["id"])) == 4


async def test_con_3_a_confirmation_is_refused_once_the_schedule_has_moved(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    await school.handles(family.schedule(opened), family.schedule_moves(opened, 2))
    path, body = f"/v1/contracts/{opened['id']}/changes", {"add": [course.bought_for(family.child)]}
    stale = await school.post(path, body | {"schedule_version": 1}, version=2)
    assert stale.status_code == 412
    assert stale.json()["type"] == "urn:carnet:problem:schedule-moved"
    assert stale.json()["params"] == {"contract": opened["id"], "previewed": 1, "newest": 2}
    assert (await school.post(path, body | {"schedule_version": 2}, version=2)).status_code == 200


async def test_a_confirmation_sent_twice_is_applied_once(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    path, key = f"/v1/contracts/{opened['id']}/changes", new_id()
    body = {"add": [course.bought_for(family.child)], "schedule_version": 0}
    answers = await asyncio.gather(*(school.post(path, body, version=2, key=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    again = await school.post(path, body, version=2, key=key)
    assert again.content == answers[0].content
    assert len(await school.journal(opened["id"])) == 4
    other = await school.post(path, body | {"schedule_version": 1}, version=2, key=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:carnet:problem:idempotency-key-reused")


async def test_an_opening_sent_twice_opens_one_contract(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    key, body = new_id(), family.buying(course)
    first, second = await asyncio.gather(*(school.post("/v1/contracts", body, key=key) for _ in range(2)))
    assert (first.status_code, first.content) == (201, second.content)
    assert await school.count_contracts() == 1


async def test_changes_at_the_same_time_apply_one_after_the_other_and_only_on_what_was_seen(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    path, body = f"/v1/contracts/{opened['id']}/changes", {"add": [course.bought_for(family.child)]}
    answers = await asyncio.gather(*(school.post(path, body | {"schedule_version": 0}, version=2) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]


async def test_con_6_a_line_with_a_discount_in_force_is_refused_with_the_discount(
    school: School, family: Family
) -> None:
    course, discount = a_course(), ten_percent()
    await school.sells(course, discount)
    opened = await family.opens(course, discounts=(discount,))
    line, placed = (line["id"] for line in opened["lines"])
    body = {"cancel": [line], "schedule_version": 0}
    refused = await school.post(f"/v1/contracts/{opened['id']}/changes", body, version=3)
    answered = problem(refused, 409, "line-bears-discount")
    assert answered["rule"] == "CON-6"
    assert answered["params"] == {"line": line, "discounts": [placed]}


async def test_con_11_price_and_notes_are_edited_and_clients_see_no_notes(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    edit = {
        "line": opened["lines"][0]["id"],
        "price": {"amount": 25000, "currency": "EUR"},
        "expires_on": "2027-06-30",
        "notes": "Comes late",
    }
    answer = await school.post(
        f"/v1/contracts/{opened['id']}/changes", {"edit": [edit], "schedule_version": 0}, version=2
    )
    line = answer.json()["lines"][0]
    assert (line["price"]["amount"], line["expires_on"], line["notes"]) == (25000, "2027-06-30", "Comes late")
    seen = await school.get(f"/v1/contracts/{opened['id']}", school.client_of(family.account))
    assert seen.json()["lines"][0]["notes"] is None
    edited = (await school.journal(opened["id"]))[2]
    assert edited["personal"] == {"notes": "Comes late"}
    assert "notes" not in edited["data"]


async def test_org_4_erasing_removes_the_notes_from_lines_and_journal_and_nothing_else(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    body = family.buying(course, course)
    body["add"][1]["participant"] = family.owner
    opened = (await school.post("/v1/contracts", body)).json()
    edits = [{"line": line["id"], "notes": f"Of {line['participant']}"} for line in opened["lines"]]
    path = f"/v1/contracts/{opened['id']}"
    await school.post(f"{path}/changes", {"edit": edits, "schedule_version": 0}, version=3)
    before = await school.journal(opened["id"])
    await transact(school.database, lambda unit: forget_notes(unit, school.organisation, family.account, family.child))
    lines = (await school.get(path)).json()["lines"]
    assert [line["notes"] for line in lines] == [None, f"Of {family.owner}"]
    after = await school.journal(opened["id"])
    assert "personal" not in after[3]
    assert after[4]["personal"] == {"notes": f"Of {family.owner}"}
    assert after == [
        {name: value for name, value in row.items() if row is not before[3] or name != "personal"} for row in before
    ]
    await transact(school.database, lambda unit: forget_notes(unit, school.organisation, family.account))
    assert [line["notes"] for line in (await school.get(path)).json()["lines"]] == [None, None]


async def test_con_22_a_contract_is_cancelled_whole(school: School, family: Family) -> None:
    course, discount = a_course(), ten_percent()
    await school.sells(course, discount)
    opened = await family.opens(course, course, discounts=(discount,))
    path = f"/v1/contracts/{opened['id']}"
    answer = await school.post(f"{path}/cancellation", {"schedule_version": 0}, version=4)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["total"]["amount"], answer.json()["live_lines"]) == (0, 0)
    assert answer.json()["cancelled_on"] is not None
    published = [row["type"].split(".")[2] for row in (await school.journal(opened["id"]))[4:]]
    assert published == [
        "ProductCancelled",
        "ProductCancelled",
        "ProductCancelled",
        "ContractChanged",
        "ContractCancelled",
    ]
    body = {"add": [course.bought_for(family.child)], "schedule_version": 0}
    refused = await school.post(f"{path}/changes", body, version=9)
    assert (refused.status_code, refused.json()["rule"]) == (409, "CON-22")


async def test_con_5_adding_a_course_to_a_contract_paid_in_full_online_is_advised_against(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    await school.handles(family.schedule(opened, paid=30000))
    body = {"add": [course.bought_for(family.child)], "schedule_version": 1}
    answer = await school.post(f"/v1/contracts/{opened['id']}/changes", body, version=2)
    assert answer.status_code == 200
    assert [advice["name"] for advice in answer.json()["advice"]] == ["open-another-contract"]


async def test_a_product_that_is_received_after_the_first_try_can_be_bought_then(
    school: School, family: Family
) -> None:
    course, late = a_course(), a_course(1000)
    await school.sells(course)
    opened = await family.opens(course)
    path = f"/v1/contracts/{opened['id']}/changes"
    body = {"add": [late.bought_for(family.child)], "schedule_version": 0}
    refused = await school.post(path, body, version=2)
    problem(refused, 404, "unknown-product")
    asked = await school.post("/v1/contracts", family.buying(late))
    assert (asked.status_code, asked.json()["type"]) == (503, "urn:carnet:problem:catalog-unavailable")
    await school.sells(late)
    assert (await school.post(path, body, version=2)).status_code == 200
    assert (await school.post("/v1/contracts", family.buying(late))).status_code == 201


async def test_con_3_a_preview_is_unavailable_while_payments_is_down_and_a_confirmation_goes_on(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    path, body = f"/v1/contracts/{opened['id']}/changes", {"add": [course.bought_for(family.child)]}
    preview = await school.client.post(f"{path}/preview", json=body, headers=school.staff)
    assert (preview.status_code, preview.json()["type"]) == (503, "urn:carnet:problem:payments-unavailable")
    assert len(await school.journal(opened["id"])) == 2
    assert (await school.post(path, body | {"schedule_version": 0}, version=2)).status_code == 200


async def test_con_10_purchases_and_contracts_of_an_account_are_listed_page_by_page(
    school: School, family: Family
) -> None:
    course, second = a_course(), a_course(1000)
    await school.sells(course, second)
    first = await family.opens(course, second)
    later = await family.opens(second)
    await school.handles(family.schedule(first, paid=30500))
    contracts = await school.get(f"/v1/accounts/{family.account}/contracts")
    assert [each["id"] for each in contracts.json()["items"]] == [later["id"], first["id"]]
    assert [(each["schedule"] or {}).get("version") for each in contracts.json()["items"]] == [None, 1]
    path, found = f"/v1/accounts/{family.account}/purchases?limit=2", []
    page = (await school.get(path)).json()
    found += page["items"]
    assert page["next"] is not None
    page = (await school.get(f"{path}&cursor={page['next']}")).json()
    found += page["items"]
    assert page["next"] is None
    assert [(each["contract"], each["price"]["amount"], each["payment"]) for each in found] == [
        (first["id"], 30000, "paid"),
        (first["id"], 1000, "partly_paid"),
        (later["id"], 1000, "unpaid"),
    ]


async def test_org_4_the_journal_of_a_contract_shows_who_did_what(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    path = f"/v1/contracts/{opened['id']}/journal?limit=1"
    page = (await school.get(path)).json()
    (entry,) = page["items"]
    assert (entry["type"], entry["actor"], entry["sequence"]) == ("ContractOpened", "user:staff-1", 1)
    following = (await school.get(f"{path}&cursor={page['next']}")).json()
    assert following["items"][0]["type"] == "ProductAdded"
    assert following["next"] is None


async def test_org_2_a_client_reads_its_own_and_changes_nothing(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    own, other = school.client_of(family.account), school.client_of((await school.family()).account)
    path, account = f"/v1/contracts/{opened['id']}", f"/v1/accounts/{family.account}"
    for read in (path, f"{account}/contracts", f"{account}/purchases"):
        assert (await school.get(read, own)).status_code == 200
        assert (await school.get(read, other)).status_code == 404
    assert (await school.get(f"{path}/journal", own)).status_code == 403
    change = {"cancel": [opened["lines"][0]["id"]], "schedule_version": 0}
    for write, body in (
        ("/v1/contracts", family.buying(course)),
        ("/v1/contracts/preview", family.buying(course)),
        (f"{path}/changes", change),
        (f"{path}/changes/preview", change),
        (f"{path}/cancellation", {"schedule_version": 0}),
        (f"{path}/cancellation/preview", {}),
    ):
        refused = await school.post(write, body, version=2, headers=own)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:carnet:problem:staff-only"), write
    assert len(await school.journal(opened["id"])) == 2
