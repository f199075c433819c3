"""The payments that were received in a period."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.contracts import CONTRACT, euros

API = "/payments/v1/receipts"

PAGES = [
    Page("receipts", "/receipts?from=2027-09-01&until=2027-09-30", dark=True),
    Page("receipts-nothing", "/receipts?until=2020-01-01"),
    Page("receipts-wrong-day", "/receipts?until=demain"),
]


def receipt(place: int, day: str, method: str, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "payment": f"01900000-0000-7000-8000-0000000002e{place}",
        "contract": CONTRACT,
        "number": "2027-0051",
        "account": NAMES["account"],
        "client": "Inès Martin",
        "received_on": day,
        "recorded_at": f"{day}T09:30:00Z",
        "method": method,
        "amount": euros(amount),
        "refunded": euros(0),
        "reversed": euros(0),
        "provider": None,
        **more,
    }


RECEIPTS = [
    receipt(1, "2027-09-04", "cash", 12000),
    receipt(2, "2027-09-04", "cheque", 30000, reversed=euros(30000)),
    receipt(3, "2027-09-12", "card", 4550, provider="sandbox", refunded=euros(1000)),
    receipt(4, "2027-09-20", "hologram", 100, client=None, number=None),
]


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        nothing = request.url.params.get("until") == "2020-01-01"
        return httpx.Response(200, json={"items": [] if nothing else RECEIPTS, "next": None if nothing else "further"})

    def summed(request: httpx.Request) -> httpx.Response:
        nothing = request.url.params.get("until") == "2020-01-01"
        found = [] if nothing else [("cheque", 1, 30000), ("cash", 1, 12000), ("card", 1, 4550)]
        methods = [{"method": method, "count": count, "amount": euros(amount)} for method, count, amount in found]
        return httpx.Response(200, json={"methods": methods, "total": euros(sum(each[2] for each in found))})

    front.answers[f"GET {API}"] = listed
    front.answers[f"GET {API}/sums"] = summed
    front.answers[f"GET {API}.csv"] = lambda _: httpx.Response(200, content="\ufeffmontant\r\n120,00\r\n")
