"""CON-27: contracts and accounts have numbers that people can say: unique under any concurrency, found, never lost."""

import asyncio
import re
from typing import Any

import pytest

from carnet.ids import new_id
from carnet.mongo import transact
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS
from contracts.numbers.store import COUNTERS
from tests.integration.contracts.conftest import Family, School, a_course

ACCOUNTS_SCOPES = "accounts:read accounts:write"
OWNER = {"kind": "adult", "first_name": "Anne", "last_name": "Durand"}


async def open_account(school: School, *, key: str | None = None) -> dict[str, Any]:
    headers = school.signer.headers(school.organisation, ACCOUNTS_SCOPES)
    answer = await school.post("/v1/accounts", {"language": "fr", "owner": OWNER}, key=key, headers=headers)
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def counted(school: School, kind: str) -> int:
    found = await school.database[COUNTERS.name].find_one({"_id": {"$regex": f"^{school.organisation}.{kind}"}})
    return 0 if found is None else int(found["last"])


async def test_con_27_openings_at_one_instant_get_different_numbers_that_follow_one_another(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened = await asyncio.gather(*(family.opens(course) for _ in range(12)))
    numbers = [contract["number"] for contract in opened]
    assert len(set(numbers)) == 12
    assert all(re.fullmatch(r"20[0-9]{2}-00[0-9]{2}", number) for number in numbers)
    later = (await family.opens(course))["number"]
    assert later > max(numbers)


async def test_con_27_accounts_opened_at_one_instant_get_different_numbers(school: School) -> None:
    opened = await asyncio.gather(*(open_account(school) for _ in range(12)))
    assert sorted(account["number"][5:] for account in opened) == [f"{count:04}" for count in range(1, 13)]


async def test_con_27_each_organisation_counts_for_itself_and_contracts_apart_from_accounts(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    assert (await open_account(school))["number"].endswith("-0001")
    assert (await family.opens(course))["number"].endswith("-0001")


async def test_con_27_the_number_is_in_the_events_and_in_every_view(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    opened = await family.opens(course)
    number = opened["number"]
    (row, *_) = await school.journal(opened["id"])
    assert row["data"]["number"] == number
    assert (await school.get(f"/v1/contracts/{opened['id']}")).json()["number"] == number
    (summary,) = (await school.get(f"/v1/accounts/{family.account}/contracts")).json()["items"]
    assert summary["number"] == number
    (bought,) = (await school.get(f"/v1/accounts/{family.account}/purchases")).json()["items"]
    assert bought["contract_number"] == number


async def test_con_27_an_account_keeps_its_number_through_changes(school: School) -> None:
    headers = school.signer.headers(school.organisation, ACCOUNTS_SCOPES)
    account = await open_account(school)
    path = f"/v1/accounts/{account['id']}"
    sent = {**headers, "If-Match": '"1"'}
    changed = await school.client.put(path, json={"language": "en", "tags": ["north"]}, headers=sent)
    assert changed.json()["number"] == account["number"]
    published = await school.journal(account["id"])
    assert [row["data"]["number"] for row in published] == [account["number"]] * 2
    assert (await school.get(path, headers)).json()["number"] == account["number"]


async def test_con_27_a_repeated_request_keeps_the_number_and_a_preview_takes_none(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    body, key = family.buying(course), new_id()
    first = await school.post("/v1/contracts", body, key=key)
    again = await school.post("/v1/contracts", body, key=key)
    assert again.json() == first.json()
    taken = await counted(school, "contract")
    await school.post("/v1/contracts/preview", body)  # payments does not answer here, the decision is made all the same
    refused = await school.post("/v1/contracts", {**body, "account": new_id()})
    assert refused.status_code == 404
    assert await counted(school, "contract") == taken
    one = await open_account(school, key="twice")
    assert (await open_account(school, key="twice"))["number"] == one["number"]


async def test_con_27_contracts_are_found_by_number_by_their_own_organisation_only(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened = [await family.opens(course) for _ in range(3)]
    year, wanted = opened[1]["number"][:4], opened[1]

    async def found(query: str, headers: Any = None) -> list[str]:
        answer = await school.get(f"/v1/contracts{query}", headers)
        assert answer.status_code == 200, answer.text
        return [contract["id"] for contract in answer.json()["items"]]

    newest_first = [contract["id"] for contract in reversed(opened)]
    assert await found("") == newest_first
    assert await found(f"?number={year}") == newest_first
    assert await found(f"?number={wanted['number']}") == [wanted["id"]]
    assert await found(f"?number={year}-2") == [wanted["id"]]
    assert await found("?number=1999-0001") == []
    assert await found("", school.signer.headers(new_id(), "contracts:read")) == []
    first_page = (await school.get("/v1/contracts?limit=2")).json()
    assert [contract["id"] for contract in first_page["items"]] == newest_first[:2]
    assert await found(f"?limit=2&cursor={first_page['next']}") == newest_first[2:]
    assert (await school.get("/v1/contracts", school.client_of(family.account))).status_code == 403


@pytest.mark.parametrize("number", ["x", "2027-", "2027-00x", "20271", "2027-0042-1", "-1", "$gt"])
async def test_con_27_what_is_no_number_is_refused_and_nothing_breaks(school: School, number: str) -> None:
    answer = await school.get(f"/v1/contracts?number={number}")
    assert answer.status_code == (200 if number == "2027-" else 422)


async def test_con_27_an_account_is_found_by_its_number_beside_names(school: School) -> None:
    headers = school.signer.headers(school.organisation, ACCOUNTS_SCOPES)
    first, second = await open_account(school), await open_account(school)

    async def found(query: str) -> list[str]:
        answer = await school.client.get("/v1/accounts", params={"q": query}, headers=headers)
        return sorted(account["id"] for account in answer.json()["items"])

    assert await found(second["number"]) == [second["id"]]
    assert await found(f"durand {first['number']}") == [first["id"]]
    assert await found(f"martin {first['number']}") == []
    assert await found(first["number"][:4] + "-2") == [second["id"]]


async def test_con_27_what_was_saved_before_there_were_numbers_is_read_without_one(
    school: School, family: Family
) -> None:
    course = a_course()
    await school.sells(course)
    opened, other = await family.opens(course), await family.opens(course)
    for contract in (opened, other):  # two of them: having none is no clash
        await school.database[CONTRACTS.name].update_one({"_id": contract["id"]}, {"$unset": {"number": ""}})
    read = await school.get(f"/v1/contracts/{opened['id']}")
    assert (read.status_code, read.json()["number"]) == (200, None)
    body = {"add": [course.bought_for(family.child)], "schedule_version": 0}
    changed = await school.post(f"/v1/contracts/{opened['id']}/changes", body, version=opened["version"])
    assert (changed.status_code, changed.json()["number"]) == (200, None)
    headers = school.signer.headers(school.organisation, ACCOUNTS_SCOPES)
    assert (await school.get(f"/v1/accounts/{family.account}", headers)).json()["number"] is None


async def test_con_27_the_database_refuses_a_number_that_another_one_has(school: School, family: Family) -> None:
    course = a_course()
    await school.sells(course)
    first, second = await family.opens(course), await family.opens(course)
    with pytest.raises(Exception, match="E11000"):
        await school.database[CONTRACTS.name].update_one({"_id": second["id"]}, {"$set": {"number": first["number"]}})
    one, two = await open_account(school), await open_account(school)
    with pytest.raises(Exception, match="E11000"):
        await transact(
            school.database,
            lambda unit: unit.database[ACCOUNTS.name].update_one(
                {"_id": two["id"]}, {"$set": {"number": one["number"]}}, session=unit.session
            ),
        )
