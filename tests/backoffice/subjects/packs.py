"""Session packs: one of a member, one of the family, one that waits, one whose sale was cancelled."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
PACK = "01900000-0000-7000-8000-0000000001f1"
SHARED = "01900000-0000-7000-8000-0000000001f2"

PAGES = [
    Page("pack", f"/packs/{PACK}", role="director", dark=True),
    Page("pack-unlimited", f"/packs/{SHARED}"),
]


def pack(id_: str, left: int | None, **more: object) -> dict[str, object]:
    details = {
        "kind": "session_pack",
        "sessions": None if left is None else 10,
        "valid_until": None,
        "days": None,
        "months": 3,
        "starts": "first_use",
        "usable": "paid",
    }
    return {
        "id": id_,
        "account": ACCOUNT,
        "name": "Carnet de dix cours",
        "member": None,
        "details": details,
        "bought_on": "2027-09-06",
        "left": left,
        "uses": 0,
        "expires_on": None,
        "standing": "issued",
        "contract": contracts.CONTRACT,
        "line": id_,
        "issued_on": "2027-09-06",
        "removed_on": None,
        "suspended_since": None,
        "version": 1,
        **more,
    }


PACKS = [
    pack(PACK, 7, member=contracts.LEA, uses=3, expires_on="2027-12-07"),
    pack(SHARED, None, name="Accès libre"),
    pack("01900000-0000-7000-8000-0000000001f3", 10, suspended_since="2027-10-02"),
    pack("01900000-0000-7000-8000-0000000001f4", 0, standing="removed", removed_on="2027-10-03"),
    pack("01900000-0000-7000-8000-0000000001f5", 2, expires_on="2027-09-19"),
]


def entry(kind: str, sessions: int, on: str = "2027-09-06", **more: object) -> dict[str, object]:
    return {"pack": PACK, "kind": kind, "sessions": sessions, "on": on, **more}


ENTRIES = [entry("issued", 10)]


def answers(front: FakeFront) -> None:
    for each in PACKS[:2]:
        path = f"/credits/v1/session-packs/{each['id']}"
        front.answers[f"GET {path}"] = lambda _, found=each: httpx.Response(200, json=found, headers={"ETag": '"1"'})
        front.answers[f"GET {path}/entries"] = {"items": ENTRIES, "next": None}
