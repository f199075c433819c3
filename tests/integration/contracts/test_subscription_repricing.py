"""Another price for all subscriptions of a product, as a job on a real database (CON-21)."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from carnet.job_runs import Jobs
from carnet.jobs import JOBS
from contracts.contracts.store import CONTRACTS, SUBSCRIBED
from contracts.subscriptions.repricing import REPRICING
from contracts.subscriptions.store import subscriptions_of
from tests.callers import Signer
from tests.integration.contracts.conftest import Product, a_course
from tests.integration.contracts.studio import ALL, Studio, monthly, subscribed

PATH = "/v1/subscriptions/price"


@pytest.fixture
async def studio(service: tuple[FastAPI, httpx.AsyncClient], signer: Signer) -> Studio:
    studio = Studio(*service, signer)
    await studio.is_described()
    return studio


def asked(product: Product, on: str = "2029-02-15", price: int = 4900) -> dict[str, Any]:
    return {"product": product.id, "on": on, "price": {"amount": price, "currency": "EUR"}}


async def sold(studio: Studio, product: Product, count: int) -> list[str]:
    return [(await subscribed(studio, product))[1]["id"] for _ in range(count)]


async def works(studio: Studio, jobs: Jobs | None = None) -> None:
    jobs = jobs or Jobs(studio.database, [REPRICING], chunk=1)
    while await jobs.round(ALL, asyncio.Event()):
        pass


async def published(studio: Studio, contract: str) -> list[dict[str, Any]]:
    rows = await studio.journal(contract)
    return [row for row in rows if row["type"].endswith("SubscriptionPriceChanged.v1")]


async def test_con_21_the_preview_is_what_the_job_does_to_each_and_its_report_says_to_which_nothing(
    studio: Studio,
) -> None:
    await studio.moves_to(date(2029, 1, 10))
    product, other = monthly(), monthly()
    changed = await sold(studio, product, 2)
    (alone,) = await sold(studio, other, 1)
    (same,) = await sold(studio, product, 1)
    done = await studio.post(PATH, {**asked(product), "subscriptions": 2})
    assert (done.status_code, done.json()["type"]) == (409, "urn:carnet:problem:subscriptions-moved")
    body = {"on": "2029-02-15", "price": {"amount": 4900, "currency": "EUR"}, "schedule_version": 0}
    version = (await studio.get(f"/v1/contracts/{same}")).json()["version"]
    assert (await studio.post(f"/v1/contracts/{same}/subscription/price", body, version=version)).status_code == 200
    first = (await studio.post(f"{PATH}/preview?limit=2", asked(product))).json()
    second = (await studio.post(f"{PATH}/preview?limit=2&cursor={first['next']}", asked(product))).json()
    assert (first["subscriptions"], second["next"]) == (3, None)
    shown = [*first["items"], *second["items"]]
    assert [each["contract"] for each in shown] == [*changed, same]
    assert [(each["price_before"] or {}).get("amount") for each in shown] == [4500, 4500, None]
    assert [(each["period"], each["begins_on"]) for each in shown] == [(3, "2029-03-10")] * 2 + [(None, None)]
    assert shown[2]["refused"]["problem"] == "same-price"
    assert shown[0]["client"]

    begun = await studio.post(PATH, {**asked(product), "subscriptions": 3})
    assert begun.status_code == 202, begun.text
    later = await sold(studio, product, 1)
    await works(studio)
    job = (await studio.get(begun.headers["location"])).json()
    assert (job["status"], job["expected"], job["done"], job["refused"]) == ("done", 3, 2, 1)
    report = (await studio.get(f"{begun.headers['location']}/report")).json()["items"]
    assert [(line["item"], line["problem"]) for line in report] == [(same, "same-price")]
    for each in shown[:2]:
        (row,) = await published(studio, each["contract"])
        data = row["data"]
        assert (data["period"], data["begins_on"], data["price_before"]) == (3, "2029-03-10", 4500)
        assert (data["price_after"], row["actor"]) == (4900, "user:staff-1")
    for each in (alone, *later):
        assert await published(studio, each) == [], "another product's, and one that was sold after"


async def test_con_21_a_job_whose_worker_is_killed_changes_each_price_once(studio: Studio) -> None:
    await studio.moves_to(date(2029, 1, 10))
    product = monthly()
    contracts = await sold(studio, product, 6)
    begun = await studio.post(PATH, {**asked(product), "subscriptions": 6})
    for _ in range(4):
        killed = asyncio.create_task(Jobs(studio.database, [REPRICING], chunk=1).round(ALL, asyncio.Event()))
        await asyncio.sleep(0.02)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        # What a minute does: the claim of a killed worker ends.
        job = begun.json()["id"]
        await studio.database[JOBS.name].update_one(
            {"_id": job, "due": {"$gt": ""}}, {"$set": {"due": "2020-01-01T00:00:00.000000Z"}}
        )
    await works(studio)
    assert (await studio.get(begun.headers["location"])).json()["done"] == 6
    for contract in contracts:
        assert len(await published(studio, contract)) == 1


async def test_con_21_a_product_that_is_no_subscription_or_not_known_and_a_day_out_of_range_are_refused(
    studio: Studio,
) -> None:
    await studio.moves_to(date(2029, 1, 10))
    course, product = a_course(), monthly()
    await studio.sells(course)
    await studio.sells(product)
    for body, problem in (
        (asked(course), "product-not-a-subscription"),
        (asked(product, on="2029-01-09"), "price-out-of-range"),
        (asked(product, on="2031-01-11"), "price-out-of-range"),
    ):
        for answer in (
            await studio.post(f"{PATH}/preview", body),
            await studio.post(PATH, {**body, "subscriptions": 1}),
        ):
            assert (answer.status_code, answer.json()["type"]) == (422, f"urn:carnet:problem:{problem}")


async def test_con_21_the_subscriptions_of_a_product_are_found_by_an_index(studio: Studio) -> None:
    product = monthly()
    await sold(studio, product, 1)
    found = await subscriptions_of(studio.database, studio.organisation, product.id, after=None, limit=5)
    assert len(found) == 1
    query = {"organisation": studio.organisation, "subscription.sold.product": product.id}
    plan = await studio.database[CONTRACTS.name].find(query, hint=SUBSCRIBED).sort("_id", 1).explain()
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 1
