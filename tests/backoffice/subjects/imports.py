"""Families from other software: files are chosen, looked through, and imported by a job."""

from typing import Any

import httpx

from carnet.importing.templates import comma_separated, workbook
from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page

WAITING, RUNNING, ENDED = (f"01900000-0000-7000-8000-0000000009a{n}" for n in (1, 2, 3))
JOBS = {RUNNING: "01900000-0000-7000-8000-0000000009b2", ENDED: "01900000-0000-7000-8000-0000000009b3"}
API = "/contracts/v1/imports"

OF_OTHER_SOFTWARE = """Foyer;N° adhérent;Rôle;Nom;Prénom;Date d’adhésion;Cotisation
F-009;12;responsable;Petit;Marie;2027-09-01;312,50
F-009;13;enfant;Petit;Léa;2027-09-01;=G2
""".encode()
"""A list with columns of its own, in which one is called as in the template."""

ONE_WRONG = comma_separated("fr")["familles.csv"] + "F-002;P-003;cousin;Léa;;;;12/31/1985;\r\n".encode()
"""The families of the template, and one of which three cells are wrong."""

PAGES = [
    Page("imports", "/imports", role="director", dark=True),
    Page("imports-waiting", f"/imports/{WAITING}", role="director"),
    Page("imports-running", f"/imports/{RUNNING}", role="director"),
    Page("imports-ended", f"/imports/{ENDED}", role="director"),
    Page(
        "imports-columns",
        "/imports",
        role="director",
        files=(("adherents.csv", OF_OTHER_SOFTWARE),),
        dark=True,
        weight=66_000,  # each column of six sheets has the headings of the file to choose from
    ),
    Page("imports-found", "/imports", role="director", files=(("ecole.xlsx", workbook("fr")),), rounds=4),
    Page("imports-to-correct", "/imports", role="director", files=(("familles.csv", ONE_WRONG),), rounds=4, dark=True),
    Page("imports-unreadable", "/imports", role="director", files=(("ecole.xlsx", b"PK\x03\x04"),), status=422),
]


def batch(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "by": "user:01900000-0000-7000-8000-00000000b001",
        "begun_at": "2027-09-20T08:00:00Z",
        "families": 12,
        "job": JOBS.get(id_),
        "discarded": False,
    }


def job(id_: str, status: str, done: int, refused: int = 0) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "import-families",
        "status": status,
        "by": "user:01900000-0000-7000-8000-00000000b001",
        "asked_at": "2027-09-20T08:00:00Z",
        "parameters": {"import": RUNNING},
        "expected": 12,
        "done": done,
        "refused": refused,
        "failed": 0,
        "ended_at": None if status == "running" else "2027-09-20T08:01:00Z",
    }


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def looked(standing: str = "new", problems: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    sums = {"total": 30_000, "paid": 10_000, "planned": 15_000, "unscheduled": 5_000, "credit": 2_500}
    totals = {name: euros(amount) for name, amount in sums.items()}
    return {"standing": standing, "changed": [], "problems": list(problems), "totals": totals, "sessions": 4}


REPORT = [
    {"item": RUNNING, "outcome": "refused", "problem": "family-changed-since-import", "detail": "An English one."}
]


def answers(front: FakeFront) -> None:
    front.answers["GET /contracts/v1/import-columns"] = {"items": []}
    front.answers["PUT /contracts/v1/import-columns"] = {"items": []}
    front.answers[f"POST {API}"] = lambda _: httpx.Response(201, json=batch(WAITING))
    front.answers[f"POST {API}/{WAITING}/families"] = {"families": [looked()], "waiting": 1}
    front.answers[f"POST {API}/{WAITING}/run"] = lambda _: httpx.Response(202, json=job(JOBS[RUNNING], "waiting", 0))
    front.answers[f"POST {API}/{WAITING}/discarding"] = {**batch(WAITING), "discarded": True}
    for id_ in (WAITING, RUNNING, ENDED):
        front.answers[f"GET {API}/{id_}"] = batch(id_)
    states = ((RUNNING, job(JOBS[RUNNING], "running", 4), []), (ENDED, job(JOBS[ENDED], "done", 11, 1), REPORT))
    for id_, view, lines in states:
        front.answers[f"GET /contracts/v1/jobs/{JOBS[id_]}"] = view
        front.answers[f"GET /contracts/v1/jobs/{JOBS[id_]}/report"] = {"items": lines, "next": None}
