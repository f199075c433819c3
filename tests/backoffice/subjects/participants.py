"""Who takes part in a product, and a credit for all of their families."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.contracts import CONTRACT, euros

PRODUCT = NAMES["product"]
JOB, ENDED = (f"01900000-0000-7000-8000-0000000007f{n}" for n in (1, 2))
PATH = f"/catalog/{PRODUCT}"
API, BULK = f"/contracts/v1/products/{PRODUCT}/participants", "/credits/v1/bulk-credits"
OTHER = "01900000-0000-7000-8000-00000000000b"

PAGES = [
    Page("participants", "/catalog/{product}/participants", dark=True),
    Page("participants-credit", "/catalog/{product}/credit", role="director"),
    Page("participants-job", f"{PATH}/credit/{JOB}", role="director"),
    Page("participants-job-ended", f"{PATH}/credit/{ENDED}", role="director"),
]


def participant(first: str | None, account: str, payment: str | None, **more: Any) -> dict[str, Any]:
    return {
        "contract": CONTRACT,
        "contract_number": "2027-0051",
        "line": "01900000-0000-7000-8000-0000000000aa",
        "account": account,
        "account_number": "2027-0012",
        "participant": "01900000-0000-7000-8000-0000000000ab",
        "first_name": first,
        "last_name": "Martin-Dupré" if first else None,
        "birth_date": "2018-04-02" if first else None,
        "client": "Inès Martin-Dupré",
        "email": "ines@example.org",
        "phone": None,
        "name": "Danse classique, niveau 2",
        "format": {"id": "01900000-0000-7000-8000-0000000000ac", "name": "À l’année"},
        "tariff": None,
        "bought_on": "2027-09-01",
        "payment": payment,
        **more,
    }


PARTICIPANTS = [
    participant("Léa", NAMES["account"], "paid"),
    participant("Noé", NAMES["account"], "partly_paid"),
    participant(None, OTHER, "unpaid", client=None, email=None, format=None),
    participant(None, OTHER, None, participant=None),
]


def job(id_: str, status: str, done: int, refused: int = 0) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "grant-credits",
        "status": status,
        "by": "user:01900000-0000-7000-8000-00000000b001",
        "asked_at": "2027-09-20T08:00:00Z",
        "parameters": {"grant": ENDED, "families": 2, "amount": 1500},
        "expected": 2,
        "done": done,
        "refused": refused,
        "failed": 0,
        "ended_at": None if status == "running" else "2027-09-20T08:01:00Z",
    }


REPORT = [{"item": OTHER, "outcome": "refused", "problem": "unknown-account", "detail": "An English sentence."}]


def answers(front: FakeFront) -> None:
    front.answers[f"GET {API}"] = {"items": PARTICIPANTS, "next": None}
    front.answers[f"GET {API}.csv"] = lambda _: httpx.Response(200, content="\ufeffprénom;nom\r\nLéa;Martin\r\n")
    front.answers[f"POST {BULK}/preview"] = {"families": 2, "total": euros(3000), "unknown": []}
    front.answers[f"POST {BULK}"] = lambda _: httpx.Response(202, json=job(JOB, "waiting", 0))
    for id_, view, lines in ((JOB, job(JOB, "running", 1), []), (ENDED, job(ENDED, "done", 1, 1), REPORT)):
        front.answers[f"GET /credits/v1/jobs/{id_}"] = view
        front.answers[f"GET /credits/v1/jobs/{id_}/report"] = {"items": lines, "next": None}
        front.answers[f"POST /credits/v1/jobs/{id_}/cancel"] = view
