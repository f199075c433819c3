"""Access to online courses: one that is open and was changed, one that is over."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
ACCESS = "01900000-0000-7000-8000-0000000009a1"
OVER = "01900000-0000-7000-8000-0000000009a2"
LINE = "01900000-0000-7000-8000-0000000009a3"
PATH = f"/contracts/v1/accesses/{ACCESS}"
LIST = f"/contracts/v1/accounts/{ACCOUNT}/accesses"

PAGES = [
    Page("accesses", "/accounts/{account}/accesses", dark=True),
    Page("access", f"/accesses/{ACCESS}"),
    Page("access-edit", f"/accesses/{ACCESS}/edit"),
]

SETTINGS: dict[str, Any] = {
    "lessons": 20,
    "release": {"lessons": 2, "every_days": 7},
    "deadlines": True,
    "exercises": "teacher",
    "checkpoints": False,
    "language": "fr",
}


def access(id_: str = ACCESS, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "account": ACCOUNT,
        "member": contracts.LEA,
        "course": "solfege-1",
        "open": True,
        "why": None,
        "settings": SETTINGS,
        "first_day": "2027-09-06",
        "last_day": "2028-09-05",
        "contract": contracts.CONTRACT,
        "line": LINE,
        "product": LINE,
        "name": "Solfège en ligne",
        "changed_by_staff": id_ == ACCESS,
        "version": 2,
        **more,
    }


def entry(number: int, name: str, **data: Any) -> dict[str, Any]:
    """An entry of the journal of the access."""
    body = {"settings": SETTINGS, "last_day": "2028-09-05", "line": LINE, "why": "expired", **data}
    return {
        "id": f"j{number}",
        "sequence": number,
        "type": name,
        "at": f"2027-09-0{number}T09:30:00Z",
        "actor": "user:Camille Roux",
        "data": body,
        "personal": {"reason": "Une année de plus"} if name == "AccessChanged" else None,
    }


JOURNAL = [
    entry(6, "AccessGranted", last_day="2027-12-05", settings={**SETTINGS, "lessons": None, "release": None}),
    entry(7, "AccessChanged"),
    entry(8, "AccessRevoked"),
]


def answers(front: FakeFront) -> None:
    over = access(OVER, course="rythme-1", open=False, why="expired", last_day=None)
    front.answers[f"GET {LIST}"] = {"items": [access(), over], "next": None}
    front.answers[f"GET {PATH}"] = lambda _: httpx.Response(200, json=access(), headers={"ETag": '"2"'})
    front.answers[f"PUT {PATH}"] = access()
    front.answers[f"GET {PATH}/journal"] = {"items": JOURNAL, "next": None}
