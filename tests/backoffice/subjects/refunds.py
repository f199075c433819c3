"""Refund lines, and how one is settled."""

import json
from typing import Any

import httpx

from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.follow_up import euros
from tests.backoffice.subjects.searching import ACCOUNT

CONTRACT = "01900000-0000-7000-8000-0000000000c9"
PAYMENT = "01900000-0000-7000-8000-0000000000b1"

PAGES = [
    Page("refunds", "/refunds"),
    Page("refunds-support", "/refunds", role="support"),
    Page("refunds-nothing", "/refunds?mode=on_site", role="cashier"),
    Page("refund", f"/refunds/{CONTRACT}", role="support", dark=True),
    Page("refund-part", f"/refunds/{CONTRACT}?amount=12", role="support"),
    Page("refund-secretary", f"/refunds/{CONTRACT}"),
]


def line(owner: str | None, cause: str | None, amount: int, settleable: int, since: str) -> dict[str, Any]:
    return {
        "contract": CONTRACT,
        "number": "2027-0063",
        "account": NAMES["account"],
        "account_number": "2027-0007",
        "owner": owner,
        "mode": "online",
        "amount": euros(amount),
        "settleable": euros(settleable),
        "processing": euros(amount - settleable),
        "since": since,
        "cause": cause and {"kind": cause, "id": "x"},
        "schedule_version": 4,
    }


LINES = [
    line("Saint-Martin, Ève", "change", 3000, 3000, "2027-09-02"),
    line("Durand, Éric", "payment", 5400, 4400, "2027-09-11"),
    line(None, None, 1000, 1000, "2027-09-12"),
]


def balance(paid: int, refund_due: int) -> dict[str, Any]:
    amounts = {"total": paid - refund_due, "paid": paid, "processing": 0, "planned": 0, "unscheduled": 0}
    return {name: euros(amount) for name, amount in {**amounts, "refund_due": refund_due}.items()}


SCHEDULE = {
    "contract": CONTRACT,
    "number": "2027-0063",
    "account": NAMES["account"],
    "version": 4,
    "mode": "online",
    "balance": balance(33500, 3000),
    "instalments": [],
}
SETTLED = {
    "id": "s",
    "contract": CONTRACT,
    "amount": euros(500),
    "how": "on_site",
    "method": "cash",
    "reason": "Repris au bureau",
    "credit": None,
    "payments": [],
    "failed": euros(0),
    "settled_on": "2027-09-03",
    "settled_at": "2027-09-03T09:00:00Z",
    "settled_by": "support:marc",
    "voided": None,
}


def previewed(request: httpx.Request) -> httpx.Response:
    body = json.loads(request.content)
    amount = body["amount"]["amount"]
    if body["how"] == "refunded" and amount > 2500:
        return problem(409, "not-refundable-online", amount=amount, most=2500)
    moment = {"balance": SCHEDULE["balance"], "instalments": []}
    after = {"balance": balance(33500 - amount, 3000 - amount), "instalments": []}
    parts = [{"payment": PAYMENT, "amount": euros(amount), "failed": None}] if body["how"] == "refunded" else []
    preview = {"schedule_version": 4, "covers": 2, "before": moment, "after": after, "payments": parts}
    return httpx.Response(200, json=preview)


def settled(request: httpx.Request) -> httpx.Response:
    amount = json.loads(request.content)["amount"]["amount"]
    schedule = {**SCHEDULE, "version": 5, "balance": balance(33500 - amount, 3000 - amount)}
    return httpx.Response(201, json={"settlement": SETTLED, "schedule": schedule}, headers={"ETag": '"5"'})


def answers(front: FakeFront) -> None:
    def lines(request: httpx.Request) -> httpx.Response:
        found = LINES if request.url.params.get("mode") == "online" else []
        return httpx.Response(200, json={"items": found, "next": None})

    address = f"/payments/v1/schedules/{CONTRACT}"
    paid = {"id": PAYMENT, "received_on": "2027-08-30", "amount": euros(33500)}
    front.answers["GET /payments/v1/refund-lines"] = lines
    front.answers[f"GET {address}"] = lambda _: httpx.Response(200, json=SCHEDULE, headers={"ETag": '"4"'})
    front.answers[f"GET {address}/settlements"] = {"items": [SETTLED], "next": None}
    front.answers[f"GET {address}/payments"] = {"items": [paid], "next": None}
    front.answers[f"POST {address}/settlements/preview"] = previewed
    front.answers[f"POST {address}/settlements"] = settled
    front.answers.setdefault(f"GET /contracts/v1/accounts/{NAMES['account']}", ACCOUNT)
