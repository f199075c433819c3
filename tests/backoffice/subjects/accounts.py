"""Families."""

from typing import Any

import httpx

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
    Page("family-journal", "/accounts/{account}/journal"),
    Page("family-edit", "/accounts/{account}/edit"),
    Page("family-owner", "/accounts/{account}/owner"),
    Page("family-erasure", "/accounts/{account}/erasure"),
    Page("family-methods", "/accounts/{account}/methods", role="director"),
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
OTHER = "01900000-0000-7000-8000-0000000005b2"


def state(number: int, people: dict[str, str | None], **more: Any) -> dict[str, Any]:
    """An entry of the journal: the family as it then was. ``people`` are first names by ids, None once erased."""
    data = {
        "owner": contracts.INES,
        "language": "fr",
        "tags": [],
        "members": [{"id": id_, "kind": "child", "tags": [], "erased": name is None} for id_, name in people.items()],
        **more,
    }
    named = [{"id": id_, "first_name": name, "last_name": "Martin"} for id_, name in people.items() if name]
    return {
        "id": f"j{number}",
        "sequence": number,
        "type": "AccountChanged",
        "at": f"2027-09-0{number}T09:30:00Z",
        "actor": "user:Camille Roux",
        "data": data,
        "personal": {"members": named, "notes": None},
    }


JOURNAL = [
    state(1, {contracts.INES: "Inès"}),
    state(2, {contracts.INES: "Inès", contracts.LEA: "Lea"}),
    state(3, {contracts.INES: "Inès", contracts.LEA: "Léa"}, tags=["2027"]),
    state(4, {contracts.INES: "Inès", contracts.LEA: "Léa"}, tags=["2027"], owner=contracts.LEA),
    state(5, {contracts.INES: "Inès", contracts.LEA: None}, tags=["2027"], owner=contracts.INES),
    {**state(6, {}), "type": "AccountErased", "data": {}, "personal": None},
]


def answers(front: FakeFront) -> None:
    front.answers[f"GET {API}/contracts"] = {"items": [contracts.WAITING], "next": None}
    front.answers[f"GET {API}/journal"] = {"items": JOURNAL, "next": None}
    methods = {"account": ACCOUNT, "methods": [METHOD, METHOD | {"id": OTHER, "label": "•••• 1881", "default": False}]}
    front.answers[f"GET /payments/v1/accounts/{ACCOUNT}/payment-methods"] = lambda _: httpx.Response(
        200, json=methods, headers={"ETag": '"5"'}
    )
