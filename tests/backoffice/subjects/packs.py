"""Session packs: one of a member, one of the family, one that waits, one whose sale was cancelled."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts, settings

ACCOUNT = NAMES["account"]
PACK = "01900000-0000-7000-8000-0000000001f1"
USE = "01900000-0000-7000-8000-0000000002f1"
SHARED = "01900000-0000-7000-8000-0000000001f2"

PAGES = [
    Page("pack", f"/packs/{PACK}", role="director", dark=True),
    Page("pack-unlimited", f"/packs/{SHARED}"),
    Page("door", "/door"),
    Page("door-found", "/door?q=Mar"),
    Page("door-family", "/accounts/{account}/door", dark=True, rounds=3),
    Page("pack-reminders", "/settings/packs", role="director"),
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
        "started_on": None,
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
    pack(PACK, 7, member=contracts.LEA, uses=3, expires_on="2027-12-06", started_on="2027-09-07"),
    pack(SHARED, None, name="Accès libre"),
    pack("01900000-0000-7000-8000-0000000001f3", 10, suspended_since="2027-10-02"),
    pack("01900000-0000-7000-8000-0000000001f4", 0, standing="removed", removed_on="2027-10-03"),
    pack("01900000-0000-7000-8000-0000000001f5", 2, expires_on="2027-09-19"),
]


def entry(kind: str, sessions: int, on: str = "2027-09-06", **more: object) -> dict[str, object]:
    plain = {"pack": PACK, "kind": kind, "sessions": sessions, "on": on}
    return {"use": None, "member": None, "day": None, "note": None} | plain | more


ENTRIES = [
    entry("issued", 10),
    entry("used", -1, "2027-09-07", use=USE, member=contracts.LEA, day="2027-09-07"),
    entry("adjusted", -1, "2027-09-12", note="Came twice on Tuesday"),
    entry("restored", 1, "2027-09-14", use=USE, member=contracts.LEA, day="2027-09-07"),
]


def use(number: int, on: str, **more: object) -> dict[str, object]:
    return {
        "id": f"01900000-0000-7000-8000-0000000002f{number}",
        "account": ACCOUNT,
        "pack": PACK,
        "member": contracts.LEA,
        "on": on,
        "taken_on": on,
        "occurrence": None,
        "cancelled_on": None,
        **more,
    }


REMINDERS = {"days_before": 14, "hour": 9, "version": 1}


def entry_of(sequence: int, **data: object) -> dict[str, object]:
    return settings.entry(sequence, "PackRemindersChanged", **data)


EVENING, LATE, WEEK_BEFORE = (f"01900000-0000-7000-8000-0000000003f{n}" for n in (1, 2, 3))
"""Occurrences of the twentieth of September."""


def activities(request: httpx.Request) -> httpx.Response:
    """Two on the twentieth of September, none on other days."""
    found = [
        {
            "product": "01900000-0000-7000-8000-0000000004f1",
            "name": "Stretching",
            "occurrences": [{"id": EVENING, "starts": "18:30", "ends": "19:30"}],
        },
        {
            "product": "01900000-0000-7000-8000-0000000004f2",
            "name": "Yoga",
            "occurrences": [{"id": LATE, "starts": "17:30", "ends": "18:30"}],
        },
    ]
    hours = {"id": WEEK_BEFORE, "starts": "17:30", "ends": "18:30"}
    before = [{"product": "01900000-0000-7000-8000-0000000004f2", "name": "Yoga", "occurrences": [hours]}]
    items = {"2027-09-20": found, "2027-09-13": before}.get(request.url.params["on"], [])
    return httpx.Response(200, json={"items": items, "next": None})


TAKEN = {"use": use(1, "2027-09-20"), "pack": PACKS[0]}


def answers(front: FakeFront) -> None:
    for each in PACKS[:2]:
        path = f"/credits/v1/session-packs/{each['id']}"
        front.answers[f"GET {path}"] = lambda _, found=each: httpx.Response(200, json=found, headers={"ETag": '"1"'})
        front.answers[f"GET {path}/entries"] = {"items": ENTRIES, "next": None}
        front.answers[f"POST {path}/adjustments"] = each
    account = f"/credits/v1/accounts/{ACCOUNT}"
    uses = [
        use(1, "2027-09-20", occurrence=LATE),
        use(2, "2027-09-13", occurrence=WEEK_BEFORE),
        use(3, "2027-09-07", cancelled_on="2027-09-14"),
    ]
    front.answers[f"GET {account}/session-packs"] = {"items": [PACKS[1], PACKS[0], PACKS[2]], "next": None}
    front.answers[f"GET {account}/session-uses"] = {"items": uses, "next": None}
    front.answers["GET /catalog/v1/activities"] = activities
    front.answers["GET /credits/v1/pack-reminders"] = lambda _: httpx.Response(
        200, json=REMINDERS, headers={"ETag": '"1"'}
    )
    front.answers["PUT /credits/v1/pack-reminders"] = REMINDERS
    changed = [entry_of(1, days_before=14, hour=9), entry_of(2, days_before=None, hour=9)]
    front.answers["GET /credits/v1/pack-reminders/journal"] = {"items": changed, "next": None}
    front.answers[f"POST {account}/session-uses"] = TAKEN
    front.answers[f"POST /credits/v1/session-uses/{USE}/cancellation"] = TAKEN
