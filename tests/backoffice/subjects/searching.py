"""The search."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.follow_up import ROWS, euros

PAGES = [
    Page("search", "/search?q=mart"),
    Page("search-nothing", "/search?q=zzz"),
    Page("search-empty", "/search"),
]

OWNER, CHILD = "01900000-0000-7000-8000-000000000011", "01900000-0000-7000-8000-000000000012"
ACCOUNT = {
    "id": NAMES["account"],
    "number": "2027-0007",
    "owner": OWNER,
    "language": "fr",
    "tags": [],
    "members": [
        {"id": OWNER, "kind": "adult", "first_name": "Inès", "last_name": "Martin", "erased": False},
        {"id": CHILD, "kind": "child", "first_name": "Léa", "last_name": "Martin", "erased": False},
    ],
    "version": 1,
}
PRODUCT = {"id": NAMES["product"], "name": "Danse classique, Marthe Graham", "status": "on_sale"}
PAYMENT = {
    "id": "01900000-0000-7000-8000-0000000000b1",
    "contract": NAMES["contract"],
    "amount": euros(8100),
    "received_on": "2027-09-01",
    "reference": "mart_ch_3Pq",
}


def answers(front: FakeFront) -> None:
    def found(name: str, *items: object) -> object:
        def answer(request: httpx.Request) -> httpx.Response:
            asked = request.url.params.get(name)
            return httpx.Response(200, json={"items": [] if asked == "zzz" else list(items), "next": None})

        return answer

    front.answers.setdefault("GET /contracts/v1/accounts", found("q", ACCOUNT))
    front.answers.setdefault("GET /catalog/v1/products", found("q", PRODUCT))
    front.answers.setdefault("GET /payments/v1/follow-up", found("search", *ROWS))
    front.answers["GET /payments/v1/payments"] = found("reference", PAYMENT)
