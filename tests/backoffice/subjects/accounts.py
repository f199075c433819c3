"""Families."""

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
API = f"/contracts/v1/accounts/{ACCOUNT}"

PAGES = [
    Page("families", "/accounts"),
    Page("families-none", "/accounts?q=zzz"),
    Page("family", "/accounts/{account}", dark=True),
    Page("family-new", "/accounts/new"),
    Page("person-new", "/accounts/{account}/members/new"),
    Page("person", f"/accounts/{ACCOUNT}/members/{contracts.LEA}"),
]

METHOD = {
    "id": "01900000-0000-7000-8000-0000000005b1",
    "provider": "sandbox",
    "kind": "card",
    "label": "•••• 4242",
    "default": True,
    "added_at": "2027-09-04T09:30:00Z",
}


def answers(front: FakeFront) -> None:
    front.answers[f"GET {API}/contracts"] = {"items": [contracts.WAITING], "next": None}
    front.answers[f"GET /payments/v1/accounts/{ACCOUNT}/payment-methods"] = {"account": ACCOUNT, "methods": [METHOD]}
