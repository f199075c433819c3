"""Bad input on every route of contracts: a problem that says what to do, and nothing changed (ORG-1, ORG-2)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import orjson
import pytest

from carnet.ids import new_id
from tests.callers import Signer, command
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
CHANGES = COMMANDS[1:]
EVERY = [("GET", route) for route in READS] + [("POST", route) for route in (*PREVIEWS, *COMMANDS)]


def unsigned(signer: Signer, organisation: str) -> str:
    return jwt.encode(signer.claims(organisation, "contracts:read contracts:write"), "", algorithm="none")


TOKENS: dict[str, tuple[Callable[[Signer, str], str | None], str]] = {
    "missing": (lambda _signer, _organisation: None, "token-missing"),
    "expired": (lambda signer, organisation: signer.token(organisation, exp=int(time.time()) - 60), "token-expired"),
    "for another audience": (lambda signer, organisation: signer.token(organisation, aud="x"), "token-audience"),
    "of nobody": (lambda signer, organisation: signer.token(organisation, iss="x"), "token-unknown-issuer"),
    "unsigned": (unsigned, "token-algorithm"),
    "signed with a shared word": (
        lambda signer, organisation: jwt.encode(signer.claims(organisation), "x" * 32, algorithm="HS256"),
        "token-algorithm",
    ),
}


@pytest.mark.parametrize(("method", "route"), EVERY)
@pytest.mark.parametrize("kind", TOKENS)
async def test_a_token_that_is_not_accepted(sold: Sold, method: str, route: str, kind: str) -> None:
    make, slug = TOKENS[kind]
    token = make(sold.school.signer, sold.school.organisation)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = sold.body(route) if method == "POST" else None
    answer = await sold.ask(method, sold.path(route), command(headers, version=3), body)
    problem(answer, 401, slug)
    assert await sold.unchanged()


@pytest.mark.parametrize(("method", "route"), EVERY)
async def test_org_2_a_scope_is_missing(sold: Sold, method: str, route: str) -> None:
    other = "contracts:write" if method == "GET" else "contracts:read"
    headers = command(sold.school.signer.headers(sold.school.organisation, other), version=3)
    body = sold.body(route) if method == "POST" else None
    problem(await sold.ask(method, sold.path(route), headers, body), 403, "scope-missing")
    assert await sold.unchanged()


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


@pytest.mark.parametrize(("method", "route"), [each for each in EVERY if "{" in each[1]])
async def test_an_id_that_is_none(sold: Sold, method: str, route: str) -> None:
    path = route.format(contract="1", account="1", change="1")
    body = sold.body(route) if method == "POST" else None
    found = problem(await sold.ask(method, path, command(sold.school.staff, version=3), body), 422, "request-invalid")
    assert found["errors"][0]["place"] == "path"


@pytest.mark.parametrize("route", [*PREVIEWS, *COMMANDS])
async def test_a_body_with_an_unknown_field_or_none_at_all(sold: Sold, route: str) -> None:
    headers = command(sold.school.staff, version=3)
    answer = await sold.ask("POST", sold.path(route), headers, sold.body(route) | {"surprise": 1})
    assert problem(answer, 422, "request-invalid")["errors"][0]["field"] == "surprise"
    others: list[Any] = [[], "x", None, 5]
    for body in others:
        assert (await sold.ask("POST", sold.path(route), headers, body)).status_code == 422
    broken = await sold.school.client.post(sold.path(route), content=b"{", headers=headers)
    problem(broken, 400, "not-json")
    assert await sold.unchanged()


EURO = {"amount": 100, "currency": "EUR"}
FEE = {"name": "A fee", "price": EURO, "vat_rate": 2000}
BAD_FIELDS: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("/v1/contracts", lambda body: body.pop("account"), "account"),
    ("/v1/contracts", lambda body: body.update(account="1"), "account"),
    ("/v1/contracts", lambda body: body.update(mode="barter"), "mode"),
    ("/v1/contracts", lambda body: body.update(sale={"start": "never"}), "sale"),
    ("/v1/contracts", lambda body: body.update(sale={"start": "instalments", "count": 0}), "sale.instalments.count"),
    ("/v1/contracts", lambda body: body.update(sale={"start": "instalments", "count": 61}), "sale.instalments.count"),
    ("/v1/contracts", lambda body: body.update(sale={"start": "instalments", "count": 3.0}), "sale.instalments.count"),
    (
        "/v1/contracts",
        lambda body: body.update(sale={"start": "instalments", "count": 3, "first_due": "2026-02-30"}),
        "sale.instalments.first_due",
    ),
    (
        "/v1/contracts",
        lambda body: body.update(sale={"start": "deposit", "count": 3, "deposit": 0}),
        "sale.deposit.deposit",
    ),
    (
        "/v1/contracts",
        lambda body: body.update(sale={"start": "deposit", "count": 3, "deposit": 10**13}),
        "sale.deposit.deposit",
    ),
    ("/v1/contracts", lambda body: body.update(sale={"start": "at_once", "count": 3}), "sale.at_once.count"),
    ("/v1/contracts", lambda body: body["add"][0].update(price=1), "add[0].price"),
    ("/v1/contracts", lambda body: body["add"][0].update(tariff=None), "add[0].tariff"),
    ("/v1/contracts", lambda body: body["add"][0].update(price=EURO), "add[0]"),
    ("/v1/contracts", lambda body: body["add"][0].update(reason="late"), "add[0]"),
    (
        "/v1/contracts",
        lambda body: body["add"][0].update(price=EURO | {"amount": -1}, reason="x"),
        "add[0].price.amount",
    ),
    ("/v1/contracts", lambda body: body["add"][0].update(price=EURO, reason="a\nb"), "add[0].reason"),
    ("/v1/contracts", lambda body: body.update(free=[FEE | {"name": ""}]), "free[0].name"),
    ("/v1/contracts", lambda body: body.update(free=[FEE | {"price": EURO | {"amount": 0}}]), "free[0].price.amount"),
    ("/v1/contracts", lambda body: body.update(free=[FEE | {"vat_rate": 10_001}]), "free[0].vat_rate"),
    ("/v1/contracts", lambda body: body.update(free=[FEE | {"product": new_id()}]), "free[0].product"),
    ("/v1/contracts", lambda body: body.update(free=[FEE] * 101), "free"),
    ("/v1/contracts", lambda body: body.update(add=body["add"] * 101), "add"),
    ("/v1/contracts", lambda body: body.update(discounts=["x"]), "discounts[0]"),
    ("/v1/contracts/{contract}/changes", lambda body: body.pop("schedule_version"), "schedule_version"),
    ("/v1/contracts/{contract}/changes", lambda body: body.update(schedule_version=-1), "schedule_version"),
    ("/v1/contracts/{contract}/changes", lambda body: body.update(schedule_version=2**70), "schedule_version"),
    ("/v1/contracts/{contract}/changes", lambda body: body.update(schedule_version=True), "schedule_version"),
    ("/v1/contracts/{contract}/changes", lambda body: body.update(cancel=["x"]), "cancel[0]"),
    ("/v1/contracts/{contract}/cancellation", lambda body: body.update(schedule_version="1"), "schedule_version"),
]


@pytest.mark.parametrize(("route", "spoil", "field"), BAD_FIELDS)
async def test_a_field_that_is_wrong_is_named(
    sold: Sold, route: str, spoil: Callable[[dict[str, Any]], Any], field: str
) -> None:
    body = sold.body(route)
    spoil(body)
    answer = await sold.ask("POST", sold.path(route), command(sold.school.staff, version=3), body)
    assert problem(answer, 422, "request-invalid")["errors"][0]["field"] == field
    assert await sold.unchanged()


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"price": {"amount": -1, "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": 10**12 + 1, "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": 10**40, "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": 1.5, "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": 100.0, "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": "100", "currency": "EUR"}}, "edit[0].price.amount"),
        ({"price": {"amount": 100, "currency": "euro"}}, "edit[0].price.currency"),
        ({"price": 100}, "edit[0].price"),
        ({"expires_on": "2027-02-30"}, "edit[0].expires_on"),
        ({"expires_on": "10000-01-01"}, "edit[0].expires_on"),
        ({"expires_on": 20270101}, "edit[0].expires_on"),
        ({"notes": "x" * 2001}, "edit[0].notes"),
        ({"notes": "\u0000"}, "edit[0].notes"),
        ({"kind": "course"}, "edit[0].kind"),
    ],
)
async def test_an_edit_that_is_wrong(sold: Sold, edit: dict[str, Any], field: str) -> None:
    body = {"edit": [{"line": sold.contract["lines"][0]["id"], **edit}], "schedule_version": 0}
    answer = await sold.ask(
        "POST", sold.path("/v1/contracts/{contract}/changes"), command(sold.school.staff, version=3), body
    )
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


@pytest.mark.parametrize("route", COMMANDS)
async def test_a_command_without_an_idempotency_key(sold: Sold, route: str) -> None:
    headers = {**sold.school.staff, "If-Match": '"3"'}
    problem(await sold.ask("POST", sold.path(route), headers, sold.body(route)), 400, "idempotency-key-missing")
    assert await sold.unchanged()


@pytest.mark.parametrize("route", CHANGES)
async def test_con_3_a_confirmation_without_the_version_seen_or_of_another(sold: Sold, route: str) -> None:
    path, body = sold.path(route), sold.body(route)
    problem(await sold.school.post(path, body), 428, "if-match-missing")
    headers = command(sold.school.staff) | {"If-Match": "3"}
    problem(await sold.ask("POST", path, headers, body), 400, "if-match-invalid")
    for other in (0, 2, 4, 10**15):
        problem(await sold.school.post(path, body, version=other), 412, "version-moved")
    assert await sold.unchanged()


@pytest.mark.parametrize("route", [route for route in READS if not route.endswith(("{contract}", "{change}"))])
@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=garbage", "cursor=WzEsMl0"])
async def test_a_page_that_does_not_exist(sold: Sold, route: str, query: str) -> None:
    answer = await sold.school.get(f"{sold.path(route)}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]
