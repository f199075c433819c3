"""Another price for all subscriptions of a product: its form, and the bulk job."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import catalogue, contracts, subscriptions

JOB, ENDED = (f"01900000-0000-7000-8000-0000000007e{n}" for n in (1, 2))
PRODUCT = catalogue.KINDS["subscription"]
PATH = f"/catalog/{PRODUCT}/price"
API = "/contracts/v1/subscriptions/price"

PAGES = [
    Page("prices", PATH),
    Page("prices-job", f"{PATH}/{JOB}"),
    Page("prices-job-ended", f"{PATH}/{ENDED}", dark=True),
]


def job(id_: str, status: str, done: int, refused: int = 0) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "change-subscription-prices",
        "status": status,
        "by": "user:01900000-0000-7000-8000-00000000b001",
        "asked_at": "2027-09-20T08:00:00Z",
        "parameters": {"product": PRODUCT, "on": "2028-01-01", "price": 14000},
        "expected": 12,
        "done": done,
        "refused": refused,
        "failed": 0,
        "ended_at": None if status == "running" else "2027-09-20T08:01:00Z",
    }


def row(contract: str, **facts: Any) -> dict[str, Any]:
    return {
        "contract": contract,
        "contract_number": "2027-0061",
        "account": contracts.ACCOUNT,
        "client": "Inès Moreau",
        "price_before": contracts.euros(13500),
        "price_after": contracts.euros(14000),
        "period": 4,
        "begins_on": "2028-01-30",
        "refused": None,
        **facts,
    }


SAME = {"problem": "same-price", "detail": "An English sentence.", "params": {}}
PREVIEW = {
    "subscriptions": 3,
    "items": [
        row(subscriptions.SUBSCRIBED),
        row(subscriptions.PAUSED, begins_on=None),
        row(subscriptions.ASKED, client="", price_before=None, period=None, begins_on=None, refused=SAME),
    ],
    "next": None,
}
REPORT = [
    {"item": subscriptions.ASKED, "outcome": "refused", "problem": "same-price", "detail": "An English sentence."}
]


def answers(front: FakeFront) -> None:
    front.answers[f"POST {API}/preview"] = PREVIEW
    front.answers[f"POST {API}"] = lambda _: httpx.Response(202, json=job(JOB, "waiting", 0))
    for id_, view, lines in ((JOB, job(JOB, "running", 4), []), (ENDED, job(ENDED, "done", 11, 1), REPORT)):
        front.answers[f"GET /contracts/v1/jobs/{id_}"] = view
        front.answers[f"GET /contracts/v1/jobs/{id_}/report"] = {"items": lines, "next": None}
        front.answers[f"POST /contracts/v1/jobs/{id_}/cancel"] = view
