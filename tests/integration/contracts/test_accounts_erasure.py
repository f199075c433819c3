"""Erasing a person: from the account, the journals, what is still to be published, and the topic (ORG-4)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from carnet.ids import new_id
from carnet_suite.servers import Servers
from contracts.app import build_api
from tests.callers import Signer, client_of
from tests.integration.contracts.conftest import School, settings_for
from tests.integration.contracts.test_accounts_api import ANNE, OPENING, PAUL, ZOE, Desk
from tests.plans import OF_TESTS
from tests.published import publish, published
from tests.refused import problem

ZOES = ("Zoé", "2018-09-01", "draws well")
EVERYBODYS = (*ZOES, "Anne", "Lef", "anne@", "23 45", "1985-04-02", "evening", "pays late", "Paul")
FAMILY = OPENING | {"members": [ZOE | {"notes": "draws well"}, PAUL]}


@pytest.fixture
async def desk(servers: Servers, namespace: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a database of its own, which a test can search through."""
    signer = Signer.make(tmp_path)
    app = build_api(settings_for(servers, namespace, signer))
    async with client_of(app) as client:
        school = School(app, client, signer)
        await school.is_described()
        yield Desk(school)


async def everything_kept(desk: Desk) -> str:
    """All documents of the service's database, as text."""
    database = desk.school.database
    names = await database.motor.list_collection_names()
    kept = [await database[name].find({}, comment=OF_TESTS).to_list(None) for name in names]
    return orjson.dumps(kept, default=str).decode()


def remembers(text: str, values: tuple[str, ...]) -> set[str]:
    return {value for value in values if value in text}


async def test_a_member_is_forgotten_everywhere_and_the_others_are_not(desk: Desk) -> None:
    account = await desk.opens(**FAMILY)
    child = account["members"][1]["id"]
    path = f"/{account['id']}"
    await desk.send("PUT", f"{path}/members/{child}", ZOE | {"first_name": "Zoélie"}, version=1)
    before = (await desk.get(f"{path}/journal")).json()["items"]
    erased = await desk.send("POST", f"{path}/erasure", {"member": child}, version=2)
    after = (await desk.get(f"{path}/journal")).json()["items"]

    assert (erased.status_code, erased.headers["etag"], erased.json()["member"]) == (200, '"3"', child)
    assert remembers(orjson.dumps(before).decode(), ZOES) == set(ZOES)
    assert remembers(await everything_kept(desk), ZOES) == set()
    shown = (await desk.get(path)).json()["members"][1]
    assert (shown["id"], shown["kind"], shown["first_name"], shown["erased"]) == (child, "child", None, True)
    # Nothing else goes: the entries are as they were, but for that person.
    assert [each["data"] for each in after[:2]] == [each["data"] for each in before]
    assert [each["id"] for each in after[:2]] == [each["id"] for each in before]
    for entry, old in zip(after, before, strict=False):
        kept = [each for each in old["personal"]["members"] if each["id"] != child]
        assert entry["personal"] == old["personal"] | {"members": kept}
    assert [each["first_name"] for each in after[2]["personal"]["members"]] == ["Anne", "Paul"]


async def test_the_whole_account_is_forgotten_everywhere(desk: Desk) -> None:
    account = await desk.opens(**FAMILY)
    other = await desk.opens(owner=ANNE | {"first_name": "Odile"}, members=[])
    path = f"/{account['id']}"
    erased = await desk.send("POST", f"{path}/erasure", {"whole_account": True}, version=1)

    assert (erased.json()["erased"], erased.headers["etag"]) == (True, '"2"')
    journal = (await desk.get(f"{path}/journal")).json()["items"]
    assert [(each["type"], each["personal"]) for each in journal] == [("AccountChanged", None), ("AccountErased", None)]
    assert all(each["erased"] and each["first_name"] is None for each in (await desk.get(path)).json()["members"])
    assert [each["id"] for each in (await desk.get("")).json()["items"]] == [other["id"]]
    assert (await desk.get("", q="lef")).json()["items"][0]["id"] == other["id"]
    await desk.send("POST", f"/{other['id']}/erasure", {"whole_account": True}, version=1)
    assert remembers(await everything_kept(desk), EVERYBODYS) == set()


async def test_an_owner_alone_takes_the_account_along_and_one_with_others_does_not(desk: Desk) -> None:
    family, alone = await desk.opens(), await desk.opens(members=[])
    refused = await desk.send("POST", f"/{family['id']}/erasure", {"member": family["owner"]}, version=1)
    assert problem(refused, 409, "owner-has-members")["rule"] == "CON-13"

    erased = await desk.send("POST", f"/{alone['id']}/erasure", {"member": alone["owner"]}, version=1)
    assert erased.json()["erased"]
    [opened, _] = (await desk.get(f"/{alone['id']}/journal")).json()["items"]
    assert opened["personal"] is None


async def test_nothing_changes_on_what_was_erased(desk: Desk) -> None:
    account = await desk.opens()
    path = f"/{account['id']}"
    await desk.send("POST", f"{path}/erasure", {"whole_account": True}, version=1)
    changes: list[tuple[str, str, Any]] = [
        ("PUT", path, {"language": "en"}),
        ("POST", f"{path}/members", PAUL),
        ("PUT", f"{path}/members/{account['owner']}", PAUL),
        ("POST", f"{path}/owner", {"member": account["owner"]}),
        ("POST", f"{path}/erasure", {"whole_account": True}),
    ]
    for method, changed, body in changes:
        problem(await desk.send(method, changed, body, version=2), 409, "account-erased")
    assert await desk.rows() == 2


async def test_what_was_erased_before_it_was_published_is_never_published(
    desk: Desk, servers: Servers, namespace: str
) -> None:
    account = await desk.opens(**FAMILY)
    child = account["members"][1]["id"]
    await desk.send("POST", f"/{account['id']}/erasure", {"member": child}, version=1)
    received = await published(servers, namespace, desk.school.database, "contracts.accounts", {account["id"]: 1})

    assert [each.sequence for each in received] == [2]
    events = received[0].body
    assert events is not None
    assert [each["first_name"] for each in events["personal"]["members"]] == ["Anne", "Paul"]
    assert [each["erased"] for each in events["members"]] == [False, True, False]


async def test_a_tombstone_erases_the_account_on_its_topic(desk: Desk, servers: Servers, namespace: str) -> None:
    account = await desk.opens()
    await publish(servers, namespace, desk.school.database)
    await desk.send("POST", f"/{account['id']}/erasure", {"whole_account": True}, version=1)
    received = await published(servers, namespace, desk.school.database, "contracts.accounts", {account["id"]: 2})

    assert [(each.sequence, each.type, each.body is None) for each in received] == [
        (1, "carnet.contracts.AccountChanged.v1", False),
        (2, "carnet.contracts.AccountErased.v1", True),
    ]


async def test_no_log_names_anybody(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    account = await desk.opens(**FAMILY)
    path = f"/{account['id']}"
    await desk.send("PUT", f"{path}/members/{account['owner']}", ANNE | {"kind": "contact"}, version=1)
    await desk.send("PUT", f"{path}/members/{account['owner']}", ANNE | {"colour": "Anne"}, version=1)
    await desk.get("", q="Lefèvre")
    await desk.send("POST", f"{path}/erasure", {"whole_account": True}, version=1)
    written = "".join(capfd.readouterr())
    assert "/v1/accounts/{account}/erasure" in written
    assert remembers(written, EVERYBODYS) == set()


async def test_an_erasure_sent_twice_is_answered_alike_and_the_answers_before_it_are_gone(desk: Desk) -> None:
    opening, erasing = new_id(), new_id()
    account = (await desk.send("POST", "", FAMILY, key=opening)).json()
    asked = ("POST", f"/{account['id']}/erasure", {"member": account["members"][1]["id"]})
    erased = await desk.send(*asked, version=1, key=erasing)
    again = await desk.send(*asked, version=1, key=erasing)
    assert (again.status_code, again.content) == (erased.status_code, erased.content) == (200, erased.content)
    problem(await desk.send("POST", "", FAMILY, key=opening), 410, "answer-erased")
