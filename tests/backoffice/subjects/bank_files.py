"""Files of the bank: the list, where one is sent, and its report."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects.follow_up import euros

ACCOUNT = "01900000-0000-7000-8000-00000000000a"
CONTRACT = "01900000-0000-7000-8000-0000000000c1"
REMITTANCE = "01900000-0000-7000-8000-0000000000b2"
REFUND_FILE = "01900000-0000-7000-8000-0000000000d2"
READ, CLEAN, MOVING = (f"01900000-0000-7000-8000-0000000000f{number}" for number in (1, 2, 3))

PAGES = [
    Page("bank-files", "/bank-files", role="director"),
    Page("bank-file", f"/bank-files/{READ}", role="director", dark=True),
    Page("bank-file-clean", f"/bank-files/{CLEAN}"),
    Page("bank-file-moving", f"/bank-files/{MOVING}"),
]


def file(id_: str, name: str, kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "kind": kind,
        "message": "STMT-20271006",
        "accounts": [] if kind == "pain.002" else ["2606"],
        "skipped": [],
        "read_at": "2027-10-06T08:00:00Z",
        "read_by": "user:director",
        "read_before": None,
        "job": id_,
        "status": "done",
        "lines": 0,
        "outcomes": {},
        **changes,
    }


FILES = [
    file(
        READ,
        "releve-2027-10-06.xml",
        "camt.053",
        lines=9,
        outcomes={"paid": 2, "refused": 1, "reversed": 1, "foreign": 2, "amount_differs": 1, "not_sent": 2},
        read_before=CLEAN,
        skipped=["0189"],
    ),
    file(CLEAN, "statuts.xml", "pain.002", lines=1, outcomes={"accepted": 1}),
    file(MOVING, "avis.xml", "camt.054", lines=300, status="running", outcomes={"paid": 50, "waiting": 250}),
]


def line(number: int, outcome: str, owner: str | None = "Inès Martin-Dupré", **changes: Any) -> dict[str, Any]:
    ours = owner is not None
    return {
        "number": number,
        "part": "credit",
        "outcome": outcome,
        "attempt": ACCOUNT if ours else None,
        "remittance": REMITTANCE if ours else None,
        "refund_file": None,
        "contract": CONTRACT if ours else None,
        "contract_number": "2027-0042" if ours else None,
        "account": ACCOUNT if ours else None,
        "owner": owner,
        "amount": euros(10500),
        "on": "2027-10-05",
        "code": None,
        "reference": "27278000001",
        **changes,
    }


LEFT = [
    line(4, "not_sent"),
    line(7, "amount_differs", None, remittance=REMITTANCE, amount=euros(20000)),
    line(8, "credited_after_refusal", "Jean Petit"),
]
OTHERS = [
    line(1, "refused", "Jean Petit", part="debit", code="AM04"),
    line(2, "reversed", part="debit", code="MD06"),
    line(3, "paid"),
    line(5, "foreign", None, amount=None),
    line(6, "known", code="ZZ99"),
    line(9, "refund_failed", remittance=None, refund_file=REFUND_FILE, code="AC04"),
]


def answers(front: FakeFront) -> None:
    front.answers["GET /payments/v1/bank-files"] = {"items": FILES, "next": None}
    front.answers["POST /payments/v1/bank-files"] = lambda _: httpx.Response(201, json=FILES[0])
    for each in FILES:
        path = f"/payments/v1/bank-files/{each['id']}"
        front.answers[f"GET {path}"] = each

        def lines(request: httpx.Request, of: dict[str, Any] = each) -> httpx.Response:
            left = request.url.params["left"] == "true"
            items = (LEFT if left else OTHERS) if of["id"] == READ else []
            return httpx.Response(200, json={"items": items, "next": None})

        front.answers[f"GET {path}/lines"] = lines
