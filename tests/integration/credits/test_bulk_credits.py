"""A credit for each of many families, as a job on a real database (CRE-2): previewed, each once, reported, stopped."""

import asyncio
from typing import Any

import httpx
import pytest

from carnet.decisions import Context
from carnet.ids import new_id
from carnet.job_runs import Jobs
from carnet.jobs import JOBS, Job, JobKind
from carnet.journal import SLOTS
from carnet.mongo import Unit
from credits.bulk.granting import GRANTING
from credits.bulk.store import BULK_GRANTS
from credits.store import CREDITS, ENTRIES
from tests.callers import Signer, command
from tests.integration.credits.conftest import Books, Story, profile
from tests.integration.credits.test_credits_granting import Counter, euros
from tests.refused import old_id, problem

ALL = frozenset(range(SLOTS))
PATH = "/v1/bulk-credits"


@pytest.fixture
async def counter(client: httpx.AsyncClient, signer: Signer, books: Books, story: Story) -> Counter:
    await books.handles(profile(books.organisation))
    await books.handles(story.account_changed())
    return Counter(client, signer, books, story.account)


async def families(counter: Counter, count: int, organisation: str | None = None) -> list[str]:
    stories = [Story(organisation or counter.books.organisation) for _ in range(count)]
    await counter.books.handles(*(story.account_changed() for story in stories))
    return [story.account for story in stories]


def asked(accounts: list[str], **fields: Any) -> dict[str, Any]:
    return {"accounts": accounts, "amount": euros(1500), "reason": "The hall was flooded", **fields}


async def send(counter: Counter, path: str, body: Any = None, **claims: Any) -> httpx.Response:
    key = claims.pop("key", None)
    headers = command(counter.headers(**claims), key=key)
    return await counter.client.post(path, json=body, headers=headers)


async def begun(counter: Counter, accounts: list[str], **fields: Any) -> str:
    answer = await send(counter, PATH, asked(accounts, **fields))
    assert answer.status_code == 202, answer.text
    location: str = answer.headers["location"]
    return location


async def read(counter: Counter, path: str) -> dict[str, Any]:
    answer = await counter.client.get(path, headers=counter.headers())
    found: dict[str, Any] = answer.json()
    return found


async def works(counter: Counter, kind: JobKind = GRANTING, rounds: int = 1_000) -> None:
    jobs = Jobs(counter.books.database, [kind], chunk=2)
    for _ in range(rounds):
        if not await jobs.round(ALL, asyncio.Event()):
            break


async def granted(counter: Counter) -> dict[str, list[int]]:
    """The credits of each account of the organisation, by what they are worth."""
    found: dict[str, list[int]] = {}
    async for each in counter.books.database[CREDITS.name].find({"organisation": counter.books.organisation}):
        found.setdefault(each["account"], []).append(each["amount"])
    return found


async def test_cre_2_each_family_gets_its_credit_once_with_the_reason_and_is_informed(counter: Counter) -> None:
    accounts = await families(counter, 5)
    preview = await send(counter, f"{PATH}/preview", asked(accounts))
    assert preview.json() == {"families": 5, "total": euros(7500), "unknown": []}
    assert await granted(counter) == {}
    problem(await send(counter, PATH, asked([*accounts, accounts[0]])), 422, "same-twice")
    first = await send(counter, PATH, asked(accounts), key="once")
    assert (await send(counter, PATH, asked(accounts), key="once")).json() == first.json()
    await works(counter)
    job = await read(counter, first.headers["location"])
    assert (job["status"], job["expected"], job["done"], job["refused"]) == ("done", 5, 5, 0)
    assert await granted(counter) == {account: [1500] for account in accounts}
    database = counter.books.database
    notes = [each["note"] async for each in database[ENTRIES.name].find({"account": {"$in": accounts}})]
    assert notes == ["The hall was flooded"] * 5
    rows = await database["journal"].find({"type": "carnet.credits.CreditIssued.v1"}).to_list(None)
    assert {(row["data"]["account"], row["data"]["origin"], row["actor"]) for row in rows} == {
        (account, "staff", "user:staff-1") for account in accounts
    }


async def test_org_1_an_account_that_there_is_not_gets_nothing_and_is_named_in_the_report(counter: Counter) -> None:
    (ours,), (theirs,), nobody = await families(counter, 1), await families(counter, 1, new_id()), old_id()
    preview = (await send(counter, f"{PATH}/preview", asked([ours, theirs, nobody]))).json()
    assert (preview["families"], preview["total"]) == (1, euros(1500))
    assert sorted(preview["unknown"]) == sorted([theirs, nobody])
    job = await begun(counter, [ours, theirs, nobody])
    await works(counter)
    assert {name: (await read(counter, job))[name] for name in ("done", "refused", "failed")} == {
        "done": 1,
        "refused": 2,
        "failed": 0,
    }
    report = (await read(counter, f"{job}/report"))["items"]
    assert {line["item"]: line["problem"] for line in report} == dict.fromkeys((theirs, nobody), "unknown-account")
    assert await granted(counter) == {ours: [1500]}
    assert await counter.books.database[CREDITS.name].count_documents({"account": theirs}) == 0


@pytest.mark.parametrize("dies_at", range(1, 6))
async def test_cre_2_a_job_whose_worker_is_killed_grants_each_credit_once(counter: Counter, dies_at: int) -> None:
    accounts = await families(counter, 5)
    job = await begun(counter, accounts)
    done = 0

    class KilledError(BaseException):
        pass

    def dying(unit: Unit, job: Job, account: str, context: Context) -> None:
        nonlocal done
        done += 1
        if done == dies_at:
            raise KilledError
        GRANTING.do(unit, job, account, context)

    with pytest.raises(KilledError):
        await works(counter, JobKind(GRANTING.name, GRANTING.items, GRANTING.count, GRANTING.load, dying))
    await counter.books.database[JOBS.name].update_many({}, {"$set": {"due": "2026-01-01T00:00:00.000000Z"}})
    await asyncio.gather(works(counter), works(counter))
    assert (await read(counter, job))["done"] == 5
    assert await granted(counter) == {account: [1500] for account in accounts}


async def test_a_job_that_is_stopped_leaves_the_rest_alone(counter: Counter) -> None:
    accounts = await families(counter, 5)
    job = await begun(counter, accounts)
    assert (await send(counter, f"{job}/cancel")).status_code == 200
    await works(counter)
    assert (await read(counter, job))["status"] == "cancelled"
    assert len(await granted(counter)) < 5


async def test_org_4_the_reason_goes_with_a_person_whom_it_may_name(counter: Counter) -> None:
    story = Story(counter.books.organisation)
    await counter.books.handles(story.account_changed())
    await begun(counter, [story.account, counter.account])
    await counter.books.handles(story.account_changed(2, erased=1))
    await works(counter)
    (grant,) = await counter.books.database[BULK_GRANTS.name].find().to_list(None)
    assert grant["reason"] is None
    assert sum(map(len, (await granted(counter)).values())) == 2


async def test_org_2_who_may_not_grant_a_credit_grants_none_in_bulk(counter: Counter) -> None:
    for path in (PATH, f"{PATH}/preview"):
        problem(await send(counter, path, asked([counter.account]), scopes="credits:read"), 403, "scope-missing")
        client = {"kind": "client", "account": counter.account}
        problem(await send(counter, path, asked([counter.account]), **client), 403, "staff-only")
    assert await granted(counter) == {}
