"""Gift vouchers: one that can be redeemed, one that covers a line, one that waits, one whose sale was cancelled."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
VOUCHER = "01900000-0000-7000-8000-0000000000f1"
USED = "01900000-0000-7000-8000-0000000000f2"
WAITS = "01900000-0000-7000-8000-0000000000f5"

PAGES = [
    Page("voucher", f"/vouchers/{VOUCHER}", role="director", dark=True),
    Page("voucher-redeemed", f"/vouchers/{USED}"),
    Page("voucher-waits", f"/vouchers/{WAITS}", role="director"),
]


def voucher(id_: str, standing: str, **more: object) -> dict[str, object]:
    return {
        "id": id_,
        "account": ACCOUNT,
        "name": "Une année de danse à offrir",
        "products": [contracts.CONTRACT],
        "recipient": None,
        "send_on": None,
        "code": "7K3M-Q2XA-V9TB-4HDN-C6RX" if standing == "issued" else None,
        "standing": standing,
        "contract": contracts.CONTRACT,
        "line": id_,
        "issued_on": "2027-09-06",
        "removed_on": None,
        "redeemed_on": None,
        "covers": None,
        "suspended_since": None,
        "version": 1,
        **more,
    }


COVERS = {"contract": contracts.CONTRACT, "line": USED, "product": USED, "on": "2027-10-01"}
VOUCHERS = [
    voucher(VOUCHER, "issued"),
    voucher(USED, "redeemed", redeemed_on="2027-10-01", covers=COVERS),
    voucher(WAITS, "issued", send_on="2027-12-24"),
    voucher("01900000-0000-7000-8000-0000000000f3", "issued", suspended_since="2027-10-02"),
    voucher("01900000-0000-7000-8000-0000000000f4", "removed", removed_on="2027-10-03"),
]


def answers(front: FakeFront) -> None:
    for each in VOUCHERS[:3]:
        path = f"/credits/v1/vouchers/{each['id']}"
        front.answers[f"GET {path}"] = lambda _, found=each: httpx.Response(200, json=found, headers={"ETag": '"1"'})
        front.answers[f"POST {path}/sendings"] = each
        front.answers[f"PUT {path}/sending-day"] = each
        front.answers[f"GET {path}/pdf"] = lambda _: httpx.Response(
            200, content=b"%PDF-1.7 v", headers={"content-type": "application/pdf"}
        )
