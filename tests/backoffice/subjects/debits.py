"""Direct debits: remittances, their settings, and the mandates of a family."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import Page
from tests.backoffice.subjects.follow_up import euros

ACCOUNT = "01900000-0000-7000-8000-00000000000a"
CONTRACT = "01900000-0000-7000-8000-0000000000c1"
BUILT, SENT, DONE = (f"01900000-0000-7000-8000-0000000000{number}" for number in ("b1", "b2", "b3"))
ATTEMPT = "01900000-0000-7000-8000-0000000000a7"

PAGES = [
    Page("debits", "/debits", role="director"),
    Page("debits-new", "/debits/new?collect_on=2027-10-05", role="director"),
    Page("debits-nothing", "/debits/new?collect_on=2027-10-12", role="director"),
    Page("debits-settings", "/debits/settings", role="director"),
    Page("debits-built", f"/debits/{BUILT}", role="director"),
    Page("debits-sent", f"/debits/{SENT}", role="director", dark=True),
    Page("debits-collected", f"/debits/{DONE}"),
    Page("debits-refused", f"/debits/{SENT}/{ATTEMPT}/refused", role="director"),
    Page("mandates", "/accounts/{account}/mandates", role="director"),
    Page("mandate-link", "/accounts/{account}/mandates/link", role="director"),
    Page("mandate-new", "/accounts/{account}/mandates/new", role="director"),
]


def remittance(id_: str, status: str) -> dict[str, Any]:
    return {
        "id": id_,
        "status": status,
        "collect_on": "2027-10-05",
        "debits": 2,
        "amount": euros(21000),
        "creditor": "FR72ZZZ123456",
        "iban_ending": "2606",
        "built_at": "2027-09-30T09:00:00Z",
        "built_by": "user:director",
        "sent_on": None if status == "built" else "2027-10-01",
        "ended_on": "2027-10-05" if status == "collected" else None,
    }


def debit(status: str | None, owner: str | None, *, reason: str | None = None) -> dict[str, Any]:
    return {
        "attempt": ATTEMPT,
        "contract": CONTRACT,
        "number": "2027-0042",
        "account": ACCOUNT,
        "owner": owner,
        "reference": "DANSE-0042",
        "due": "2027-10-05",
        "amount": euros(10500),
        "status": status,
        "reason": reason,
        "code": "AM04" if reason else None,
        "returned": owner == "Jean Petit" and status == "succeeded",
    }


def debits(status: str | None) -> list[dict[str, Any]]:
    refused = debit("failed", None, reason="insufficient_funds")
    return [debit(status, "Inès Martin-Dupré"), refused if status == "pending" else debit(status, "Jean Petit")]


PROOF = {
    "text": "Mandat de prélèvement SEPA\n\nEn signant ce formulaire de mandat, vous autorisez ...",
    "signer": "Inès Martin-Dupré",
    "at": "2027-09-02T18:20:00Z",
    "by": f"client:{ACCOUNT}",
    "address": "203.0.113.9",
    "agent": "Firefox/150",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


def mandate(id_: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "reference": "DANSE-0042",
        "creditor": "FR72ZZZ123456",
        "holder": "Inès Martin-Dupré",
        "iban_ending": "0189",
        "how": "paper",
        "signed_on": "2026-09-01",
        "place": "Lille",
        "last_used_on": None,
        "usable_until": "2029-09-01",
        "ended_on": None,
        "ended_why": None,
        "proof": None,
        **changes,
    }


MANDATES = [
    mandate(BUILT, iban_ending="4471", ended_on="2027-09-02", ended_why="removed", last_used_on="2027-06-05"),
    mandate(SENT, how="online", place=None, signed_on="2027-09-02", proof=PROOF),
]


def answers(front: FakeFront) -> None:
    states = {BUILT: "built", SENT: "sent", DONE: "collected"}
    orders = {"built": "asked", "sent": "pending", "collected": "succeeded"}
    front.answers["GET /payments/v1/remittances"] = {
        "items": [remittance(id_, status) for id_, status in states.items()],
        "next": None,
    }
    for id_, status in states.items():
        path = f"/payments/v1/remittances/{id_}"
        found = remittance(id_, status)
        front.answers[f"GET {path}"] = lambda _, found=found: httpx.Response(200, json=found, headers={"ETag": '"1"'})
        front.answers[f"GET {path}/debits"] = {"items": debits(orders[status]), "next": None}
        front.answers[f"GET {path}/file"] = lambda _: httpx.Response(200, content=b"<Document/>")
        for move in ("sent", "taking-back", "collected"):
            front.answers[f"POST {path}/{move}"] = found
        front.answers[f"POST {path}/debits/{ATTEMPT}/refusal"] = found

    def preview(request: httpx.Request) -> httpx.Response:
        if b"2027-10-12" in request.content:
            return problem(409, "nothing-to-remit", collect_on="2027-10-12")
        items = debits(None)
        body = {"collect_on": "2027-10-05", "debits": items, "amount": euros(21000), "more": False}
        body |= {"lapsed": 1, "notice_days": 14, "late_notice": 2, "notice_date": "2027-10-14"}
        return httpx.Response(200, json=body)

    front.answers["POST /payments/v1/remittances/preview"] = preview
    front.answers["POST /payments/v1/remittances"] = lambda _: httpx.Response(
        201, json={"remittance": remittance(BUILT, "built"), "more": False}
    )
    settings = {
        "name": "École de danse du Nord",
        "creditor": "FR72ZZZ123456",
        "iban_ending": "2606",
        "bic": None,
        "lead_days": 2,
        "notice_days": 14,
    }
    front.answers["GET /payments/v1/sepa-settings"] = lambda _: httpx.Response(
        200, json=settings, headers={"ETag": '"1"'}
    )
    front.answers["PUT /payments/v1/sepa-settings"] = settings
    mandates = f"/payments/v1/accounts/{ACCOUNT}/mandates"
    front.answers[f"POST /payments/v1/accounts/{ACCOUNT}/mandate-links"] = lambda request: httpx.Response(
        201,
        json={
            "address": "https://carnet.example/payments/v1/mandate-links/"
            + ("fr" if b"fr" in request.content else "en"),
            "until": "2027-10-30T09:00:00Z",
        },
    )
    front.answers[f"POST /payments/v1/accounts/{ACCOUNT}/mandate-invitations"] = lambda _: httpx.Response(
        201, json={"id": BUILT, "account": ACCOUNT, "asked_at": "2027-09-30T09:00:00Z"}
    )
    front.answers[f"GET {mandates}"] = {"account": ACCOUNT, "mandates": MANDATES}
    front.answers[f"POST {mandates}"] = lambda _: httpx.Response(201, json=MANDATES[1])
