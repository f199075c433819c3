"""The cheques that are held."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects.follow_up import euros

CONTRACT = "01900000-0000-7000-8000-0000000000c8"

PAGES = [
    Page("cheques", "/cheques", role="cashier"),
    Page("cheques-nothing", "/cheques?until=2020-01-01", role="cashier"),
    Page("cheques-wrong-day", "/cheques?until=demain", role="cashier"),
]


def cheque(number: int, due: str, amount: int, holder: str | None) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-00000000ce{number:02}",
        "contract": CONTRACT,
        "number": "2027-0051",
        "account": "01900000-0000-7000-8000-00000000000a",
        "due": due,
        "amount": euros(amount),
        "bank": "Banque du Nord",
        "holder": holder,
    }


CHEQUES = [
    cheque(1, "2027-09-05", 8000, "Chloé Martin-Dupré"),
    cheque(2, "2027-10-05", 8000, "Chloé Martin-Dupré"),
    cheque(3, "2027-10-05", 12050, None),
]


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        found = [] if request.url.params.get("until") == "2020-01-01" else CHEQUES
        return httpx.Response(200, json={"items": found, "next": None})

    address = f"/payments/v1/schedules/{CONTRACT}"
    front.answers["GET /payments/v1/cheques"] = listed
    front.answers["GET /payments/v1/cheques.csv"] = lambda _: httpx.Response(200, content="\ufeffmontant\r\n80,00\r\n")
    front.answers["GET /payments/v1/cheques.pdf"] = lambda _: httpx.Response(200, content=b"%PDF-1.7 slip")
    front.answers[f"GET {address}"] = lambda _: httpx.Response(200, json={}, headers={"ETag": '"4"'})
    front.answers[f"POST {address}/payments"] = lambda _: httpx.Response(201, json={}, headers={"ETag": '"5"'})
