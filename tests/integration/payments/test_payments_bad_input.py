"""What payments refuses by its rules, or in other alternatives of a body than tests/bad_input sends (ORG-1)."""

from typing import Any

import pytest

from carnet.ids import new_id
from carnet.journal import ROWS
from tests.callers import command
from tests.integration.payments.conftest import ALL_SCOPES, Desk, Payments, euros
from tests.integration.payments.received_records import Credit, Family, Story, organisation_record
from tests.refused import problem

PAYMENT: dict[str, Any] = {"amount": euros(100), "method": "cash"}
CHEQUE: dict[str, Any] = {"due": "2026-12-05", "amount": euros(100), "bank": "Nord", "holder": "Inès"}
CHANGE: dict[str, Any] = {
    "contract_version": 1,
    "total": euros(100),
    "live_lines": 1,
    "effective_on": "2026-11-21",
}
OPENING: dict[str, Any] = {
    "mode": "online",
    "sale": {"start": "instalments", "count": 3, "first_due": "2026-12-05"},
    "total": euros(100),
    "live_lines": 1,
    "effective_on": "2026-11-21",
}
INSTALMENT = "/v1/schedules/{c}/instalments/{i}"
SETTLEMENTS = "/v1/schedules/{c}/settlements"
REVERSAL = "/v1/schedules/{c}/payments/{i}/reversal"
SETTLEMENT: dict[str, Any] = {"amount": euros(100), "how": "waived", "reason": "Agreed."}
BOUNCED: dict[str, Any] = {"amount": euros(100), "reason": "bounced_cheque"}
CREDIT = new_id()
CREDIT_USES = "/v1/schedules/{c}/credit-uses"
CREDIT_USE: dict[str, Any] = {"credit": CREDIT, "amount": euros(100)}


@pytest.fixture
async def contract(payments: Payments, family: Family) -> str:
    story = Story(family)
    await payments.handles(story.opened(900))
    await payments.handles(Credit(family, credit=CREDIT).issued())
    return story.contract


async def unchanged(payments: Payments, contract: str) -> None:
    assert (await payments.schedule(contract)).version == 1
    assert await payments.database[ROWS].count_documents({"aggregate": contract}) == 1
    assert await payments.database["payments"].count_documents({}) == 0
    assert await payments.database["use_requests"].count_documents({}) == 0


def at(path: str, contract: str) -> str:
    """The address of a path of that contract; its instalment or payment is one that it does not have."""
    return path.format(c=contract, i=contract)


async def test_org_1_foreign_and_unknown_contracts_are_answered_alike(
    desk: Desk, payments: Payments, contract: str
) -> None:
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    foreign = desk.headers(organisation=neighbour)
    for headers, asked in ((foreign, contract), (desk.headers(), new_id())):
        read = await desk.client.get(at("/v1/schedules/{c}", asked), headers=headers)
        sent = command(headers, version=1)
        paid = await desk.client.post(at("/v1/schedules/{c}/payments", asked), json=PAYMENT, headers=sent)
        for answer in (read, paid):
            assert problem(answer, 404, "unknown-schedule")["params"] == {"what": "schedule", "id": asked}
    assert (await desk.get("/v1/losses", foreign)).json() == {"items": [], "next": None}
    for path in ("/v1/follow-up", "/v1/cheques"):
        assert (await desk.get(path, foreign)).json() == {"items": [], "next": None}
        assert (await desk.get(f"{path}.csv", foreign)).text.count("\n") == 1
    await unchanged(payments, contract)


def with_field(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {**body, first: with_field(body[first], rest, value) if rest else value}


WRONG_SALES = [
    ("sale", {"start": "never"}),
    ("sale", {}),
    ("sale", "at_once"),
    ("sale.count", 61),
    ("sale.first_due", "2026-02-30"),
    ("sale.surprise", 1),
]


@pytest.mark.parametrize(("field", "value"), WRONG_SALES)
async def test_a_sale_that_is_wrong_is_named(desk: Desk, field: str, value: Any) -> None:
    answer = await desk.post("/v1/schedules/preview", with_field(OPENING, field, value))
    refused = problem(answer, 422, "request-invalid")
    assert all(error["field"].startswith("sale") for error in refused["errors"])


@pytest.mark.parametrize("tail", ["", "/preview"])
@pytest.mark.parametrize("body", [{}, {"amount": None}, {"amount": None, "due": None, "method": None}])
async def test_an_instalment_that_is_changed_in_nothing_is_refused(
    desk: Desk, payments: Payments, contract: str, tail: str, body: dict[str, Any]
) -> None:
    answer = await desk.post(at(f"{INSTALMENT}/changes{tail}", contract), body, version=1)
    assert "send amount, due or method" in problem(answer, 422, "request-invalid")["detail"]
    await unchanged(payments, contract)


async def test_rules_refuse_what_no_field_describes(desk: Desk, payments: Payments, contract: str) -> None:
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        ("/v1/schedules/{c}/payments", {**PAYMENT, "amount": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
        ("/v1/schedules/{c}/payments", {**PAYMENT, "received_on": "2026-11-22"}, 422, "received-in-future"),
        ("/v1/schedules/{c}/payments", {**PAYMENT, "instalment": new_id()}, 404, "unknown-instalment"),
        ("/v1/schedules/{c}/cheques", {"cheques": [{**CHEQUE, "due": "2026-11-20"}]}, 422, "past-date"),
        ("/v1/schedules/{c}/cheques", {"cheques": [{**CHEQUE, "amount": euros(901)}]}, 409, "more-than-due"),
        ("/v1/schedules/{c}/preview", {**CHANGE, "total": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
        ("/v1/schedules/preview", {**OPENING, "sale": {"start": "on_site"}}, 422, "sale-not-for-mode"),
        (
            "/v1/schedules/preview",
            with_field(OPENING, "sale.first_due", "9999-12-31"),
            422,
            "first-due-out-of-range",
        ),
        ("/v1/schedules/preview", {**OPENING, "total": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
        (SETTLEMENTS, SETTLEMENT, 409, "more-than-to-refund"),
        (SETTLEMENTS, {"amount": euros(1), "how": "waived"}, 422, "reason-missing"),
        (SETTLEMENTS, {**SETTLEMENT, "amount": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
        (REVERSAL, BOUNCED, 404, "unknown-payment"),
        *(
            (f"{CREDIT_USES}{tail}", {**CREDIT_USE, **wrong}, status, slug)
            for tail in ("", "/preview")
            for wrong, status, slug in (
                ({"amount": euros(901)}, 409, "more-than-due"),
                ({"amount": {"amount": 1, "currency": "CHF"}}, 422, "other-currency"),
                ({"credit": new_id()}, 404, "unknown-credit"),
            )
        ),
    ]
    for path, body, status, slug in cases:
        answer = await desk.client.post(at(path, contract), json=body, headers=command(desk.headers(), version=1))
        problem(answer, status, slug)
    await unchanged(payments, contract)


async def test_dates_the_wrong_way_round_are_refused(desk: Desk) -> None:
    for path in ("/v1/cheques", "/v1/cheques.csv"):
        refused = problem(await desk.get(path, **{"from": "2026-12-02", "until": "2026-12-01"}), 422, "dates-reversed")
        assert refused["params"] == {"from": "2026-12-02", "until": "2026-12-01"}


async def test_an_organisation_without_a_profile_is_shown_what_to_do(desk: Desk) -> None:
    headers = desk.headers(ALL_SCOPES, organisation=new_id())
    problem(await desk.get("/v1/follow-up", headers), 409, "organisation-not-known")
