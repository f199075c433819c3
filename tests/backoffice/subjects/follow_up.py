"""The payment follow-up."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page

PAGES = [
    Page("follow-up", "/follow-up", dark=True),
    Page("follow-up-late", "/follow-up?status=late&sort=late_since"),
    Page("follow-up-nothing", "/follow-up?search=zzz"),
]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def row(owner: str | None, number: str, **facts: Any) -> dict[str, Any]:
    """A contract in the follow-up; amounts that are not given are zero."""
    amounts = ("total", "paid", "processing", "due", "late", "to_refund", "awaiting_correction", "credit_used", "lost")
    return {
        "contract": NAMES["contract"],
        "number": number,
        "account": NAMES["account"],
        "account_number": "2027-0007",
        "owner": owner,
        "members": facts.pop("members", []),
        "mode": facts.pop("mode", "online"),
        "late_since": facts.pop("late_since", None),
        "to_refund_since": None,
        "fully_paid": facts.pop("fully_paid", False),
        **{name: euros(facts.get(name, 0)) for name in amounts},
    }


ROWS = [
    row("Martin, Inès", "2027-0042", members=["Léa", "Noé"], total=48600, paid=16200, due=32400),
    row(
        "Martin-Dupré, Chloé", "2027-0051", members=["Anaïs"], paid=10000, due=26000, late=8000, late_since="2027-09-05"
    ),
    row("Martinez, Luc", "2027-0017", members=["Luc"], paid=33500, fully_paid=True),
    row("Saint-Martin, Ève", "2027-0063", paid=33500, to_refund=3000, awaiting_correction=3000, fully_paid=True),
    row(None, "2027-0064", mode="on_site", processing=5000, due=5000, lost=1200),
]

CSV = "\ufeffcontrat;responsable;payé;date\r\n2027-0042;Martin, Inès;162,00;2027-09-05\r\n2027-0051;'=1+1;-5,00;\r\n"


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        found = [] if request.url.params.get("search") == "zzz" else ROWS
        return httpx.Response(200, json={"items": found, "next": "further" if found else None})

    front.answers["GET /payments/v1/follow-up"] = listed
    front.answers["GET /payments/v1/follow-up.csv"] = lambda _: httpx.Response(200, content=CSV.encode())
