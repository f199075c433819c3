"""Importing many families on a real database: looked at, then imported by a job that may be killed (IMP-1, IMP-2)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet.importing.families import read_families
from carnet.importing.sending import look_through
from carnet.importing.tables import Table
from carnet.job_runs import Jobs
from carnet.jobs import JOBS
from carnet.journal import SLOTS
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS
from contracts.imports.job import IMPORTING
from contracts.imports.store import FAMILIES, IMPORTS, STAGED
from contracts.numbers.store import COUNTERS
from tests.callers import Signer
from tests.integration.contracts.conftest import School
from tests.plans import OF_TESTS

ALL = frozenset(range(SLOTS))
SCOPES = "contracts:import contracts:read accounts:read"


class Importer(School):
    """A school that imports."""

    @property
    def staff(self) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES)

    async def send(self, path: str, body: Any) -> tuple[int, Any]:
        answer = await self.post(path, body)
        return answer.status_code, answer.json()

    async def begun(self) -> str:
        answer = await self.post("/v1/imports", {})
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        return id_

    async def works(self) -> None:
        while await Jobs(self.database, [IMPORTING], chunk=2).round(ALL, asyncio.Event()):
            pass

    async def count(self, collection: str) -> int:
        return await self.database[collection].count_documents({"organisation": self.organisation}, comment=OF_TESTS)


@pytest.fixture
async def school(service: tuple[FastAPI, httpx.AsyncClient], signer: Signer) -> Importer:
    school = Importer(*service, signer)
    await school.is_described()
    return school


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def family(number: int, paid: int = 2_000) -> dict[str, Any]:
    day = (utc_now().date() - timedelta(days=20)).isoformat()
    return {
        "key": f"F-{number}",
        "language": "fr",
        "owner": "P",
        "people": [{"key": "P", "kind": "adult", "first_name": "Marie", "last_name": f"Petit {number}"}],
        "contracts": [
            {
                "key": f"C-{number}",
                "mode": "on_site",
                "signed_on": day,
                "lines": [{"name": "Jazz", "price": money(5_000), "vat_rate": 2_000}],
                "paid": [{"amount": money(paid), "method": "cash", "received_on": day}],
            }
        ],
        "credits": [{"key": "A", "amount": money(100)}],
    }


async def test_imp_2_a_job_that_is_killed_goes_on_and_the_same_families_again_change_nothing(school: Importer) -> None:
    batch = await school.begun()
    path = f"/v1/imports/{batch}"
    bodies = [family(number) for number in range(7)]
    wrong = family(7, paid=5_001)
    sent = (await school.post(f"{path}/families", {"families": [*bodies, wrong]})).json()
    assert [each["standing"] for each in sent["families"]] == ["new"] * 8
    assert [each["problem"] for each in sent["families"][7]["problems"]] == ["paid-above-total"]
    again = (await school.post(f"{path}/families", {"families": bodies[:2]})).json()
    assert (sent["waiting"], again["waiting"]) == (7, 7)
    assert await school.count(ACCOUNTS.name) == 0, "looking changes nothing"
    assert await school.count(COUNTERS.name) == 0, "looking uses up no number"
    begun = await school.post(f"{path}/run", {})
    assert begun.status_code == 202, begun.text
    for _ in range(4):
        killed = asyncio.create_task(Jobs(school.database, [IMPORTING], chunk=2).round(ALL, asyncio.Event()))
        await asyncio.sleep(0.02)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        # What a minute does: the claim of a killed worker ends.
        await school.database[JOBS.name].update_one(
            {"_id": begun.json()["id"], "due": {"$gt": ""}}, {"$set": {"due": "2020-01-01T00:00:00.000000Z"}}
        )
    await school.works()
    job = (await school.get(begun.headers["location"])).json()
    assert (job["status"], job["done"], job["refused"], job["failed"]) == ("done", 7, 0, 0)
    counts = [await school.count(name) for name in (ACCOUNTS.name, CONTRACTS.name, FAMILIES.name, STAGED.name)]
    assert counts == [7, 7, 7, 0]
    numbers = await school.database[CONTRACTS.name].distinct("number", {"organisation": school.organisation})
    assert len(numbers) == 7
    assert all(number is not None for number in numbers)
    closed = await school.post(f"{path}/families", {"families": bodies})
    assert (closed.status_code, closed.json()["type"]) == (409, "urn:carnet:problem:import-closed")

    second = f"/v1/imports/{await school.begun()}"
    looked = (await school.post(f"{second}/families", {"families": [*bodies, family(0, 1_999)]})).json()
    assert [each["standing"] for each in looked["families"]] == ["unchanged"] * 7 + ["changed"]
    empty = await school.post(f"{second}/run", {})
    assert (empty.status_code, empty.json()["type"]) == (409, "urn:carnet:problem:import-empty")


async def test_imp_1_what_waits_is_forgotten_once_it_is_discarded(school: Importer) -> None:
    path = f"/v1/imports/{await school.begun()}"
    assert (await school.post(f"{path}/families", {"families": [family(1)]})).json()["waiting"] == 1
    assert (await school.post(f"{path}/discarding", {})).json()["discarded"] is True
    assert await school.count(STAGED.name) == 0
    assert (await school.get(path)).json()["families"] == 1
    assert (await school.post(f"{path}/run", {})).status_code == 409
    other = Importer(school.app, school.client, school.signer, organisation=new_id())
    await other.is_described()
    assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{path}/run", {})).status_code == 404


async def test_imp_1_what_a_file_contains_is_sent_and_each_problem_comes_back_at_its_row(school: Importer) -> None:
    def table(name: str, titles: list[str], *rows: Sequence[Any]) -> Table:
        return Table(name, titles, iter(enumerate(rows, start=2)))

    people = [["F1", "P1", "owner", "Marie", "Petit", None], ["F2", "P2", "owner", "Paul", "Roux", "no address"]]
    people += [["F3", "P3", "child", "Zoé", "Blanc", None], ["F4", "P4", "owner", "Ali", "Amara", "ali@example.org"]]
    reading = read_families(
        [
            table("People", ["Family", "Person", "Role", "First name", "Last name", "Email"], *people),
            table("Contracts", ["Family", "Contract", "Payment", "Signed on"], ["F1", "C1", "online", "2099-01-01"]),
            table("Purchases", ["Contract", "Purchase", "Price", "VAT rate"], ["C1", "Jazz", 10, 20]),
        ],
        "EUR",
        "en",
    )
    found = await look_through(reading, school.send)
    assert [(each.key, each.standing) for each in found.families] == [
        ("F3", "wrong"),
        ("F2", "wrong"),
        ("F1", "wrong"),
        ("F4", "new"),
    ]
    assert [(each.sheet, each.row, each.column) for each in found.problems] == [
        ("Contracts", 2, "Signed on"),
        ("People", 3, "Email"),
        ("People", 4, "Role"),
    ]
    assert found.waiting == 1


async def test_imp_4_what_columns_mean_is_kept_by_their_headings_the_newest_first(school: Importer) -> None:
    path = "/v1/import-columns"
    assert (await school.get(path)).json() == {"items": []}

    async def keeps(headings: list[str], **columns: str) -> Any:
        body = {"headings": headings, "columns": columns, "constants": {"people.role": "adulte"}}
        answer = await school.client.put(path, json=body, headers={**school.staff, "Idempotency-Key": new_id()})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    await keeps(["Nom", "Foyer"], family="Foyer")
    await keeps(["Autre", "Nom"], family="Autre")
    kept = await keeps(["Foyer", "Nom"], family="Nom")
    assert [(each["headings"], each["columns"]) for each in kept] == [
        (["Foyer", "Nom"], {"family": "Nom"}),
        (["Autre", "Nom"], {"family": "Autre"}),
    ]
    assert (await school.get(path)).json()["items"] == kept
    for number in range(60):
        kept = await keeps(["Foyer", f"Nom {number}"], family="Foyer")
    assert (len(kept), kept[0]["headings"]) == (50, ["Foyer", "Nom 59"])
    other = Importer(school.app, school.client, school.signer, organisation=new_id())
    await other.is_described()
    assert (await other.get(path)).json() == {"items": []}


async def test_imp_1_what_waits_for_a_week_is_forgotten_and_its_import_closed(school: Importer) -> None:
    batch = await school.begun()
    path = f"/v1/imports/{batch}"
    await school.post(f"{path}/families", {"families": [family(1)]})
    (staged,) = await school.database[STAGED.name].find({"batch": batch}, comment=OF_TESTS).to_list(None)
    begun = datetime.fromisoformat((await school.get(path)).json()["begun_at"])
    a_week_later = begun + timedelta(days=7)
    assert staged["forgotten"].replace(tzinfo=UTC) == a_week_later.replace(microsecond=begun.microsecond // 1000 * 1000)
    expiry = (await school.database[STAGED.name].index_information())["expiry"]
    assert expiry["expireAfterSeconds"] == 0
    await school.database[IMPORTS.name].update_one(
        {"_id": batch}, {"$set": {"begun_at": (begun - timedelta(days=7)).isoformat()}}
    )
    assert (await school.get(path)).json()["discarded"] is True
    refused = await school.post(f"{path}/run", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:carnet:problem:import-closed")
    late = await school.post(f"{path}/families", {"families": [family(2)]})
    assert (late.status_code, late.json()["type"]) == (409, "urn:carnet:problem:import-closed")


async def test_imp_2_a_family_that_is_here_waits_nowhere_any_more_nor_once_its_people_are_erased(
    school: Importer,
) -> None:
    first, second = [await school.begun() for _ in range(2)]
    for batch in (first, second):
        await school.post(f"/v1/imports/{batch}/families", {"families": [family(1), family(2)]})
    assert await school.count(STAGED.name) == 4
    done = (await school.post("/v1/imports/families", family(1))).json()
    waiting = await school.database[STAGED.name].find({"organisation": school.organisation}).to_list(None)
    assert {each["family"]["key"] for each in waiting} == {"F-2"}
    # What another one had sent meanwhile, in a transaction of the same moment.
    (copy, _) = waiting
    (known,) = await school.database[FAMILIES.name].find({"account": done["account"]}, comment=OF_TESTS).to_list(None)
    await school.database[STAGED.name].insert_one({**copy, "_id": new_id(), "imported_as": known["_id"]})
    headers = {**school.signer.headers(school.organisation, "accounts:write"), "If-Match": '"1"'}
    erased = await school.client.post(
        f"/v1/accounts/{done['account']}/erasure",
        json={"whole_account": True},
        headers={**headers, "Idempotency-Key": new_id()},
    )
    assert erased.status_code == 200, erased.text
    assert await school.database[STAGED.name].count_documents({"imported_as": known["_id"]}, comment=OF_TESTS) == 0
