"""Access to online courses over HTTP, in the journal and on the organisation's clock (CON-20)."""

from datetime import timedelta
from typing import Any

from carnet.dates import utc_now
from carnet.events.access import AccessSettings
from carnet.events.catalog import Contact, OnlinePlanDetails, OrganisationChanged
from carnet.journal import SLOTS
from contracts.access.domain import access_id
from contracts.access.ending import Ender
from tests.callers import command
from tests.integration.contracts.conftest import Family, Product, School, a_course, a_credit
from tests.integration.contracts.selling_credits import Sold
from tests.records import record
from tests.refused import problem

LIGHT = AccessSettings(lessons=5, exercises="teacher")
ALL_SLOTS = frozenset(range(SLOTS))


def a_plan(*courses: str, price: int = 12000, **details: Any) -> Product:
    return Product(OnlinePlanDetails(courses=courses, **details), price)


async def published(school: School, family: Family, course: str) -> list[dict[str, Any]]:
    """What was published of the child's access to a course: the data of each event, with its name."""
    rows = await school.journal(access_id(family.child, course))
    assert {row["topic"] for row in rows} <= {"contracts.access"}
    return [{"event": row["type"].split(".")[2], "change": row["change"], **row["data"]} for row in rows]


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


async def changes(school: School, contract: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = await school.post(
        f"/v1/contracts/{contract['id']}/changes", {"schedule_version": 1, **body}, version=contract["version"]
    )
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_con_20_a_sale_grants_and_a_cancellation_revokes_in_the_change_itself(
    school: School, family: Family
) -> None:
    plan = a_plan("harmony", "rhythm", settings=LIGHT)
    await school.sells(plan)
    contract = await family.opens(plan)
    await school.handles(family.schedule(contract))
    [shown, _] = sorted(
        (await school.get(f"/v1/accounts/{family.account}/accesses")).json()["items"], key=lambda each: each["course"]
    )
    assert (shown["course"], shown["member"], shown["open"], shown["name"]) == (
        "harmony", family.child, True, "A online_plan",
    )  # fmt: skip
    assert shown["settings"] == LIGHT.model_dump()

    changed = await changes(school, contract, cancel=[contract["lines"][0]["id"]])
    events = await published(school, family, "harmony")
    assert names(events) == ["AccessGranted", "AccessRevoked"]
    assert [event["change"] for event in events] == [contract["change"], changed["change"]]
    assert events[1]["settings"] == LIGHT.model_dump()
    path = f"/v1/accesses/{shown['id']}"
    seen = await school.get(path, school.client_of(family.account))
    assert (seen.json()["open"], seen.json()["why"], seen.headers["etag"]) == (False, "cancelled", '"2"')
    journal = (await school.get(f"{path}/journal")).json()["items"]
    assert [(entry["type"], entry["actor"]) for entry in journal] == [
        ("AccessGranted", "user:staff-1"), ("AccessRevoked", "user:staff-1"),
    ]  # fmt: skip


async def test_con_20_a_change_that_waits_gives_no_access_before_it_is_made(school: School, family: Family) -> None:
    plan, course, credit = a_plan("waiting"), a_course(), a_credit()
    await school.sells(plan, course, credit)
    contract = await family.opens(course, credit)
    await school.handles(family.schedule(contract))
    case = Sold(family, course, contract)
    body = {"cancel": case.credits, "add": [plan.bought_for(family.child)], "schedule_version": 1}
    request = (await case.asks(body))["change"]
    assert await published(school, family, "waiting") == []
    await case.handles(case.removed(request, case.credits[0]))
    (event,) = await published(school, family, "waiting")
    assert (event["event"], event["change"], event["contract"]) == ("AccessGranted", request, contract["id"])


async def test_con_20_an_access_ends_on_the_clock_of_its_organisation(school: School, family: Family) -> None:
    plan, endless = a_plan("ending", months=1), a_plan("endless")
    await school.sells(plan, endless)
    await family.opens(plan, endless)
    ender = Ender(school.database)
    assert await ender.round(ALL_SLOTS) == 0
    await _moves_on(school, days=40)
    assert await ender.round(frozenset()) == 0
    assert await ender.round(ALL_SLOTS) == 1
    assert await ender.round(ALL_SLOTS) == 0
    granted, revoked = await published(school, family, "ending")
    assert (revoked["event"], revoked["why"], revoked["last_day"]) == ("AccessRevoked", "expired", granted["last_day"])
    today = (utc_now() + timedelta(days=40)).date()
    assert abs((today - _day(revoked["effective_on"])).days) <= 1
    assert names(await published(school, family, "endless")) == ["AccessGranted"]


def _day(text: str) -> Any:
    return utc_now().date().fromisoformat(text)


async def _moves_on(school: School, days: int) -> None:
    """The clock of the test organisation is moved (ORG-5)."""
    body = OrganisationChanged(
        organisation=school.organisation,
        name="School of dance",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("en",),
        contact=Contact(),
        support_email="help@example.org",
        mode="test",
        clock_ahead=days * 86400,
    )
    await school.handles(record(body, aggregate=school.organisation, sequence=2, organisation=school.organisation))


async def test_org_4_an_erased_member_has_no_access_any_more(school: School, family: Family) -> None:
    plan = a_plan("erased")
    await school.sells(plan)
    await family.opens(plan)
    staff = school.signer.headers(school.organisation, "accounts:write")
    path = f"/v1/accounts/{family.account}/erasure"
    answer = await school.post(path, {"member": family.child}, version=1, headers=staff)
    assert answer.status_code == 200, answer.text
    events = await published(school, family, "erased")
    assert [(each["event"], each.get("why")) for each in events] == [
        ("AccessGranted", None), ("AccessRevoked", "erased"),
    ]  # fmt: skip


async def test_org_1_a_foreign_access_is_unknown_and_so_is_anothers(school: School, family: Family) -> None:
    plan = a_plan("private")
    await school.sells(plan)
    await family.opens(plan)
    path = f"/v1/accesses/{access_id(family.child, 'private')}"
    other = school.signer.headers(family.account, "contracts:read")  # a token of another organisation
    neighbour = await school.family()
    for headers in (other, school.client_of(neighbour.account)):
        problem(await school.get(path, headers), 404, "unknown-access")
        problem(await school.get(f"/v1/accounts/{family.account}/accesses", headers), 404, "unknown-account")


async def test_con_20_staff_changes_the_access_of_one_member_and_the_journal_says_who_and_why(
    school: School, family: Family
) -> None:
    plan = a_plan("changed", settings=LIGHT)
    await school.sells(plan)
    await family.opens(plan)
    path = f"/v1/accesses/{access_id(family.child, 'changed')}"
    body = {"settings": {"lessons": 9, "language": "fr"}, "last_day": "2190-06-30", "reason": "Ill in spring"}
    changed = await school.client.put(path, json=body, headers=command(school.staff, version=1))
    assert changed.status_code == 200, changed.text
    assert (changed.json()["settings"]["lessons"], changed.json()["changed_by_staff"]) == (9, True)
    assert (changed.json()["last_day"], changed.headers["etag"]) == ("2190-06-30", '"2"')
    stale = await school.client.put(path, json=body, headers=command(school.staff, version=1))
    problem(stale, 412, "version-moved")
    again = await school.client.put(path, json=body, headers=command(school.staff, version=2))
    assert problem(again, 422, "nothing-to-change")
    clients = command(school.client_of(family.account), version=2)
    problem(await school.client.put(path, json=body, headers=clients), 403, "staff-only")

    entry = (await school.get(f"{path}/journal")).json()["items"][-1]
    assert (entry["type"], entry["actor"], entry["personal"]) == (
        "AccessChanged", "user:staff-1", {"reason": "Ill in spring"},
    )  # fmt: skip
    staff = school.signer.headers(school.organisation, "accounts:write")
    erased = await school.post(
        f"/v1/accounts/{family.account}/erasure", {"member": family.child}, version=1, headers=staff
    )
    assert erased.status_code == 200
    kept = (await school.get(f"{path}/journal")).json()["items"]
    assert [each["personal"] for each in kept] == [None, None, None]
    refused = await school.client.put(path, json=body, headers=command(school.staff, version=3))
    assert problem(refused, 409, "member-erased")["rule"] == "ORG-4"


async def test_con_20_each_setting_is_changed_within_the_plan_published_whole_and_in_the_journal(
    school: School, family: Family
) -> None:
    plan = a_plan("each", settings=LIGHT)
    await school.sells(plan)
    await family.opens(plan)
    path, settings = f"/v1/accesses/{access_id(family.child, 'each')}", LIGHT.model_dump()
    changed: dict[str, Any] = {
        "lessons": 9,
        "release": {"lessons": 2, "every_days": 7},
        "deadlines": True,
        "exercises": "learner",
        "checkpoints": True,
        "language": "fr",
    }
    assert changed.keys() == settings.keys(), "each setting is changed here"
    for version, (name, value) in enumerate(changed.items(), start=1):
        settings |= {name: value}
        body = {"settings": settings, "last_day": None}
        answer = await school.client.put(path, json=body, headers=command(school.staff, version=version))
        assert answer.status_code == 200, answer.text
        assert answer.json()["settings"] == settings
        event = (await published(school, family, "each"))[-1]
        assert (event["event"], event["settings"]) == ("AccessChanged", settings)
    body = {"settings": settings, "last_day": "2190-06-30"}
    answer = await school.client.put(path, json=body, headers=command(school.staff, version=len(changed) + 1))
    assert answer.json()["last_day"] == "2190-06-30"
    journal = (await school.get(f"{path}/journal")).json()["items"]
    assert [entry["type"] for entry in journal] == ["AccessGranted"] + ["AccessChanged"] * (len(changed) + 1)
    assert {entry["actor"] for entry in journal} == {"user:staff-1"}


async def test_con_20_a_platform_asks_what_a_member_may_enter_today(school: School, family: Family) -> None:
    paced = AccessSettings(lessons=5, release={"lessons": 2, "every_days": 7}, exercises="teacher")
    plan, ending, other = a_plan("b-paced", settings=paced), a_plan("a-ending", months=1), a_plan("c-cancelled")
    await school.sells(plan, ending, other)
    await family.opens(plan, ending)
    cancelled = await family.opens(other)
    await school.handles(family.schedule(cancelled))
    await changes(school, cancelled, cancel=[cancelled["lines"][0]["id"]])
    platform = school.signer.headers(school.organisation, "access:read", kind="service", sub="lms")
    path = f"/v1/members/{family.child}/accesses"

    async def entered(query: str = "") -> dict[str, Any]:
        answer = await school.get(path + query, platform)
        assert answer.status_code == 200, answer.text
        return {each["course"]: each for each in answer.json()["items"]}

    found = await entered()
    assert sorted(found) == ["a-ending", "b-paced"]
    assert found["b-paced"]["settings"] == paced.model_dump()
    assert (found["b-paced"]["lessons_today"], found["a-ending"]["lessons_today"]) == (2, None)
    assert sorted(await entered("?course=b-paced")) == ["b-paced"]
    assert await entered("?course=c-cancelled") == {}
    first = (await school.get(f"{path}?limit=1", platform)).json()
    second = (await school.get(f"{path}?limit=1&cursor={first['next']}", platform)).json()
    assert {each["course"] for page in (first, second) for each in page["items"]} == found.keys()
    assert second["next"] is None
    # The worker has not closed the one that has ended yet: the answer does not wait for it.
    await _moves_on(school, days=40)
    assert {course: each["lessons_today"] for course, each in (await entered()).items()} == {"b-paced": 5}


async def test_org_1_a_platform_learns_nothing_of_other_schools_members_and_a_client_of_its_own_alone(
    school: School, family: Family
) -> None:
    plan, neighbour = a_plan("asked"), await school.family()
    await school.sells(plan)
    await family.opens(plan)
    path = f"/v1/members/{family.child}/accesses"
    for headers in (school.signer.headers(family.account, "access:read"), school.client_of(neighbour.account)):
        problem(await school.get(path, headers), 404, "unknown-member")
    assert len((await school.get(path, school.client_of(family.account))).json()["items"]) == 1
    platform = school.signer.headers(school.organisation, "access:read")
    problem(await school.get(f"/v1/members/{family.account}/accesses", platform), 404, "unknown-member")
    assert (await school.get(f"/v1/members/{neighbour.child}/accesses", platform)).json() == {"items": [], "next": None}
    problem(await school.get(f"/v1/accounts/{family.account}/accesses", platform), 403, "scope-missing")
    problem(await school.get(path, school.signer.headers(school.organisation, "catalog:read")), 403, "scope-missing")
