"""Bank deposits: what waits, those that were made, and what a cheque says."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.contracts import CONTRACT, euros

API = "/payments/v1/bank-deposits"
TAKINGS = "/payments/v1/takings"
CHEQUES, CASH, UNDONE = (f"01900000-0000-7000-8000-000000000d0{number}" for number in (1, 2, 3))
TAKING = "01900000-0000-7000-8000-000000000e01"

PAGES = [
    Page("bank-deposits", "/bank-deposits", role="cashier"),
    Page("bank-deposit-new", "/bank-deposits/new?method=cheque", role="cashier", dark=True),
    Page("bank-deposit-cash", "/bank-deposits/new?method=cash", role="cashier"),
    Page("bank-deposit-nothing", "/bank-deposits/new?method=cash&until=2020-01-01", role="cashier"),
    Page("bank-deposit-cheque", f"/bank-deposits/cheques/{TAKING}?bank=Banque+du+Nord", role="cashier"),
    Page("bank-deposit", f"/bank-deposits/{CHEQUES}", role="cashier"),
    Page("bank-deposit-undone", f"/bank-deposits/{UNDONE}", role="cashier"),
]


def taking(place: int, amount: int, method: str = "cheque", **more: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-000000000e0{place}",
        "contract": CONTRACT,
        "number": "2027-0051",
        "account": NAMES["account"],
        "client": "Inès Martin",
        "method": method,
        "amount": euros(amount),
        "received_on": "2027-09-18",
        "cheque": None,
        "bank_deposit": None,
        "returned": euros(0),
        **more,
    }


NOTED = {"number": "0001234", "bank": "Banque du Nord", "holder": "Aïcha Benali"}
WAITING = {
    "cheque": [
        taking(1, 30000, cheque=NOTED),
        taking(2, 12050),
        taking(3, 8000, contract=None, number=None, client=None),
    ],
    "cash": [taking(4, 4500, "cash"), taking(5, -1500, "cash", received_on="2027-09-19")],
}


def made(id_: str, method: str, count: int, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "reference": f"REM-{id_[-6:].upper()}",
        "method": method,
        "deposited_on": "2027-09-20",
        "bank_account": "Crédit du Nord •••• 2606",
        "count": count,
        "amount": euros(amount),
        "made_at": "2027-09-20T09:00:00Z",
        "made_by": "user:cashier",
        "undone_on": None,
        "undone_by": None,
        **more,
    }


MADE = [
    made(CASH, "cash", 2, 3000),
    made(CHEQUES, "cheque", 2, 42050),
    made(UNDONE, "cheque", 2, 42050, undone_on="2027-09-21", undone_by="user:cashier"),
]


def answers(front: FakeFront) -> None:
    def waiting(request: httpx.Request) -> list[dict[str, Any]]:
        asked = request.url.params
        return [] if asked.get("until") == "2020-01-01" else WAITING[asked["method"]]

    def summed(request: httpx.Request) -> httpx.Response:
        found = waiting(request)
        amount = sum(each["amount"]["amount"] for each in found)
        return httpx.Response(200, json={"count": len(found), "amount": euros(amount)})

    front.answers[f"GET {TAKINGS}"] = lambda request: httpx.Response(
        200, json={"items": waiting(request), "next": None}
    )
    front.answers[f"GET {TAKINGS}/sum"] = summed
    front.answers[f"PUT {TAKINGS}/{TAKING}/cheque"] = lambda _: httpx.Response(200, json=WAITING["cheque"][0])
    front.answers[f"GET {API}"] = lambda _: httpx.Response(200, json={"items": MADE, "next": None})
    front.answers[f"POST {API}"] = lambda _: httpx.Response(201, json=MADE[1], headers={"ETag": '"1"'})
    for each in MADE:
        path, shown = f"{API}/{each['id']}", each
        inside = [
            {**taking(1, 30000, cheque=NOTED), "bank_deposit": each["id"], "returned": euros(30000)},
            {**taking(2, 12050), "bank_deposit": each["id"]},
        ]
        front.answers[f"GET {path}"] = lambda _, shown=shown: httpx.Response(200, json=shown, headers={"ETag": '"1"'})
        front.answers[f"GET {path}/takings"] = lambda _, inside=inside: httpx.Response(
            200, json={"items": inside, "next": None}
        )
        front.answers[f"GET {path}/slip.pdf"] = lambda _: httpx.Response(200, content=b"%PDF-1.7 slip")
        front.answers[f"POST {path}/undoing"] = lambda _, shown=shown: httpx.Response(200, json=shown)
