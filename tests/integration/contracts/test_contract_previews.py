"""Previews, with the real payments and catalog behind them over HTTP (CON-3, CON-5)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from carnet.batches import Batches
from carnet.events.catalog import OnlinePlanDetails
from carnet.events.credits import CreditRemovalRefused
from carnet.journal import JournalRow
from carnet.mongo import Database
from carnet.reactions import Reactions
from carnet.relay import record_of
from carnet_suite.servers import Servers
from catalog.app import build_api as build_catalog
from catalog.config import CatalogSettings
from contracts.app import build_api
from contracts.contracts.reactions import PRODUCT_REACTIONS, REACTIONS
from payments.app import build_api as build_payments
from payments.config import PaymentsSettings
from payments.reactions import REACTIONS as PAYMENTS_REACTIONS
from tests.callers import Signer, client_of, command
from tests.integration.contracts.conftest import (
    Family,
    Product,
    School,
    a_course,
    a_credit,
    settings_for,
    swept,
    ten_percent,
)
from tests.links import LINK_KEYS
from tests.records import Given, record
from tests.waits import BOUND

SCOPES = "contracts:read contracts:write payments:read payments:collect catalog:read catalog:write"


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of an API that answers on a port of its own."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the API ends before it starts"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@dataclass
class Town:
    """A school whose three services answer; what they publish is delivered when a test wants it."""

    school: School
    family: Family
    services: "Services"

    @property
    def staff(self) -> dict[str, str]:
        return self.school.signer.headers(self.school.organisation, SCOPES)

    async def settle(self) -> None:
        """Payments gets the events of contracts; contracts those of payments and the organisation, of no product."""
        payments: Database = self.services.payments.state.carnet.database
        catalog: Database = self.services.catalog.state.carnet.database
        await _carry([catalog, self.school.database], payments, "payments", PAYMENTS_REACTIONS)
        tables = [table for table in REACTIONS if table is not PRODUCT_REACTIONS]
        await _carry([catalog, payments], self.school.database, "contracts", tables)

    async def preview(self, path: str, body: Any) -> httpx.Response:
        return await self.school.client.post(f"{path}/preview", json=body, headers=self.staff)

    async def schedule(self, contract: str) -> dict[str, Any]:
        async with httpx.AsyncClient(headers=self.staff, timeout=BOUND) as client:
            answer = await client.get(f"{self.services.payments_url}/v1/schedules/{contract}")
        assert answer.status_code == 200, answer.text
        schedule: dict[str, Any] = answer.json()
        return schedule

    async def pays(self, contract: str, amount: int) -> None:
        schedule = await self.schedule(contract)
        async with httpx.AsyncClient(timeout=BOUND) as client:
            answer = await client.post(
                f"{self.services.payments_url}/v1/schedules/{contract}/payments",
                json={"amount": {"amount": amount, "currency": "EUR"}, "method": "cash"},
                headers=command(self.staff, version=schedule["version"]),
            )
        assert answer.status_code == 201, answer.text

    async def drafts(self, price: int) -> Product:
        """A course that is on sale in the catalog, which has published nothing yet."""
        tariff = {"name": "Full", "price": {"amount": price, "currency": "EUR"}}
        body = {
            "name": "Tango",
            "vat_rate": 2000,
            "participant": True,
            "formats": [{"name": "A term", "tariffs": [tariff]}],
            "details": {"kind": "course"},
        }
        async with httpx.AsyncClient(base_url=self.services.catalog_url, timeout=BOUND) as client:
            drafted = await client.post("/v1/products", json=body, headers=command(self.staff))
            assert drafted.status_code == 201, drafted.text
            product = drafted.json()
            on_sale = await client.post(
                f"/v1/products/{product['id']}/put-on-sale",
                headers=command(self.staff, version=product["version"]),
            )
            assert on_sale.status_code == 200, on_sale.text
        found = a_course(price)
        found.id, found.format = product["id"], product["formats"][0]["id"]
        found.tariff = product["formats"][0]["tariffs"][0]["id"]
        return found


async def _carry(sources: Sequence[Database], target: Database, service: str, tables: Sequence[Reactions]) -> None:
    for table in tables:
        for source in sources:
            rows = await source["journal"].find({"topic": table.topic.name}).sort("_id", 1).to_list(None)
            if rows:
                await Batches(service, target, table).apply([_given(row) for row in rows])


def _given(row: dict[str, Any]) -> Given:
    key, value, headers = record_of(cast("JournalRow", row))
    return Given(row["topic"], 0, row["sequence"], key, value, headers)


@dataclass
class Services:
    """The three APIs; each test has an organisation of its own."""

    contracts: FastAPI
    client: httpx.AsyncClient
    payments: FastAPI
    payments_url: str
    catalog: FastAPI
    catalog_url: str


@pytest.fixture(scope="module")
async def services(servers: Servers, signer: Signer) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        namespace = await stack.enter_async_context(swept(servers))
        usual = {
            "mongo_url": servers.mongo_url,
            "kafka_bootstrap": servers.kafka_bootstrap,
            "namespace": namespace,
            "issuers": (signer.issuer,),
        }
        payments = build_payments(PaymentsSettings.model_validate({**usual, "link_keys": LINK_KEYS}))
        catalog = build_catalog(CatalogSettings.model_validate(usual))
        payments_url = await stack.enter_async_context(served(payments))
        catalog_url = await stack.enter_async_context(served(catalog))
        contracts = build_api(
            settings_for(servers, namespace, signer, payments_url=payments_url, catalog_url=catalog_url)
        )
        client = await stack.enter_async_context(client_of(contracts))
        yield Services(contracts, client, payments, payments_url, catalog, catalog_url)


@pytest.fixture
async def town(services: Services, signer: Signer) -> Town:
    school = School(services.contracts, services.client, signer)
    town = Town(school, await school.family(), services)
    await _describe(town)
    await town.settle()
    return town


async def _describe(town: Town) -> None:
    profile = {
        "name": "School of dance",
        "currency": "EUR",
        "time_zone": "Europe/Paris",
        "languages": ["en"],
        "contact": {},
        "support_email": "help@example.org",
        "mode": "test",
    }
    async with httpx.AsyncClient(timeout=BOUND) as client:
        answer = await client.put(f"{town.services.catalog_url}/v1/organisation", json=profile, headers=town.staff)
    assert answer.status_code == 201, answer.text


def amounts(moment: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["due"], each["amount"]["amount"]) for each in moment["instalments"]]


def figures(moment: dict[str, Any]) -> dict[str, int]:
    return {name: money["amount"] for name, money in moment["balance"].items() if money["amount"]}


async def test_con_3_the_preview_of_an_opening_shows_lines_total_and_schedule_and_opens_nothing(town: Town) -> None:
    course, discount = a_course(), ten_percent()
    await town.school.sells(course, discount)
    body = town.family.buying(course, discounts=(discount,))
    answer = await town.preview("/v1/contracts", body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["lines"]["before"], len(shown["lines"]["after"])) == ([], 2)
    assert (shown["total"]["before"]["amount"], shown["total"]["after"]["amount"]) == (0, 27000)
    assert shown["schedule"]["before"] is None
    assert [amount for _, amount in amounts(shown["schedule"]["after"])] == [9000, 9000, 9000]
    assert await town.school.count_contracts() == 0
    opened = await town.family.opens(course, discounts=(discount,))
    await town.settle()
    assert amounts(await town.schedule(opened["id"])) == amounts(shown["schedule"]["after"])


async def test_con_3_what_is_confirmed_is_what_was_previewed(town: Town) -> None:
    course, other = a_course(), a_course(15000)
    await town.school.sells(course, other)
    opened = await town.family.opens(course)
    await town.settle()
    path = f"/v1/contracts/{opened['id']}/changes"
    body = {"add": [other.bought_for(town.family.child)]}
    answer = await town.preview(path, body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["versions"] == {"contract": 2, "schedule": 1}
    assert (shown["total"]["before"]["amount"], shown["total"]["after"]["amount"]) == (30000, 45000)
    before, after = shown["schedule"]["before"], shown["schedule"]["after"]
    assert [amount for _, amount in amounts(before)] == [10000, 10000, 10000]
    assert [amount for _, amount in amounts(after)] == [15000, 15000, 15000]
    assert len(await town.school.journal(opened["id"])) == 2
    confirmed = await town.school.post(
        path, body | {"schedule_version": shown["versions"]["schedule"]}, version=shown["versions"]["contract"]
    )
    assert confirmed.status_code == 200, confirmed.text
    without_id = [{**line, "id": ""} for line in shown["lines"]["after"]]
    assert [{**line, "id": ""} for line in confirmed.json()["lines"]] == without_id
    await town.settle()
    schedule = await town.schedule(opened["id"])
    assert (amounts(schedule), figures(schedule)) == (amounts(after), figures(after))


async def test_con_19_the_preview_shows_what_happens_to_accesses_and_so_it_happens(town: Town) -> None:
    basic = Product(OnlinePlanDetails(courses=("harmony", "rhythm")), 9000)
    full = Product(OnlinePlanDetails(courses=("harmony", "melody"), months=2), 12000)
    await town.school.sells(basic, full)
    opening = (await town.preview("/v1/contracts", town.family.buying(basic))).json()["accesses"]
    assert [(each["course"], each["what"], each["before"]) for each in opening] == [
        ("harmony", "granted", None), ("rhythm", "granted", None),
    ]  # fmt: skip
    opened = await town.family.opens(basic)
    await town.settle()
    bought = full.bought_for(town.family.child)
    body = {
        "plans": [
            {"line": opened["lines"][0]["id"], **{name: bought[name] for name in bought if name != "participant"}}
        ]
    }
    path = f"/v1/contracts/{opened['id']}/changes"
    shown = (await town.preview(path, body)).json()
    assert [(each["course"], each["what"]) for each in shown["accesses"]] == [
        ("harmony", "changed"), ("melody", "granted"), ("rhythm", "revoked"),
    ]  # fmt: skip
    harmony, melody, rhythm = shown["accesses"]
    assert (harmony["before"]["product"], harmony["after"]["product"], rhythm["after"]) == (basic.id, full.id, None)
    confirmed = body | {"schedule_version": shown["versions"]["schedule"]}
    answer = await town.school.post(path, confirmed, version=shown["versions"]["contract"])
    assert answer.status_code == 200, answer.text
    listed = (await town.school.get(f"/v1/accounts/{town.family.account}/accesses")).json()["items"]
    now = {each["course"]: each for each in listed}
    assert {course: each["open"] for course, each in now.items()} == {"harmony": True, "melody": True, "rhythm": False}
    for each in (harmony, melody):
        for name in ("product", "settings", "first_day", "last_day"):
            assert now[each["course"]][name] == each["after"][name], (each["course"], name)


async def test_con_3_the_preview_shows_the_refund_line_and_the_advice(town: Town) -> None:
    course, discount = a_course(), ten_percent()
    await town.school.sells(course, discount)
    opened = await town.family.opens(course)
    await town.settle()
    await town.pays(opened["id"], 30000)
    path = f"/v1/contracts/{opened['id']}/changes"
    falling = (await town.preview(path, {"discounts": [{"product": discount.id}]})).json()
    assert figures(falling["schedule"]["after"]) == {"total": 27000, "paid": 30000, "refund_due": 3000}
    assert falling["advice"] == []
    rising = (await town.preview(path, {"add": [course.bought_for(town.family.child)]})).json()
    assert [advice["rule"] for advice in rising["advice"]] == ["CON-5"]


async def test_con_3_a_confirmation_is_refused_once_a_payment_was_received_since_the_preview(town: Town) -> None:
    course = a_course()
    await town.school.sells(course)
    opened = await town.family.opens(course)
    await town.settle()
    path = f"/v1/contracts/{opened['id']}/changes"
    body = {"add": [course.bought_for(town.family.child)]}
    versions = (await town.preview(path, body)).json()["versions"]
    await town.pays(opened["id"], 100)
    await town.settle()
    confirmation = body | {"schedule_version": versions["schedule"]}
    stale = await town.school.post(path, confirmation, version=versions["contract"])
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:carnet:problem:schedule-moved")


async def test_con_3_a_preview_is_refused_while_payments_has_not_caught_up(town: Town) -> None:
    course = a_course()
    await town.school.sells(course)
    opened = await town.family.opens(course)
    body = {"cancel": [opened["lines"][0]["id"]]}
    behind = await town.preview(f"/v1/contracts/{opened['id']}/changes", body)
    assert (behind.status_code, behind.json()["type"]) == (409, "urn:carnet:problem:schedule-behind")


async def test_con_22_the_preview_of_a_cancellation_shows_nothing_left_to_pay(town: Town) -> None:
    course, discount = a_course(), ten_percent()
    await town.school.sells(course, discount)
    opened = await town.family.opens(course, discounts=(discount,))
    await town.settle()
    answer = await town.preview(f"/v1/contracts/{opened['id']}/cancellation", {})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert [line["state"] for line in shown["lines"]["after"]] == ["cancelled", "cancelled"]
    assert shown["schedule"]["after"]["instalments"] == []
    assert len(await town.school.journal(opened["id"])) == 3


async def test_cre_5_the_preview_says_that_credits_is_asked_and_goes_on_after_a_refusal(town: Town) -> None:
    course, credit = a_course(), a_credit()
    await town.school.sells(course, credit)
    opened = await town.family.opens(course, credit)
    await town.settle()
    path, sold = f"/v1/contracts/{opened['id']}/changes", opened["lines"][1]["id"]
    body = {"cancel": [sold]}
    shown = (await town.preview(path, body)).json()
    assert shown["asks_credits"] == [sold]
    assert figures(shown["schedule"]["after"])["total"] == 30000
    assert (await town.preview(path, {"cancel": [opened["lines"][0]["id"]]})).json()["asks_credits"] == []

    waiting = await town.school.post(path, body | {"schedule_version": 1}, version=3)
    assert waiting.status_code == 202
    request = waiting.json()["change"]
    refused = CreditRemovalRefused(
        request=request,
        contract=opened["id"],
        credit=sold,
        amount=5000,
        left=10,
        currency="EUR",
        effective_on=date(2026, 11, 22),
    )
    await town.school.handles(record(refused, aggregate=request, sequence=1, organisation=town.school.organisation))
    await town.settle()
    again = await town.preview(path, body)
    assert again.status_code == 200, "payments follows the newest whole change, which it covers"
    assert again.json()["versions"] == {"contract": 6, "schedule": 1}
    assert again.json()["schedule"] == shown["schedule"]


async def test_the_catalog_is_asked_for_a_product_not_known_yet_and_only_once(town: Town) -> None:
    course, tango = a_course(), await town.drafts(20000)
    await town.school.sells(course)
    opened = await town.family.opens(course)
    await town.settle()
    path = f"/v1/contracts/{opened['id']}/changes"
    body = {"add": [tango.bought_for(town.family.child)]}
    unknown = await town.school.post(path, body | {"schedule_version": 1}, version=2)
    assert unknown.status_code == 404, "a confirmation asks nobody"
    shown = await town.preview(path, body)
    assert shown.status_code == 200, shown.text
    kept = await town.school.database["products"].find_one({"_id": tango.id})
    assert kept is not None
    assert kept["version"] == 2
    # Known here as the draft that it was before it was put on sale.
    await town.school.database["products"].update_one({"_id": tango.id}, {"$set": {"status": "draft", "version": 1}})
    assert (await town.preview(path, body)).status_code == 200
    assert await town.school.database["products"].find_one({"_id": tango.id}) == kept
    confirmed = await town.school.post(path, body | {"schedule_version": 1}, version=2)
    assert (confirmed.status_code, confirmed.json()["total"]["amount"]) == (200, 50000)
