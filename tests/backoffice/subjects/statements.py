"""The account statement of a family."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.contracts import CONTRACT, euros

API = f"/payments/v1/accounts/{NAMES['account']}/statement"

PAGES = [
    Page("statement", "/accounts/{account}/statement?from=2027-09-01", dark=True),
    Page("statement-nothing", "/accounts/{account}/statement?until=2020-01-01"),
    Page("statement-wrong-day", "/accounts/{account}/statement?until=demain"),
]


def entry(sequence: int, on: str, kind: str, amount: int, balance: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{CONTRACT}-{sequence:09}-0",
        "on": on,
        "at": f"{on}T09:30:00Z",
        "kind": kind,
        "contract": CONTRACT,
        "number": "2027-0051",
        "amount": euros(amount),
        "balance": euros(balance),
        "method": None,
        "reason": None,
        **more,
    }


ENTRIES = [
    entry(1, "2027-09-04", "charge", 48000, 60000),
    entry(2, "2027-09-04", "payment", -20000, 40000, method="cheque"),
    entry(3, "2027-09-18", "charge", -15000, 25000),
    entry(4, "2027-09-20", "credit_used", -5000, 20000),
    entry(5, "2027-10-02", "reversal", 20000, 40000, method="cheque", reason="bounced_cheque"),
    entry(6, "2027-10-03", "hologram", 100, 40100, number=None),
    entry(7, "2027-10-04", "deposit", -7000, 33100, number=None, contract=None, method="cheque"),
    entry(7, "2027-10-04", "deposit_kept", 7000, 40100, number=None, contract=None, method="cheque"),
]


def shown(request: httpx.Request) -> httpx.Response:
    nothing = request.url.params.get("until") == "2020-01-01"
    sums = {"raised": 68100, "lowered": 40000, "opening": 12000, "closing": 40100}
    body = {
        "account": NAMES["account"],
        "since": request.url.params.get("from"),
        "until": request.url.params.get("until") or "2027-10-12",
        **{name: euros(0 if nothing else amount) for name, amount in sums.items()},
        "items": [] if nothing else ENTRIES,
        "next": None if nothing else "further",
    }
    return httpx.Response(200, json=body)


def answers(front: FakeFront) -> None:
    front.answers[f"GET {API}"] = shown
    front.answers[f"POST {API}/sendings"] = lambda _: httpx.Response(201, json={"id": "s"})
    front.answers[f"GET {API}.csv"] = lambda _: httpx.Response(200, content="\ufeffmontant\r\n80,00\r\n")
    front.answers[f"GET {API}.pdf"] = lambda _: httpx.Response(200, content=b"%PDF-1.7")
