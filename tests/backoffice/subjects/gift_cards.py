"""Gift cards: one of which nothing is used, one that was used in part, looking a code up, paying with one."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
CARD = "01900000-0000-7000-8000-0000000000d1"
USED = "01900000-0000-7000-8000-0000000000d2"
CODE = "7K3M-Q2XA-V9TB-4HDN-C6RX"

PAGES = [
    Page("gift-card", f"/gift-cards/{CARD}", role="director", dark=True),
    Page("gift-card-used", f"/gift-cards/{USED}"),
    Page("gift-card-adjustment", f"/gift-cards/{CARD}/adjustment", role="director"),
    Page("codes", "/codes"),
    Page("use-gift-card", "/contracts/{contract}/use-gift-card", role="director"),
]


def card(id_: str, standing: str = "unused", **more: object) -> dict[str, object]:
    return {
        "id": id_,
        "account": ACCOUNT,
        "name": "Carte cadeau Arabesque",
        "recipient": None,
        "send_on": None,
        "code": CODE if standing == "unused" else None,
        "amount": contracts.euros(5000),
        "standing": standing,
        "contract": contracts.CONTRACT,
        "line": id_,
        "pays": [],
        "granted_on": "2027-09-06",
        "removed_on": None,
        "suspended_since": None,
        "version": 1,
        **more,
    }


CARDS = [
    card(CARD),
    card(USED, "used", pays=[contracts.CONTRACT]),
    card("01900000-0000-7000-8000-0000000000d3", "used"),
    card("01900000-0000-7000-8000-0000000000d4", suspended_since="2027-10-02"),
    card("01900000-0000-7000-8000-0000000000d5", "removed", removed_on="2027-10-03"),
]
CHECKED = {
    "kind": "gift_card",
    "usable": True,
    "why": None,
    "detail": None,
    "name": "Carte cadeau Arabesque",
    "products": [],
    "gift_card": {"id": USED, "amount": contracts.euros(5000), "left": contracts.euros(1200)},
}


def answers(front: FakeFront) -> None:
    for each in CARDS[:2]:
        path = f"/credits/v1/gift-cards/{each['id']}"
        front.answers[f"GET {path}"] = lambda _, found=each: httpx.Response(200, json=found, headers={"ETag": '"1"'})
        front.answers[f"POST {path}/sendings"] = each
        front.answers[f"POST {path}/adjustments"] = each
        front.answers[f"GET {path}/pdf"] = lambda _: httpx.Response(
            200, content=b"%PDF-1.7 c", headers={"content-type": "application/pdf"}
        )
    front.answers["POST /credits/v1/vouchers/check"] = CHECKED
