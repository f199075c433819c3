"""Bad input for every route: a problem document that says what to do, and nothing changed (ORG-1, ORG-2)."""

from typing import Any

import httpx
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
GETS = (
    "/v1/schedules/{c}",
    "/v1/schedules/{c}/payments",
    "/v1/schedules/{c}/journal",
    "/v1/schedules/{c}/settlements",
    "/v1/schedules/{c}/reversals",
    "/v1/schedules/{c}/credit-uses",
    "/v1/schedules/{c}/credit-uses/{i}",
    "/v1/refund-lines",
    "/v1/losses",
    "/v1/accounts/{c}/losses",
    "/v1/schedules/{c}/attempts",
    "/v1/follow-up",
    "/v1/follow-up.csv",
    "/v1/cheques",
    "/v1/cheques.csv",
)
INSTALMENT = "/v1/schedules/{c}/instalments/{i}"
PLANNING = "/v1/schedules/{c}/planning"
INSTALMENT_CHANGE: dict[str, Any] = {"amount": euros(100), "due": "2026-12-05", "method": "transfer"}
PLAN: dict[str, Any] = {"count": 3, "first_due": "2026-12-05"}
SETTLEMENTS = "/v1/schedules/{c}/settlements"
REVERSAL = "/v1/schedules/{c}/payments/{i}/reversal"
SETTLEMENT: dict[str, Any] = {"amount": euros(100), "how": "waived", "reason": "Agreed."}
BOUNCED: dict[str, Any] = {"amount": euros(100), "reason": "bounced_cheque"}
VOIDING = "/v1/schedules/{c}/payments/{i}/voiding"
SETTLEMENT_VOIDING = "/v1/schedules/{c}/settlements/{i}/voiding"
RESOLUTION = "/v1/schedules/{c}/payments/{i}/loss/resolution"
WHY: dict[str, Any] = {"reason": "A slip."}
CREDIT = new_id()
CREDIT_USES = "/v1/schedules/{c}/credit-uses"
CREDIT_USE: dict[str, Any] = {"credit": CREDIT, "amount": euros(100)}
POSTS: dict[str, dict[str, Any] | None] = {
    "/v1/schedules/{c}/payments": PAYMENT,
    "/v1/schedules/{c}/payments/preview": PAYMENT,
    "/v1/schedules/{c}/cheques": {"cheques": [CHEQUE]},
    "/v1/schedules/{c}/cheques/preview": {"cheques": [CHEQUE]},
    VOIDING: WHY,
    f"{VOIDING}/preview": WHY,
    SETTLEMENT_VOIDING: WHY,
    f"{SETTLEMENT_VOIDING}/preview": WHY,
    RESOLUTION: WHY,
    "/v1/schedules/{c}/preview": CHANGE,
    "/v1/schedules/preview": OPENING,
    f"{INSTALMENT}/changes": INSTALMENT_CHANGE,
    f"{INSTALMENT}/changes/preview": INSTALMENT_CHANGE,
    f"{INSTALMENT}/cancellation": None,
    f"{INSTALMENT}/cancellation/preview": None,
    PLANNING: PLAN,
    f"{PLANNING}/preview": PLAN,
    SETTLEMENTS: SETTLEMENT,
    f"{SETTLEMENTS}/preview": SETTLEMENT,
    CREDIT_USES: CREDIT_USE,
    f"{CREDIT_USES}/preview": CREDIT_USE,
    REVERSAL: BOUNCED,
    f"{REVERSAL}/preview": BOUNCED,
    f"{INSTALMENT}/collection": None,
    "/v1/schedules/{c}/collection": None,
}
COMMANDS = (
    "/v1/schedules/{c}/payments",
    "/v1/schedules/{c}/cheques",
    f"{INSTALMENT}/changes",
    f"{INSTALMENT}/cancellation",
    PLANNING,
    SETTLEMENTS,
    REVERSAL,
    VOIDING,
    SETTLEMENT_VOIDING,
    RESOLUTION,
    f"{INSTALMENT}/collection",
    "/v1/schedules/{c}/collection",
    CREDIT_USES,
)
PREVIEWS = (
    "/v1/schedules/{c}/payments/preview",
    "/v1/schedules/{c}/cheques/preview",
    f"{VOIDING}/preview",
    f"{SETTLEMENT_VOIDING}/preview",
    f"{INSTALMENT}/changes/preview",
    f"{INSTALMENT}/cancellation/preview",
    f"{PLANNING}/preview",
    f"{SETTLEMENTS}/preview",
    f"{REVERSAL}/preview",
    f"{CREDIT_USES}/preview",
)


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


async def ask(desk: Desk, path: str, contract: str, headers: dict[str, str]) -> httpx.Response:
    where = at(path, contract)
    if path in POSTS:
        return await desk.client.post(where, json=POSTS[path], headers=command(headers, version=1))
    return await desk.client.get(where, headers=headers)


async def test_every_route_refuses_callers_without_a_good_token(desk: Desk, payments: Payments, contract: str) -> None:
    for path in (*GETS, *POSTS):
        problem(await ask(desk, path, contract, {}), 401, "token-missing")
        expired = desk.headers(exp=1)
        problem(await ask(desk, path, contract, expired), 401, "token-expired")
        problem(await ask(desk, path, contract, desk.headers(aud="other")), 401, "token-audience")
        refused = problem(await ask(desk, path, contract, desk.headers("contracts:read")), 403, "scope-missing")
        assert refused["rule"] == "ORG-2"
    for path in COMMANDS:
        problem(await ask(desk, path, contract, desk.headers("payments:read")), 403, "scope-missing")
    await unchanged(payments, contract)


async def test_org_1_foreign_and_unknown_contracts_are_answered_alike(
    desk: Desk, payments: Payments, contract: str
) -> None:
    neighbour = new_id()
    await payments.handles(organisation_record(neighbour))
    foreign = desk.headers(organisation=neighbour)
    for path in (*(path for path in GETS if "schedules/{c}" in path), *COMMANDS, *PREVIEWS):
        for headers, asked in ((foreign, contract), (desk.headers(), new_id())):
            refused = problem(await ask(desk, path, asked, headers), 404, "unknown-schedule")
            assert refused["params"] == {"what": "schedule", "id": asked}
    for path in (*(path for path in GETS if "{c}" in path), *COMMANDS, *PREVIEWS):
        problem(await ask(desk, path, "not-an-id", desk.headers()), 422, "request-invalid")
    assert (await desk.get("/v1/losses", foreign)).json() == {"items": [], "next": None}
    for path in ("/v1/follow-up", "/v1/cheques"):
        assert (await desk.get(path, foreign)).json() == {"items": [], "next": None}
        assert (await desk.get(f"{path}.csv", foreign)).text.count("\n") == 1
    await unchanged(payments, contract)


async def test_commands_need_a_key_and_the_version_that_was_seen(desk: Desk, payments: Payments, contract: str) -> None:
    for path in COMMANDS:
        where, headers = at(path, contract), desk.headers()
        answer = await desk.client.post(where, json=POSTS[path], headers=headers)
        problem(answer, 400, "idempotency-key-missing")
        answer = await desk.client.post(where, json=POSTS[path], headers=command(headers))
        problem(answer, 428, "if-match-missing")
        for stale in (0, 2):
            answer = await desk.client.post(where, json=POSTS[path], headers=command(headers, version=stale))
            problem(answer, 412, "version-moved")
        answer = await desk.client.post(where, json=POSTS[path], headers=command(headers) | {"If-Match": "*"})
        problem(answer, 400, "if-match-invalid")
    await unchanged(payments, contract)


def with_field(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    if first == "cheques[0]":
        return {"cheques": [with_field(body["cheques"][0], rest, value)]}
    return {**body, first: with_field(body[first], rest, value) if rest else value}


AMOUNTS = (0, -1, 1.5, 100.0, "100", True, None, 10**12 + 1, 10**30)
DAYS = ("2026-02-30", "2026-13-01", "21/11/2026", 20261121, "0001-01-01", "9999-12-31", "2026-11-21T10:00:00Z")

WRONG: list[tuple[str, str, tuple[Any, ...]]] = [
    ("/v1/schedules/{c}/payments", "amount.amount", AMOUNTS),
    ("/v1/schedules/{c}/payments", "amount.currency", ("eur", "", 978)),
    ("/v1/schedules/{c}/payments", "amount.cents", (1,)),
    ("/v1/schedules/{c}/payments", "amount", (100, None)),
    ("/v1/schedules/{c}/payments", "method", ("gold", None, 1)),
    ("/v1/schedules/{c}/payments", "received_on", DAYS),
    ("/v1/schedules/{c}/payments", "instalment", ("first", 1)),
    ("/v1/schedules/{c}/payments", "tip", (1,)),
    ("/v1/schedules/{c}/cheques", "cheques", ([], [CHEQUE] * 61, CHEQUE, None)),
    ("/v1/schedules/{c}/cheques", "cheques[0].amount.amount", AMOUNTS),
    ("/v1/schedules/{c}/cheques", "cheques[0].due", DAYS),
    ("/v1/schedules/{c}/cheques", "cheques[0].holder", ("", "x" * 121, "two\nlines", None)),
    ("/v1/schedules/{c}/cheques", "cheques[0].bank", ("", 4)),
    ("/v1/schedules/{c}/cheques", "cheques[0].branch", ("Lille",)),
    ("/v1/schedules/{c}/preview", "contract_version", (0, -1, 1.0, "1", 2**53)),
    ("/v1/schedules/{c}/preview", "total.amount", (-1, 1.5, 10**12 + 1)),
    ("/v1/schedules/{c}/preview", "live_lines", (-1, 10**9, "1")),
    ("/v1/schedules/{c}/preview", "effective_on", DAYS),
    ("/v1/schedules/{c}/preview", "reason", ("x",)),
    ("/v1/schedules/preview", "mode", ("by_post",)),
    ("/v1/schedules/preview", "sale", ({"start": "never"}, {}, "at_once", None)),
    ("/v1/schedules/preview", "sale.count", (0, 61, 1.5)),
    ("/v1/schedules/preview", "sale.first_due", ("2026-02-30", 1)),
    ("/v1/schedules/preview", "sale.surprise", (1,)),
    ("/v1/schedules/preview", "total.amount", (-1, 10**12 + 1)),
    ("/v1/schedules/preview", "effective_on", DAYS),
    *(
        wrong
        for tail in ("", "/preview")
        for wrong in (
            (f"{INSTALMENT}/changes{tail}", "amount.amount", (-1, 1.5, 100.0, "100", True, None, 10**12 + 1, 10**30)),
            (f"{INSTALMENT}/changes{tail}", "amount.currency", ("eur", "", 978)),
            (f"{INSTALMENT}/changes{tail}", "amount", (100, [])),
            (f"{INSTALMENT}/changes{tail}", "due", DAYS),
            (f"{INSTALMENT}/changes{tail}", "method", ("gold", 1, "")),
            (f"{INSTALMENT}/changes{tail}", "fixed", (True,)),
            (f"{PLANNING}{tail}", "count", (0, -1, 61, 1.0, "3", None, 10**30)),
            (f"{PLANNING}{tail}", "first_due", (*DAYS, None)),
            (f"{PLANNING}{tail}", "amount", (euros(100),)),
            (f"{SETTLEMENTS}{tail}", "amount.amount", AMOUNTS),
            (f"{SETTLEMENTS}{tail}", "amount.currency", ("eur", "", 978)),
            (f"{SETTLEMENTS}{tail}", "amount", (100, None, [])),
            (f"{SETTLEMENTS}{tail}", "how", ("by_post", 1, None, "")),
            (f"{SETTLEMENTS}{tail}", "reason", (1, True, "x" * 2001, "a\x00b", ["Agreed."])),
            (f"{SETTLEMENTS}{tail}", "credit", ("x",)),
            (f"{REVERSAL}{tail}", "amount.amount", AMOUNTS),
            (f"{REVERSAL}{tail}", "amount.currency", ("eur", "", 978)),
            (f"{REVERSAL}{tail}", "amount", (100, [])),
            (f"{REVERSAL}{tail}", "reason", ("anger", 1, None, "")),
            (f"{REVERSAL}{tail}", "beyond", (1,)),
            (f"{CREDIT_USES}{tail}", "credit", ("x", 1, None, CREDIT.upper())),
            (f"{CREDIT_USES}{tail}", "amount.amount", AMOUNTS),
            (f"{CREDIT_USES}{tail}", "amount.currency", ("eur", "", 978)),
            (f"{CREDIT_USES}{tail}", "amount", (100, None)),
            (f"{CREDIT_USES}{tail}", "reason", ("x",)),
        )
    ),
]


async def test_a_wrong_field_is_named_and_nothing_changes(desk: Desk, payments: Payments, contract: str) -> None:
    for path, field, values in WRONG:
        for value in values:
            body = with_field(POSTS[path] or {}, field, value)
            headers = command(desk.headers(), version=1)
            answer = await desk.client.post(at(path, contract), json=body, headers=headers)
            refused = problem(answer, 422, "request-invalid")
            named = [error["field"] for error in refused["errors"]]
            assert any(each.startswith(field.split(".")[0].split("[")[0]) for each in named), (
                path,
                field,
                value,
                named,
            )
    for path in (path for path, body in POSTS.items() if body is not None):
        for content in (b"", b"{", b"[]", b"null", b"\xff"):
            headers = command(desk.headers(), version=1) | {"Content-Type": "application/json"}
            answer = await desk.client.post(at(path, contract), content=content, headers=headers)
            assert answer.status_code in {400, 422}, (path, content, answer.text)
            assert answer.json()["detail"]
    for tail in ("", "/preview"):
        for body in ({}, {"amount": None}, {"amount": None, "due": None, "method": None}):
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


async def test_lists_refuse_wrong_questions(desk: Desk, contract: str) -> None:
    for path, wrong in [
        ("/v1/follow-up", {"status": "gone"}),
        ("/v1/follow-up", {"sort": "colour"}),
        ("/v1/follow-up", {"order": "up"}),
        ("/v1/follow-up", {"limit": 0}),
        ("/v1/follow-up", {"limit": 201}),
        ("/v1/follow-up", {"search": "x" * 201}),
        ("/v1/follow-up.csv", {"status": "gone"}),
        (f"/v1/schedules/{contract}/payments", {"limit": "many"}),
        ("/v1/refund-lines", {"mode": "by_post"}),
        ("/v1/refund-lines", {"limit": 0}),
        (f"/v1/schedules/{contract}/settlements", {"limit": 201}),
        (f"/v1/schedules/{contract}/reversals", {"limit": "many"}),
        (f"/v1/schedules/{contract}/credit-uses", {"limit": 0}),
        ("/v1/cheques", {"from": "2026-02-30"}),
        ("/v1/cheques", {"from": "20261121"}),
        ("/v1/cheques", {"until": "tomorrow"}),
        ("/v1/cheques", {"until": "9999-12-31"}),
        ("/v1/cheques", {"limit": 201}),
        ("/v1/cheques.csv", {"until": ""}),
    ]:
        problem(await desk.get(path, **wrong), 422, "request-invalid")
    for path in ("/v1/cheques", "/v1/cheques.csv"):
        refused = problem(await desk.get(path, **{"from": "2026-12-02", "until": "2026-12-01"}), 422, "dates-reversed")
        assert refused["params"] == {"from": "2026-12-02", "until": "2026-12-01"}
    for path in (
        "/v1/follow-up",
        "/v1/cheques",
        f"/v1/schedules/{contract}/payments",
        f"/v1/schedules/{contract}/journal",
        f"/v1/schedules/{contract}/settlements",
        f"/v1/schedules/{contract}/reversals",
        f"/v1/schedules/{contract}/credit-uses",
        "/v1/refund-lines",
    ):
        problem(await desk.get(path, cursor="nonsense"), 422, "cursor-invalid")


async def test_an_organisation_without_a_profile_is_shown_what_to_do(desk: Desk) -> None:
    headers = desk.headers(ALL_SCOPES, organisation=new_id())
    problem(await desk.get("/v1/follow-up", headers), 409, "organisation-not-known")
