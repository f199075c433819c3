"""Refunds of direct debits by transfer: the files for the bank."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import Page
from tests.backoffice.subjects.follow_up import euros

ACCOUNT = "01900000-0000-7000-8000-00000000000a"
CONTRACT = "01900000-0000-7000-8000-0000000000c1"
BUILT, SENT, DONE = (f"01900000-0000-7000-8000-0000000000{number}" for number in ("d1", "d2", "d3"))
REFUND = "01900000-0000-7000-8000-0000000000d7"
API = "/payments/v1/refund-files"

PAGES = [
    Page("refund-files", "/refund-files", role="director"),
    Page("refund-files-new", "/refund-files/new", role="director"),
    Page("refund-file-built", f"/refund-files/{BUILT}", role="director"),
    Page("refund-file-sent", f"/refund-files/{SENT}", role="director", dark=True),
    Page("refund-file-done", f"/refund-files/{DONE}"),
    Page("refund-failed", f"/refund-files/{SENT}/{REFUND}/failed", role="director"),
]


def file(id_: str, status: str) -> dict[str, Any]:
    return {
        "id": id_,
        "status": status,
        "execute_on": "2027-10-05",
        "refunds": 2,
        "amount": euros(8000),
        "iban_ending": "2606",
        "built_at": "2027-10-04T09:00:00Z",
        "built_by": "user:director",
        "sent_on": None if status == "built" else "2027-10-04",
        "ended_on": "2027-10-06" if status == "done" else None,
    }


def refund(status: str | None, owner: str | None, *, reason: str | None = None) -> dict[str, Any]:
    return {
        "refund": REFUND,
        "contract": CONTRACT,
        "number": "2027-0042",
        "account": ACCOUNT,
        "owner": owner,
        "amount": euros(4000),
        "status": status,
        "reason": reason,
        "code": "AC04" if reason else None,
    }


REFUNDS = {
    BUILT: ("built", [refund("asked", "Inès Martin-Dupré"), refund("asked", None)]),
    SENT: ("sent", [refund("pending", "Inès Martin-Dupré"), refund("failed", "Jean Petit", reason="account_closed")]),
    DONE: ("done", [refund("succeeded", "Inès Martin-Dupré"), refund("failed", "Jean Petit", reason="refused")]),
}


def answers(front: FakeFront) -> None:
    front.answers[f"GET {API}"] = {"items": [file(id_, status) for id_, (status, _) in REFUNDS.items()], "next": None}
    front.answers[f"POST {API}/preview"] = {
        "execute_on": "2027-10-05",
        "refunds": [refund(None, "Inès Martin-Dupré"), refund(None, "Jean Petit")],
        "amount": euros(8000),
        "failed": 1,
        "more": True,
    }
    built = {"refund_file": file(BUILT, "built"), "failed": 0, "more": False}
    front.answers[f"POST {API}"] = lambda _: httpx.Response(201, json=built)
    for id_, (status, refunds) in REFUNDS.items():
        path = f"{API}/{id_}"
        front.answers[f"GET {path}"] = lambda _, id_=id_, status=status: httpx.Response(
            200, json=file(id_, status), headers={"ETag": '"2"'}
        )
        front.answers[f"GET {path}/refunds"] = {"items": refunds, "next": None}
        front.answers[f"GET {path}/file"] = lambda _: httpx.Response(200, content=b"<Document/>")
        front.answers[f"POST {path}/sent"] = file(id_, "sent")
        front.answers[f"POST {path}/taking-back"] = file(id_, "taken_back")
        front.answers[f"POST {path}/made"] = file(id_, "done")
    front.answers[f"POST {API}/{SENT}/refunds/{REFUND}/failure"] = file(SENT, "sent")
    moved = problem(409, "refund-file-moved-on")
    front.answers[f"POST {API}/{DONE}/sent"] = moved
