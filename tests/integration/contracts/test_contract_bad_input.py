"""What contracts refuses by its rules, or in other alternatives of a body than tests/bad_input sends (ORG-1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest

from carnet.ids import new_id
from tests.callers import command
from tests.integration.contracts.conftest import Family, Product, School, a_course, ten_percent
from tests.refused import problem


@dataclass(frozen=True)
class Sold:
    """A contract of a course with a discount, and a body that is right for each of its routes."""

    school: School
    family: Family
    course: Product
    discount: Product
    contract: dict[str, Any]

    def path(self, route: str) -> str:
        return route.format(contract=self.contract["id"], account=self.family.account, change=self.contract["change"])

    def body(self, route: str) -> dict[str, Any]:
        if route.startswith("/v1/contracts/{contract}/changes"):
            return {"add": [self.course.bought_for(self.family.child)], "schedule_version": 0}
        if route.startswith("/v1/contracts/{contract}/cancellation"):
            return {"schedule_version": 0}
        return self.family.buying(self.course)

    async def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
        return await self.school.client.request(method, path, json=body, headers=headers)

    async def unchanged(self) -> bool:
        return await self.school.count_contracts() == 1 and len(await self.school.journal(self.contract["id"])) == 3


@pytest.fixture
async def sold(school: School, family: Family) -> Sold:
    course, discount = a_course(), ten_percent()
    await school.sells(course, discount)
    return Sold(school, family, course, discount, await family.opens(course, discounts=(discount,)))


READS = (
    "/v1/contracts/{contract}",
    "/v1/contracts/{contract}/journal",
    "/v1/contracts/{contract}/changes/{change}",
    "/v1/accounts/{account}/contracts",
    "/v1/accounts/{account}/purchases",
)
PREVIEWS = (
    "/v1/contracts/preview",
    "/v1/contracts/{contract}/changes/preview",
    "/v1/contracts/{contract}/cancellation/preview",
)
COMMANDS = ("/v1/contracts", "/v1/contracts/{contract}/changes", "/v1/contracts/{contract}/cancellation")
EVERY = [("GET", route) for route in READS] + [("POST", route) for route in (*PREVIEWS, *COMMANDS)]


@pytest.mark.parametrize(("method", "route"), EVERY)
async def test_org_1_a_foreign_id_is_answered_as_an_unknown_one(sold: Sold, method: str, route: str) -> None:
    stranger = School(sold.school.app, sold.school.client, sold.school.signer)
    await stranger.is_described()
    body = sold.body(route) if method == "POST" else None
    headers = command(stranger.staff, version=3)
    foreign = await sold.ask(method, sold.path(route), headers, body)
    unknown_id = new_id()
    path = route.format(contract=unknown_id, account=unknown_id, change=sold.contract["change"])
    if body is not None and "account" in body:
        body = body | {"account": unknown_id}
    unknown = await sold.ask(method, path, headers, body)
    assert foreign.status_code == 404
    known = sold.family.account if "account" in route or "{" not in route else sold.contract["id"]
    same = {"request": ""}
    assert foreign.json() | same == _renamed(unknown.json(), unknown_id, known) | same
    assert await sold.unchanged()


def _renamed(document: dict[str, Any], before: str, after: str) -> Any:
    return orjson.loads(orjson.dumps(document).replace(before.encode(), after.encode()))


EURO = {"amount": 100, "currency": "EUR"}
FEE = {"name": "A fee", "price": EURO, "vat_rate": 2000}
BAD_FIELDS: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda body: body.update(sale={"start": "never"}), "sale"),
    (lambda body: body.update(sale={"start": "instalments", "count": 61}), "sale.instalments.count"),
    (
        lambda body: body.update(sale={"start": "instalments", "count": 3, "first_due": "2026-02-30"}),
        "sale.instalments.first_due",
    ),
    (lambda body: body.update(sale={"start": "at_once", "count": 3}), "sale.at_once.count"),
    (lambda body: body["add"][0].update(tariff=None), "add[0].tariff"),
    (lambda body: body["add"][0].update(price=EURO), "add[0]"),
    (lambda body: body["add"][0].update(reason="late"), "add[0]"),
    (lambda body: body["add"][0].update(price=EURO | {"amount": -1}, reason="x"), "add[0].price.amount"),
    (lambda body: body["add"][0].update(price=EURO, reason="a\nb"), "add[0].reason"),
    (lambda body: body.update(free=[FEE | {"name": ""}]), "free[0].name"),
    (lambda body: body.update(free=[FEE | {"price": EURO | {"amount": 0}}]), "free[0].price.amount"),
    (lambda body: body.update(free=[FEE | {"vat_rate": 10_001}]), "free[0].vat_rate"),
    (lambda body: body.update(free=[FEE | {"product": new_id()}]), "free[0].product"),
    (lambda body: body.update(free=[FEE] * 101), "free"),
    (lambda body: body.update(add=body["add"] * 101), "add"),
]


@pytest.mark.parametrize(("spoil", "field"), BAD_FIELDS)
async def test_a_field_that_is_wrong_is_named(sold: Sold, spoil: Callable[[dict[str, Any]], Any], field: str) -> None:
    body = sold.family.buying(sold.course)
    spoil(body)
    answer = await sold.ask("POST", "/v1/contracts", command(sold.school.staff), body)
    assert problem(answer, 422, "request-invalid")["errors"][0]["field"] == field
    assert await sold.unchanged()


async def test_refusals_of_the_rules_change_nothing(sold: Sold) -> None:
    line, discount = (line["id"] for line in sold.contract["lines"])
    child, stranger = sold.family.child, new_id()
    course = sold.course.bought_for(child)
    dollar = {"amount": 1, "currency": "USD"}
    for body, status, slug in (
        ({}, 422, "nothing-to-change"),
        ({"edit": [{"line": line}]}, 422, "nothing-to-change"),
        ({"edit": [{"line": line, "price": dollar}]}, 422, "other-currency"),
        ({"edit": [{"line": line, "price": {"amount": 0, "currency": "EUR"}}]}, 409, "price-below-discount"),
        ({"edit": [{"line": discount, "expires_on": "2027-01-01"}]}, 409, "discount-is-fixed"),
        ({"edit": [{"line": line, "expires_on": "1999-01-01"}]}, 422, "expiry-before-purchase"),
        ({"cancel": [line, line]}, 422, "line-named-twice"),
        ({"cancel": [stranger]}, 404, "unknown-line"),
        ({"cancel": [line]}, 409, "line-bears-discount"),
        ({"add": [course | {"product": stranger}]}, 404, "unknown-product"),
        ({"add": [course | {"price": dollar, "reason": "late"}]}, 422, "other-currency"),
        ({"free": [FEE | {"price": dollar}]}, 422, "other-currency"),
        ({"add": [course | {"format": stranger}]}, 404, "unknown-format"),
        ({"add": [course | {"tariff": stranger}]}, 404, "unknown-tariff"),
        ({"add": [course | {"participant": stranger}]}, 422, "participant-not-of-account"),
        ({"add": [sold.course.bought_for(None)]}, 422, "participant-missing"),
        ({"add": [course | {"beneficiary": stranger}]}, 404, "unknown-account"),
        ({"add": [course | {"beneficiary": sold.family.account}]}, 422, "beneficiary-superfluous"),
        ({"discounts": [{"product": sold.course.id}]}, 422, "not-a-discount"),
        ({"add": [course] * 60, "cancel": [new_id() for _ in range(41)]}, 422, "change-too-large"),
    ):
        answer = await sold.ask(
            "POST",
            sold.path("/v1/contracts/{contract}/changes"),
            command(sold.school.staff, version=3),
            body | {"schedule_version": 0},
        )
        problem(answer, status, slug)
    assert await sold.unchanged()


async def test_openings_that_the_rules_refuse(sold: Sold) -> None:
    right = sold.family.buying(sold.course)
    for wrong, status, slug in (
        ({"add": []}, 422, "no-lines"),
        ({"account": new_id()}, 404, "unknown-account"),
        ({"sale": {"start": "on_site"}}, 422, "sale-not-for-mode"),
        ({"mode": "on_site", "sale": {"start": "at_once"}}, 422, "sale-not-for-mode"),
        ({"sale": {"start": "deposit", "deposit": 30001, "count": 1}}, 422, "deposit-above-total"),
        ({"sale": {"start": "instalments", "count": 1, "first_due": "1999-12-31"}}, 422, "first-due-out-of-range"),
        ({"sale": {"start": "instalments", "count": 1, "first_due": "9999-12-31"}}, 422, "first-due-out-of-range"),
    ):
        problem(await sold.school.post("/v1/contracts", right | wrong), status, slug)
    assert await sold.unchanged()


async def test_an_organisation_that_is_not_described_yet_opens_nothing(sold: Sold) -> None:
    stranger = School(sold.school.app, sold.school.client, sold.school.signer)
    answer = await stranger.post("/v1/contracts", sold.family.buying(sold.course))
    problem(answer, 409, "organisation-not-known")
