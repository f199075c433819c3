"""The organisation's profile and clock over HTTP (ORG-1, ORG-5, MON-1, MON-5)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carnet.ids import new_id
from carnet_suite.servers import Servers
from tests.integration.catalog.conftest import PROFILE, SCOPES, School
from tests.published import published
from tests.refused import problem, strangers


async def test_it_is_set_up_once_and_read(catalog: School) -> None:
    problem(await catalog.get("/v1/organisation"), 404, "unknown-organisation")
    made = await catalog.put("/v1/organisation", PROFILE)
    shown = await catalog.get("/v1/organisation")

    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert (shown.status_code, shown.json()) == (200, made.json())
    assert PROFILE.items() <= (shown.json() | {"contact": PROFILE["contact"]}).items()
    assert (shown.json()["id"], shown.json()["clock_ahead"]) == (catalog.organisation, 0)


async def test_set_up_twice_at_once_it_is_set_up_once(catalog: School) -> None:
    answers = await asyncio.gather(*(catalog.put("/v1/organisation", PROFILE) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 428, 428, 428, 428]
    assert await catalog.rows() == 1


async def test_the_profile_changes_on_the_newest_version_only(school: School) -> None:
    body = PROFILE | {"name": "Studio"}
    problem(await school.put("/v1/organisation", body), 428, "if-match-missing")
    changed = await school.put("/v1/organisation", body, version=1)
    stale = problem(await school.put("/v1/organisation", PROFILE, version=1), 412, "version-moved")

    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert stale["params"] == {"expected": 1, "current": 2}
    assert (await school.get("/v1/organisation")).json()["name"] == "Studio"


@pytest.mark.parametrize(("field", "value", "rule"), [("currency", "CHF", "MON-1"), ("mode", "live", "ORG-5")])
async def test_currency_and_mode_are_for_ever(school: School, field: str, value: str, rule: str) -> None:
    refused = await school.put("/v1/organisation", PROFILE | {field: value}, version=1)
    assert problem(refused, 409, f"{field}-is-for-ever")["rule"] == rule
    assert await school.rows() == 1


async def test_the_clock_of_a_test_organisation_moves_forward_only(school: School) -> None:
    now = datetime.now(UTC)
    moved = await school.post("/v1/organisation/clock", {"now": (now + timedelta(days=40)).isoformat()}, version=1)
    back = await school.post("/v1/organisation/clock", {"now": (now + timedelta(days=39)).isoformat()}, version=2)

    assert (moved.status_code, moved.headers["etag"]) == (200, '"2"')
    assert abs(moved.json()["clock_ahead"] - 40 * 86_400) < 60
    assert moved.json()["today"] >= (now + timedelta(days=39)).date().isoformat()
    assert problem(back, 422, "clock-moves-forward-only")["rule"] == "ORG-5"
    assert (await school.get("/v1/organisation")).json()["version"] == 2


async def test_the_clock_moves_once_however_often_it_is_sent(school: School) -> None:
    body = {"now": (datetime.now(UTC) + timedelta(days=40)).isoformat()}
    first = await school.post("/v1/organisation/clock", body, version=1, key="k-1")
    again = await school.post("/v1/organisation/clock", body, version=1, key="k-1")
    other = await school.post("/v1/organisation/clock", {"now": "2030-01-01T00:00:00Z"}, version=1, key="k-1")

    assert (again.status_code, again.text) == (first.status_code, first.text)
    problem(other, 422, "idempotency-key-reused")


async def test_a_live_organisation_has_no_clock(catalog: School) -> None:
    await catalog.put("/v1/organisation", PROFILE | {"mode": "live"})
    refused = await catalog.post("/v1/organisation/clock", {"now": "2100-01-01T00:00:00Z"}, version=1)
    problem(refused, 409, "live-organisation-has-no-clock")


@pytest.mark.parametrize(
    "given",
    [
        0,
        4_102_444_800,
        "tomorrow",
        "2100-01-01",
        "2100-01-01T00:00:00",
        "2100-02-30T00:00:00Z",
        None,
        [],
        "0000",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+14:00",
    ],
)
async def test_the_clock_wants_an_instant(school: School, given: object) -> None:
    refused = problem(await school.post("/v1/organisation/clock", {"now": given}, version=1), 422, "request-invalid")
    assert refused["errors"][0]["field"] == "now"


@pytest.mark.parametrize("given", ["9999-12-31T23:59:59Z", "2060-01-01T00:00:00+14:00"])
async def test_the_clock_stays_in_reach(school: School, given: str) -> None:
    problem(await school.post("/v1/organisation/clock", {"now": given}, version=1), 422, "clock-too-far-ahead")


async def test_there_is_no_clock_before_there_is_a_profile(catalog: School) -> None:
    refused = await catalog.post("/v1/organisation/clock", {"now": "2100-01-01T00:00:00Z"}, version=0)
    problem(refused, 404, "unknown-organisation")
    problem(await catalog.get("/v1/organisation/journal"), 404, "unknown-organisation")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 7),
        ("name", "x" * 121),
        ("currency", "euro"),
        ("time_zone", "Mars/Olympus"),
        ("languages", []),
        ("languages", ["de"]),
        ("support_email", "a@b"),
        ("support_email", "a..b@x.example"),
        ("mode", "demo"),
        ("clock_ahead", 3_600),
        ("id", "01a21584-cb16-76d3-80f7-4bbe3081cb3f"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_changes(school: School, field: str, value: object) -> None:
    refused = await school.put("/v1/organisation", PROFILE | {field: value}, version=1)
    named = problem(refused, 422, "request-invalid")["errors"][0]["field"]
    assert named.split(".")[0].split("[")[0] == field
    assert await school.rows() == 1


@pytest.mark.parametrize("field", ["support_email", "contact.email"])
async def test_not_5_an_address_that_the_mail_server_cannot_write_to_is_refused(school: School, field: str) -> None:
    beyond = "émilie@example.org"
    changed = {"contact": {"email": beyond}} if field == "contact.email" else {field: beyond}
    refused = await school.put("/v1/organisation", PROFILE | changed, version=1)
    assert problem(refused, 422, "address-not-writable")["params"]["field"] == field
    assert await school.rows() == 1


async def test_a_field_inside_the_contact_is_refused_too(school: School) -> None:
    refused = await school.put("/v1/organisation", PROFILE | {"contact": {"fax": "1"}}, version=1)
    assert problem(refused, 422, "request-invalid")["errors"][0]["field"] == "contact.fax"


@pytest.mark.parametrize(
    ("method", "path", "body", "staff_only"),
    [
        ("GET", "/v1/organisation", None, False),
        ("PUT", "/v1/organisation", PROFILE | {"name": "Taken over"}, True),
        ("POST", "/v1/organisation/clock", {"now": "2100-01-01T00:00:00Z"}, True),
        ("GET", "/v1/organisation/journal", None, True),
    ],
)
async def test_strangers_are_refused(school: School, method: str, path: str, body: Any, staff_only: bool) -> None:
    for stranger in strangers(school.signer, school.organisation, SCOPES, staff_only=staff_only):
        headers = stranger.headers | {"Idempotency-Key": new_id(), "If-Match": '"1"'}
        refused = await school.http.request(method, path, json=body, headers=headers)
        problem(refused, stranger.status, stranger.slug)
    assert await school.rows() == 1


async def test_the_organisation_is_that_of_the_token(school: School) -> None:
    other = replace(school, organisation=new_id())
    problem(await other.get("/v1/organisation"), 404, "unknown-organisation")
    await other.put("/v1/organisation", PROFILE | {"name": "Other", "currency": "XPF"})
    assert (await school.get("/v1/organisation")).json()["name"] == PROFILE["name"]


async def test_the_journal_shows_who_did_what_in_order(school: School) -> None:
    await school.put("/v1/organisation", PROFILE | {"name": "Studio"}, version=1)
    first = (await school.get("/v1/organisation/journal", limit=1)).json()
    second = (await school.get("/v1/organisation/journal", limit=1, cursor=first["next"])).json()

    entries = first["items"] + second["items"]
    assert [(each["sequence"], each["type"], each["actor"]) for each in entries] == [
        (1, "OrganisationChanged", "user:staff-1"),
        (2, "OrganisationChanged", "user:staff-1"),
    ]
    assert [each["data"]["name"] for each in entries] == [PROFILE["name"], "Studio"]
    assert second["next"] is None


async def test_it_is_published_whole_on_its_topic_of_state(school: School, servers: Servers) -> None:
    await school.put("/v1/organisation", PROFILE | {"name": "Studio"}, version=1)
    received = await published(
        servers, school.namespace, school.database, "catalog.organisations", {school.organisation: 2}
    )

    kind = "carnet.catalog.OrganisationChanged.v1"
    assert [(each.sequence, each.type) for each in received] == [(1, kind), (2, kind)]
    assert [each.body and each.body["name"] for each in received] == [PROFILE["name"], "Studio"]
    assert [each.body and each.body["organisation"] for each in received] == [school.organisation] * 2
