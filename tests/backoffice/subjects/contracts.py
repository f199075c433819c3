"""The pages of a contract."""

from typing import Any

import httpx

from notifications.api.views import names_of
from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page

CONTRACT, ACCOUNT = NAMES["contract"], NAMES["account"]
INES, LEA, NOE = (f"01900000-0000-7000-8000-0000000000b{n}" for n in (1, 2, 3))
BALLET, TAP, LICENCE, OFF, GONE = (f"01900000-0000-7000-8000-0000000001a{n}" for n in range(1, 6))

PAGES = [
    Page("contracts", "/contracts"),
    Page("contracts-none", "/contracts?number=2027-9999"),
    Page("contract-purchases", "/contracts/{contract}/purchases", dark=True),
    Page("contract-schedule", "/contracts/{contract}/schedule", dark=True),
    Page("contract-sheet", "/contracts/{contract}/sheet"),
    Page("contract-payments", "/contracts/{contract}/payments"),
    Page("contract-journal", "/contracts/{contract}/journal"),
    Page("contract-mails", "/contracts/{contract}/mails"),
]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def line(id_: str, kind: str, name: str, price: int, net: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "product": NAMES["product"],
        "kind": kind,
        "name": name,
        "format": None,
        "tariff": None,
        "participant": None,
        "beneficiary": None,
        "price": euros(price),
        "list_price": None,
        "free": False,
        "net": euros(net),
        "amount": euros(price),
        "vat_rate": 0,
        "shares": [],
        "bought_on": "2027-09-04",
        "expires_on": None,
        "state": "live",
        "cancelled_on": None,
        "deleted_on": None,
        "notes": None,
        "invoice": None,
        "period": None,
        "first_day": None,
        "last_day": None,
        **facts,
    }


def named(name: str) -> dict[str, str]:
    return {"id": NAMES["product"], "name": name}


CONTRACT_VIEW = {
    "id": CONTRACT,
    "number": "2027-0042",
    "account": ACCOUNT,
    "mode": "online",
    "sale": {"start": "instalments", "count": 6, "first_due": "2027-09-05"},
    "currency": "EUR",
    "opened_on": "2027-09-04",
    "cancelled_on": None,
    "total": euros(48600),
    "live_lines": 4,
    "schedule": {"version": 4, "covers": 7, "paid": euros(16200)},
    "pending": None,
    "refused_change": None,
    "opening": None,
    "not_made": None,
    "subscription": None,
    "version": 7,
    "whole_version": 7,
    "lines": [
        line(
            BALLET,
            "course",
            "Danse classique, niveau 2",
            30000,
            27000,
            participant=LEA,
            format=named("Une heure par semaine"),
            tariff=named("Plein"),
            expires_on="2028-06-30",
        ),
        line(
            TAP,
            "course",
            "Claquettes",
            24000,
            21600,
            participant=NOE,
            tariff=named("Réduit"),
            list_price=euros(26000),
            notes="Prix convenu au forum des associations.",
        ),
        line(LICENCE, "licence", "Licence fédérale 2027-2028", 2000, 0, expires_on="2028-08-31"),
        line(
            OFF,
            "discount",
            "Fratrie 10 %",
            5400,
            5400,
            amount=euros(-5400),
            shares=[{"line": BALLET, "amount": euros(3000)}, {"line": TAP, "amount": euros(2400)}],
        ),
        line(GONE, "item", "Justaucorps", 3500, 3500, state="cancelled", cancelled_on="2027-09-10"),
    ],
}


WAITING = {
    **CONTRACT_VIEW,
    "pending": {
        "change": CONTRACT,
        "asked_at": "2027-09-20T08:00:00Z",
        "effective_on": "2027-09-20",
        "awaited": [LICENCE],
        "requests": [
            {"cause": "credit-removal", "asked_of": "credits", "status": "waiting", "awaited": [LICENCE]},
            {"cause": "of-a-newer-release", "asked_of": "credits", "status": "waiting", "awaited": [LICENCE]},
        ],
        "total": euros(46600),
    },
}


def member(id_: str, first: str, kind: str) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": kind,
        "first_name": first,
        "last_name": "Martin",
        "erased": False,
        "email": "ines@martin.example" if kind == "adult" else None,
        "phone": None,
        "birth_date": None,
        "tags": [],
        "notes": None,
    }


ACCOUNT_VIEW = {
    "id": ACCOUNT,
    "number": "2027-0007",
    "owner": INES,
    "language": "fr",
    "tags": [],
    "notes": None,
    "members": [member(INES, "Inès", "adult"), member(LEA, "Léa", "child"), member(NOE, "Noé", "child")],
    "erased": False,
    "version": 2,
}


def instalment(number: int, due: str | None, amount: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-0000000002a{number}",
        "due": due,
        "amount": euros(amount),
        "method": None,
        "fixed": False,
        "held": False,
        "cheque": None,
        "on_request": False,
        "next_try": None,
        "gave_up": False,
        "waits_for_method": False,
        "line": None,
        "paused": False,
        **facts,
    }


SCHEDULE = {
    "contract": CONTRACT,
    "number": "2027-0042",
    "account": ACCOUNT,
    "version": 4,
    "covers": 7,
    "mode": "online",
    "day": 5,
    "fully_paid": False,
    "balance": {
        "total": euros(48600),
        "paid": euros(16200),
        "processing": euros(0),
        "planned": euros(29400),
        "unscheduled": euros(3000),
        "refund_due": euros(0),
    },
    "instalments": [
        instalment(1, "2027-09-05", 8100, gave_up=True),
        instalment(2, "2027-10-05", 8100, next_try="2027-10-05"),
        instalment(
            3, "2027-11-05", 8100, method="cheque", held=True, cheque={"bank": "Banque postale", "holder": None}
        ),
        instalment(4, "2027-12-05", 5100, fixed=True, line=BALLET),
    ],
    "in_attempt": [],
    "last_plan": [],
    "lost": euros(0),
}


def payment(number: int, on: str, amount: int, method: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-0000000003a{number}",
        "contract": CONTRACT,
        "amount": euros(amount),
        "method": method,
        "received_on": on,
        "instalment": None,
        "recorded_at": f"{on}T09:30:00Z",
        "recorded_by": "user:alix",
        "provider": None,
        "reference": None,
        "refunded": euros(0),
        "reversed": euros(0),
        "beyond": euros(0),
        "lost": euros(0),
        "voided": None,
        **facts,
    }


PAYMENTS = [payment(1, "2027-09-04", 8100, "cash"), payment(2, "2027-09-12", 8100, "card", reversed=euros(1000))]


def entry(sequence: int, kind: str, actor: str = "user:alix", **data: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-0000000004a{sequence}",
        "sequence": sequence,
        "type": kind,
        "at": "2027-09-04T09:30:00Z",
        "actor": actor,
        "change": CONTRACT,
        "request": None,
        "causation": None,
        "data": {"currency": "EUR", "effective_on": "2027-09-04", **data},
        "personal": None,
    }


OF_CONTRACT = [
    entry(1, "ProductAdded", purchase={"name": "Claquettes", "price": 24000, "participant": NOE}),
    entry(2, "ProductEdited", name="Claquettes", price_before=24000, price_after=22000, effective_on="2027-09-10"),
    entry(3, "ContractChanged", total_before=48600, total_after=46600),
    entry(4, "SeatOffered", actor="service:contracts"),
]
OF_SCHEDULE = [
    entry(1, "ScheduleCreated", "service:payments", instalments=[{}] * 6, balance={"planned": 48600}),
    entry(2, "PaymentFailed", "service:payments", amount=8100, reason="insufficient_funds"),
    entry(3, "RefundLineSettled", "support:claire", amount=500, how="waived"),
]


ATTEMPT = {
    "id": "01900000-0000-7000-8000-0000000005a1",
    "kind": "charge",
    "status": "failed",
    "amount": euros(8100),
    "provider": "sandbox",
    "method": "01900000-0000-7000-8000-0000000005b1",
    "method_kind": "card",
    "instalment": None,
    "due": "2027-09-05",
    "number": 2,
    "payment": None,
    "settlement": None,
    "reference": "ch_1044",
    "reason": "insufficient_funds",
    "code": "51",
    "made_at": "2027-09-08T05:00:00Z",
    "ended_at": "2027-09-08T05:00:01Z",
}

SETTLEMENT = {
    "id": "01900000-0000-7000-8000-0000000005c1",
    "contract": CONTRACT,
    "amount": euros(500),
    "how": "waived",
    "reason": "Geste de la famille.",
    "credit": None,
    "payments": [],
    "failed": euros(0),
    "settled_on": "2027-09-14",
    "settled_at": "2027-09-14T09:00:00Z",
    "settled_by": "support:claire",
    "voided": None,
}


def mail(number: int, kind: str, status: str, subject: str | None) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-0000000006a{number}",
        "kind": kind,
        "to": "client",
        "account": ACCOUNT,
        "contract": CONTRACT,
        "cause": CONTRACT,
        "status": status,
        "attempts": 1,
        "created_at": "2027-09-04T09:30:00Z",
        "due": None,
        "sent_at": "2027-09-04T09:30:04Z" if status == "sent" else None,
        "address": "ines@martin.example" if status == "sent" else None,
        "subject": subject,
        "language": "fr",
        "wording": "default",
        "reason": None if status == "sent" else "no-address",
        "answer": None,
        "names": names_of(kind),
    }


MAILS = [
    mail(2, "contract_changed", "failed", None),
    mail(1, "contract_opened", "sent", "Votre contrat 2027-0042 : 486,00 €"),
]


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        if "asked_to_cancel" in request.url.params:
            asked = {"cancellation_request": {"on": "2027-11-01", "asked_on": "2027-09-18"}}
            return httpx.Response(200, json={"items": [{**CONTRACT_VIEW, "subscription": asked}], "next": None})
        if "pending" in request.url.params:
            return httpx.Response(200, json={"items": [], "next": None})
        return httpx.Response(200, json={"items": [] if "number" in request.url.params else [WAITING], "next": None})

    front.answers["GET /contracts/v1/contracts"] = listed
    front.answers[f"GET /contracts/v1/contracts/{CONTRACT}"] = CONTRACT_VIEW
    front.answers[f"GET /contracts/v1/accounts/{ACCOUNT}"] = ACCOUNT_VIEW
    paid = {"contract": CONTRACT, "line": BALLET, "payment": "partly_paid"}
    front.answers[f"GET /contracts/v1/accounts/{ACCOUNT}/purchases"] = {"items": [paid], "next": None}
    front.answers[f"GET /payments/v1/schedules/{CONTRACT}"] = SCHEDULE
    front.answers[f"GET /payments/v1/schedules/{CONTRACT}/payments"] = {"items": PAYMENTS, "next": None}
    front.answers[f"GET /payments/v1/schedules/{CONTRACT}/attempts"] = {"items": [ATTEMPT], "next": None}
    front.answers[f"GET /payments/v1/schedules/{CONTRACT}/settlements"] = {"items": [SETTLEMENT], "next": None}
    front.answers[f"GET /notifications/v1/accounts/{ACCOUNT}/mails"] = {"items": MAILS, "next": None}
    front.answers[f"GET /contracts/v1/contracts/{CONTRACT}/journal"] = {"items": OF_CONTRACT, "next": "further"}
    front.answers[f"GET /payments/v1/schedules/{CONTRACT}/journal"] = lambda _: httpx.Response(
        200, json={"items": OF_SCHEDULE, "next": None}
    )
