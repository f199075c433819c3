"""The mails of the organisation, and the bulk job that sends again what was not sent."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import contracts

JOB, ENDED = (f"01900000-0000-7000-8000-0000000009a{n}" for n in (1, 2))
FAILED, SENT = contracts.MAILS[0], contracts.MAILS[1]
WAITING = contracts.mail(3, "payment_received", "queued", None)
ADDRESS = "/notifications/v1/mails"

PAGES = [
    Page("mails", "/mails", role="director", dark=True),
    Page("mails-failed", "/mails?status=failed", role="cashier"),
    Page("mail", f"/mails/{FAILED['id']}", role="director"),
    Page("mail-sent", f"/mails/{SENT['id']}", dark=True),
    Page("mails-job", f"/mails/jobs/{JOB}", role="director"),
    Page("mails-job-ended", f"/mails/jobs/{ENDED}", role="director"),
]


def job(id_: str, status: str, done: int, refused: int = 0) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "mails-sent-again",
        "status": status,
        "by": "user:01900000-0000-7000-8000-00000000b001",
        "asked_at": "2027-09-20T08:00:00Z",
        "parameters": {},
        "expected": 12,
        "done": done,
        "refused": refused,
        "failed": 0,
        "ended_at": None if status == "running" else "2027-09-20T08:01:00Z",
    }


LETTER = {
    "mail": SENT["id"],
    "subject": "Votre contrat 2027-0042",
    "text": "Bonjour Inès,\n\nVotre contrat est ouvert.",
    "html": '<!doctype html><html lang="fr"><title>Votre contrat</title><body style="margin:2rem;font:16px sans-serif">'
    "<main><h1>Votre contrat 2027-0042</h1><p>Bonjour Inès,</p><p>Votre contrat est ouvert.</p></main></body></html>",
}
REPORT = [{"item": FAILED["id"], "outcome": "refused", "problem": "mail-under-way", "detail": "An English sentence."}]


def answers(front: FakeFront) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("status")
        found = [mail for mail in (WAITING, FAILED, SENT) if wanted in {None, mail["status"]}]
        return httpx.Response(200, json={"items": found, "next": None})

    front.answers[f"GET {ADDRESS}"] = listed
    front.answers[f"GET {ADDRESS}/{FAILED['id']}"] = lambda _: httpx.Response(200, json=FAILED, headers={"ETag": '"7"'})
    front.answers[f"GET {ADDRESS}/{SENT['id']}"] = SENT
    front.answers[f"GET {ADDRESS}/{FAILED['id']}/letter"] = LETTER | {"subject": None, "text": None, "html": None}
    front.answers[f"GET {ADDRESS}/{SENT['id']}/letter"] = LETTER
    front.answers[f"POST {ADDRESS}/{FAILED['id']}/send-again"] = FAILED | {"status": "queued"}
    front.answers[f"POST {ADDRESS}/send-failed-again"] = lambda _: httpx.Response(202, json=job(JOB, "waiting", 0))
    front.answers["GET /notifications/v1/jobs"] = {"items": [job(ENDED, "done", 11, 1)], "next": None}
    for id_, view, lines in ((JOB, job(JOB, "running", 4), []), (ENDED, job(ENDED, "done", 11, 1), REPORT)):
        front.answers[f"GET /notifications/v1/jobs/{id_}"] = view
        front.answers[f"GET /notifications/v1/jobs/{id_}/report"] = {"items": lines, "next": None}
        front.answers[f"POST /notifications/v1/jobs/{id_}/cancel"] = view
