"""Clients are informed before subscriptions renew, by workers that are killed, over a year at once (CON-21)."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.contracts.store import CONTRACTS, TO_ANNOUNCE
from contracts.subscriptions.billing import Biller
from tests.callers import Signer
from tests.integration.contracts.studio import ALL, Studio, monthly, subscribed

NOTICE = 60


@pytest.fixture
async def studio(service: tuple[FastAPI, httpx.AsyncClient], signer: Signer) -> Studio:
    studio = Studio(*service, signer)
    studio.notice = NOTICE
    await studio.is_described()
    return studio


async def announced(studio: Studio, contract: str) -> list[dict[str, Any]]:
    rows = await studio.journal(contract)
    return [row["data"] for row in rows if row["type"].endswith("SubscriptionRenewalAnnounced.v1")]


async def test_con_21_each_renewal_is_announced_once_before_it_is_billed_by_workers_that_are_killed(
    studio: Studio,
) -> None:
    await studio.moves_to(date(2029, 1, 10))
    months, years = monthly(minimum=6), monthly(unit="year", minimum=1)
    opened = {(await subscribed(studio, each))[1]["id"]: each for each in (months, months, years, years)}
    await studio.bills()
    await studio.moves_to(date(2030, 12, 1))

    async def killed() -> None:
        for _ in range(4):
            task = asyncio.create_task(Biller(studio.database).round(ALL, asyncio.Event()))
            await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(killed(), studio.bills(), studio.bills())
    await studio.bills()
    for contract, product in opened.items():
        found = await announced(studio, contract)
        days = [(each["period"], each["effective_on"], each["renews_on"]) for each in found]
        if product is months:
            assert days == [(7, "2029-05-11", "2029-07-10")]
        else:
            assert days == [(2, "2029-11-11", "2030-01-10"), (3, "2030-11-11", "2031-01-10")]
        read = (await studio.get(f"/v1/contracts/{contract}")).json()["subscription"]
        expected = (None, False) if product is months else ("2031-01-10", True)
        assert (read["renews_on"], read["renewal_announced"]) == expected
        rows = await studio.journal(contract)
        names = [(row["type"].split(".")[-2], row["data"].get("period")) for row in rows]
        for each in found:
            at = names.index(("SubscriptionRenewalAnnounced", each["period"]))
            billed = [row["data"]["purchase"]["period"] for row in rows[:at] if row["type"].endswith("ProductAdded.v1")]
            assert max(billed) <= each["period"], "announced before the next one is billed"


async def test_con_21_whom_to_inform_is_found_by_an_index(studio: Studio) -> None:
    query = {"organisation": studio.organisation, "renews_on": {"$gt": "", "$lte": "2029-01-01"}}
    plan = await studio.database[CONTRACTS.name].find(query, hint=TO_ANNOUNCE).sort("renews_on", 1).explain()
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])
