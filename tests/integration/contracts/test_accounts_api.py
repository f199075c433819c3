"""Client accounts over HTTP: opened, written, found, refused (CON-13, ORG-1, ORG-2)."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from carnet.ids import new_id
from contracts.accounts.store import ACCOUNTS, find_accounts
from tests.callers import command
from tests.integration.contracts.conftest import School
from tests.plans import OF_TESTS
from tests.refused import problem, strangers

SCOPES = "accounts:read accounts:write"
ANNE: dict[str, Any] = {
    "kind": "adult",
    "first_name": "Anne",
    "last_name": "Lefèvre",
    "email": "anne@example.org",
    "phone": "+33 1 23 45 67 89",
    "birth_date": "1985-04-02",
    "tags": ["volunteer"],
    "notes": "calls in the evening",
}
PAUL = {"kind": "adult", "first_name": "Paul", "last_name": "Nœl"}
ZOE = {"kind": "child", "first_name": "Zoé", "last_name": "Lefèvre", "birth_date": "2018-09-01"}
OPENING: dict[str, Any] = {"language": "fr", "tags": ["north"], "notes": "pays late", "owner": ANNE, "members": [ZOE]}


class Desk:
    """The staff who keep the accounts of a school."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.headers = school.signer.headers(school.organisation, SCOPES)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        headers = command(self.headers, key=key, version=version)
        return await self.school.client.request(method, f"/v1/accounts{path}", json=body, headers=headers)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.school.client.get(f"/v1/accounts{path}", params=query, headers=self.headers)

    async def opens(self, **changes: Any) -> dict[str, Any]:
        made = await self.send("POST", "", OPENING | changes)
        assert made.status_code == 201, made.text
        account: dict[str, Any] = made.json()
        return account

    async def rows(self) -> int:
        mine = {"organisation": self.school.organisation}
        return await self.school.database["journal"].count_documents(mine, comment=OF_TESTS)


@pytest.fixture
def desk(school: School) -> Desk:
    return Desk(school)


async def elsewhere(school: School) -> Desk:
    """The staff of another school."""
    other = School(school.app, school.client, school.signer)
    await other.is_described()
    return Desk(other)


async def test_an_account_is_opened_and_read(desk: Desk) -> None:
    made = await desk.send("POST", "", OPENING)
    shown = await desk.get(f"/{made.json()['id']}")

    assert (made.headers["etag"], made.headers["location"]) == ('"1"', f"/v1/accounts/{made.json()['id']}")
    assert shown.headers["etag"] == '"1"'
    account = shown.json()
    owner, child = account["members"]
    assert account["owner"] == owner["id"]
    assert ANNE.items() <= owner.items()
    assert (child["first_name"], child["email"], child["notes"]) == ("Zoé", None, None)
    assert (account["language"], account["tags"], account["notes"]) == ("fr", ["north"], "pays late")


async def test_commands_answer_without_anything_personal_and_keep_nothing_of_it(desk: Desk) -> None:
    account = await desk.opens()
    path = f"/{account['id']}"
    added = await desk.send("POST", f"{path}/members", PAUL, version=1)
    written = await desk.send("PUT", f"{path}/members/{added.json()['member']}", PAUL | {"notes": "quiet"}, version=2)
    owner = await desk.send("POST", f"{path}/owner", {"member": added.json()["member"]}, version=3)

    assert [each.status_code for each in (added, written, owner)] == [201, 200, 200]
    assert [each["kind"] for each in added.json()["members"]] == ["adult", "child", "adult"]
    query = {"_id": {"$regex": f"^{desk.school.organisation}"}}
    kept = await desk.school.database["idempotency"].find(query).to_list(None)
    assert len(kept) == 4
    said = orjson.dumps([answer["body"] for answer in kept]).decode()
    for value in ("Anne", "Lef", "anne@", "23 45", "1985-04-02", "evening", "Zoé", "Paul", "quiet", "late"):
        assert value not in said


async def test_it_is_written_and_recorded_in_the_journal(desk: Desk) -> None:
    account = await desk.opens()
    path = f"/{account['id']}"
    await desk.send("PUT", path, {"language": "en"}, version=1)
    await desk.send("PUT", f"{path}/members/{account['owner']}", ANNE | {"phone": None}, version=2)
    shown = (await desk.get(path)).json()
    first = (await desk.get(f"{path}/journal", limit=2)).json()
    rest = (await desk.get(f"{path}/journal", limit=2, cursor=first["next"])).json()

    assert (shown["language"], shown["tags"], shown["notes"], shown["version"]) == ("en", [], None, 3)
    assert shown["members"][0]["phone"] is None
    entries = first["items"] + rest["items"]
    assert [(each["sequence"], each["type"], each["actor"]) for each in entries] == [
        (number, "AccountChanged", "user:staff-1") for number in (1, 2, 3)
    ]
    assert [each["personal"]["members"][0]["phone"] for each in entries] == [ANNE["phone"], ANNE["phone"], None]
    assert "Lefèvre" not in orjson.dumps([each["data"] for each in entries]).decode()


async def test_the_owner_changes_to_another_adult_and_to_nobody_else(desk: Desk) -> None:
    account = await desk.opens(members=[ZOE, PAUL, PAUL | {"kind": "contact"}])
    _, child, adult, contact = [each["id"] for each in account["members"]]
    path = f"/{account['id']}/owner"

    for member in (child, contact):
        refused = problem(await desk.send("POST", path, {"member": member}, version=1), 409, "owner-is-no-adult")
        assert refused["rule"] == "CON-13"
    problem(await desk.send("POST", path, {"member": account["owner"]}, version=1), 409, "already-owner")
    problem(await desk.send("POST", path, {"member": new_id()}, version=1), 404, "unknown-member")
    changed = await desk.send("POST", path, {"member": adult}, version=1)
    assert (changed.json()["owner"], changed.headers["etag"]) == (adult, '"2"')

    alone = await desk.opens(members=[ZOE])
    only = alone["members"][1]["id"]
    problem(await desk.send("POST", f"/{alone['id']}/owner", {"member": only}, version=1), 409, "too-few-adults")


async def test_the_owner_is_an_adult_from_the_start_and_stays_one(desk: Desk) -> None:
    for kind in ("child", "contact"):
        refused = await desk.send("POST", "", OPENING | {"owner": ANNE | {"kind": kind}})
        problem(refused, 422, "owner-is-no-adult")
    account = await desk.opens()
    path = f"/{account['id']}/members/{account['owner']}"
    problem(await desk.send("PUT", path, ANNE | {"kind": "contact"}, version=1), 409, "owner-stays-adult")


async def test_they_are_listed_by_the_owners_name_and_found_by_anybodys(desk: Desk) -> None:
    for first, last in (("Zoé", "Éluard"), ("Bob", "Eluard"), ("Ana", "Zola"), ("Marc", "Aron")):
        await desk.opens(owner=ANNE | {"first_name": first, "last_name": last}, members=[])
    await desk.opens(owner=PAUL, members=[ZOE | {"first_name": "Marcelle"}])
    other = await elsewhere(desk.school)
    await other.opens(owner=PAUL | {"last_name": "Aron"})

    async def owners(**query: Any) -> list[str]:
        items = (await desk.get("", **query)).json()["items"]
        return [next(p["first_name"] for p in each["members"] if p["id"] == each["owner"]) for each in items]

    assert await owners() == ["Marc", "Bob", "Zoé", "Paul", "Ana"]
    assert await owners(q="ELU") == ["Bob", "Zoé"]
    assert await owners(q="marc") == ["Marc", "Paul"]
    assert await owners(q="zoe elu") == ["Zoé"]
    assert await owners(q="noel") == ["Paul"]
    assert await owners(q="luard") == []
    assert await owners(q="anne@example.org") == []


async def test_pages_follow_one_another(desk: Desk) -> None:
    opened = {(await desk.opens())["id"] for _ in range(5)}
    seen: list[str] = []
    query: dict[str, str] = {}
    for _ in range(3):
        page = (await desk.get("", limit=2, **query)).json()
        seen += [each["id"] for each in page["items"]]
        query = {"cursor": page["next"]}
    assert (len(seen), set(seen), page["next"]) == (5, opened, None)


@pytest.mark.parametrize("search", ["", "lef"])
async def test_an_index_answers_the_list(desk: Desk, search: str) -> None:
    await desk.opens()
    database, organisation = desk.school.database, desk.school.organisation
    collection = database[ACCOUNTS.name]
    await database.motor.command("profile", 2)
    try:
        await find_accounts(database, organisation, search=search, limit=10)
    finally:
        await database.motor.command("profile", 0)
    mine = {"ns": collection.full_name, "op": "query", "command.filter.organisation": organisation}
    [asked] = await database["system.profile"].find(mine).to_list(None)
    assert asked["planSummary"].startswith("IXSCAN")
    assert asked["docsExamined"] == 1


async def test_a_command_sent_twice_is_applied_once_and_another_with_its_key_is_refused(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.send("POST", "", OPENING, key="k-1") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    problem(await desk.send("POST", "", OPENING | {"language": "en"}, key="k-1"), 422, "idempotency-key-reused")
    assert await desk.rows() == 1


async def test_of_changes_at_once_on_one_version_one_is_accepted(desk: Desk) -> None:
    account = await desk.opens()
    path = f"/{account['id']}/members"
    answers = await asyncio.gather(*(desk.send("POST", path, PAUL, version=1) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412, 412, 412]


CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/{account}", {"language": "en"}),
    ("POST", "/{account}/members", PAUL),
    ("PUT", "/{account}/members/{owner}", PAUL),
    ("POST", "/{account}/owner", {"member": "{owner}"}),
    ("POST", "/{account}/erasure", {"whole_account": True}),
]
READINGS: list[tuple[str, str, Any]] = [("GET", "/{account}", None), ("GET", "/{account}/journal", None)]


def filled(value: Any, account: dict[str, Any], account_id: str | None = None) -> Any:
    written = orjson.dumps(value).decode()
    ids = {"{account}": account_id or account["id"], "{owner}": account["owner"]}
    for name, known in ids.items():
        written = written.replace(name, known)
    return orjson.loads(written)


@pytest.mark.parametrize("route", CHANGES, ids=str)
async def test_a_change_names_the_version_that_was_seen(desk: Desk, route: tuple[str, str, Any]) -> None:
    account = await desk.opens()
    method, path, body = filled(route, account)
    problem(await desk.send(method, path, body), 428, "if-match-missing")
    problem(await desk.send(method, path, body, version=2), 412, "version-moved")
    if method == "POST":
        headers = desk.headers | {"If-Match": '"1"'}
        answer = await desk.school.client.post(f"/v1/accounts{path}", json=body, headers=headers)
        problem(answer, 400, "idempotency-key-missing")
    assert await desk.rows() == 1


@pytest.mark.parametrize("route", CHANGES + READINGS, ids=str)
async def test_a_foreign_account_answers_exactly_as_an_unknown_one(desk: Desk, route: tuple[str, str, Any]) -> None:
    account = await desk.opens()
    stranger = await elsewhere(desk.school)
    said = []
    for account_id in (account["id"], new_id()):
        method, path, body = filled(route, account, account_id)
        refused = problem(await stranger.send(method, path, body, version=1), 404, "unknown-account")
        said.append(orjson.dumps(refused).decode().replace(account_id, "").replace(refused["request"], ""))
    assert said[0] == said[1]
    method, path, body = filled(route, account, "7")
    problem(await desk.send(method, path, body, version=1), 422, "request-invalid")
    assert await desk.rows() == 1


@pytest.mark.parametrize("route", [("POST", "", OPENING), ("GET", "", None), *CHANGES, *READINGS], ids=str)
async def test_strangers_are_refused(desk: Desk, route: tuple[str, str, Any]) -> None:
    account = await desk.opens()
    method, path, body = filled(route, account)
    staff_only = (method, path) != ("GET", f"/{account['id']}")
    for stranger in strangers(desk.school.signer, desk.school.organisation, SCOPES, staff_only=staff_only):
        headers = command(stranger.headers, version=1)
        answer = await desk.school.client.request(method, f"/v1/accounts{path}", json=body, headers=headers)
        problem(answer, stranger.status, stranger.slug)
    assert await desk.rows() == 1


async def test_a_client_reads_its_own_account_without_what_is_staffs(desk: Desk) -> None:
    account, other = await desk.opens(), await desk.opens()
    school = desk.school
    client = school.signer.headers(school.organisation, SCOPES, kind="client", account=account["id"])

    shown = (await school.client.get(f"/v1/accounts/{account['id']}", headers=client)).json()
    assert shown["members"][0]["email"] == "anne@example.org"
    assert (shown["tags"], shown["notes"]) == ([], None)
    assert all((each["tags"], each["notes"]) == ([], None) for each in shown["members"])
    problem(await school.client.get(f"/v1/accounts/{other['id']}", headers=client), 404, "unknown-account")


async def test_not_5_an_address_that_the_mail_server_cannot_write_to_is_refused(desk: Desk) -> None:
    account = await desk.opens()
    beyond = {"email": "émilie@example.org"}
    for method, path, body, field in (
        ("POST", "", OPENING | {"owner": ANNE | beyond}, "owner.email"),
        ("POST", "", OPENING | {"members": [ZOE, ZOE | beyond]}, "members[1].email"),
        ("POST", f"/{account['id']}/members", ZOE | beyond, "email"),
        ("PUT", f"/{account['id']}/members/{account['owner']}", ANNE | beyond, "email"),
    ):
        answer = await desk.send(method, path, body, version=1)
        assert problem(answer, 422, "address-not-writable")["params"]["field"] == field
        assert "milie" not in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language": "de"}, "language"),
        ({"colour": "red"}, "colour"),
        ({"owner": None}, "owner"),
        ({"owner": ANNE | {"erased": True}}, "owner.erased"),
        ({"owner": ANNE | {"first_name": ""}}, "owner.first_name"),
        ({"owner": ANNE | {"last_name": "x" * 81}}, "owner.last_name"),
        ({"owner": ANNE | {"email": "a@b.c\nBcc: d@e.f"}}, "owner.email"),
        ({"owner": ANNE | {"email": "a..b@x.example"}}, "owner.email"),
        ({"owner": ANNE | {"phone": 33}}, "owner.phone"),
        ({"owner": ANNE | {"birth_date": "2018-02-30"}}, "owner.birth_date"),
        ({"owner": ANNE | {"birth_date": 20180228}}, "owner.birth_date"),
        ({"owner": ANNE | {"birth_date": "0001-01-01"}}, "owner.birth_date"),
        ({"owner": ANNE | {"tags": ["a", "a"]}}, "owner.tags"),
        ({"owner": ANNE | {"tags": "abc"}}, "owner.tags"),
        ({"owner": ANNE | {"notes": "x" * 1_001}}, "owner.notes"),
        ({"members": [ZOE | {"kind": "cousin"}]}, "members[0].kind"),
        ({"members": [ZOE] * 30}, "members"),
        ({"notes": "a\x00"}, "notes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_field_is_named_without_repeating_it_and_nothing_changes(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    account = await desk.opens()
    answer = await desk.send("POST", "", OPENING | changes)
    refused = problem(answer, 422, "request-invalid")
    assert [each["field"] for each in refused["errors"]] == [field]
    assert "Lef" not in answer.text
    assert "xxxx" not in answer.text
    inside = field.removeprefix("owner.")
    if inside != field:
        again = await desk.send("POST", f"/{account['id']}/members", changes["owner"], version=1)
        assert problem(again, 422, "request-invalid")["errors"][0]["field"] == inside
    assert await desk.rows() == 1


async def test_nobody_is_born_after_today(desk: Desk) -> None:
    refused = await desk.send("POST", "", OPENING | {"members": [ZOE | {"birth_date": "2199-12-31"}]})
    problem(refused, 422, "born-after-today")
    assert await desk.rows() == 0


@pytest.mark.parametrize(
    "body",
    [{}, {"member": None}, {"whole_account": False}, {"member": "7"}, {"everybody": True}, {"whole_account": 1}, []],
    ids=str,
)
async def test_an_erasure_says_exactly_who(desk: Desk, body: Any) -> None:
    account = await desk.opens()
    problem(await desk.send("POST", f"/{account['id']}/erasure", body, version=1), 422, "request-invalid")
    both = {"member": account["owner"], "whole_account": True}
    problem(await desk.send("POST", f"/{account['id']}/erasure", both, version=1), 422, "request-invalid")
    assert await desk.rows() == 1


async def test_an_organisation_without_a_profile_opens_no_account(desk: Desk) -> None:
    school = desk.school
    unknown = Desk(School(school.app, school.client, school.signer))
    problem(await unknown.send("POST", "", OPENING), 409, "organisation-not-known")


async def test_an_opening_says_where_the_other_services_will_know_the_account(desk: Desk) -> None:
    account = await desk.opens()
    assert {(each["service"], each["path"]) for each in account["follows"]} == {
        ("payments", f"/v1/accounts/{account['id']}/payment-methods"),
        ("credits", f"/v1/accounts/{account['id']}/credits"),
        ("notifications", f"/v1/accounts/{account['id']}/mails"),
    }


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Anne", "Lefèvre"),
        ("ANNE", "lefevre"),
        ("Anne", "Lefe\u0300vre"),  # decomposed
        ("Lefèvre", "Anne"),
        ("Zoé", "Lefèvre"),
        ("An\u200bne", "Lefèvre\u200d"),
    ],
)
async def test_a_family_that_looks_like_one_that_exists_is_opened_and_named(desk: Desk, first: str, last: str) -> None:
    there = await desk.opens()
    assert there["similar"] == []
    elsewhere_too = await (await elsewhere(desk.school)).opens()
    erased = await desk.opens(owner=PAUL | {"last_name": "Lefèvre", "first_name": first})
    await desk.send("POST", f"/{erased['id']}/erasure", {"whole_account": True}, version=1)
    new = await desk.opens(owner=PAUL | {"first_name": first, "last_name": last}, members=[])
    assert new["similar"] == [there["id"]]
    assert elsewhere_too["similar"] == []
    other = await desk.opens(owner=PAUL | {"first_name": "Anne-Marie", "last_name": "Lefèvre"})
    assert other["similar"] == []
