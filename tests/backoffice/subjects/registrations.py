"""What a family is registered for: a pass of all, a child with everything, an adult with nothing (CON-14)."""

from typing import Any

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects import contracts

ACCOUNT = NAMES["account"]
PAGES = [Page("registrations", "/accounts/{account}/registrations", dark=True)]

ON = {"contract": NAMES["contract"], "contract_number": "2027-0042"}
LINE = "01900000-0000-7000-8000-0000000009b1"


def a_pass(name: str, **more: Any) -> dict[str, Any]:
    plain = {"sessions": 10, "left": 3, "expires_on": "2028-06-30", "starts_at_first_use": False}
    return {**ON, "pack": LINE, "name": name, **plain, **more}


def membership(name: str, status: str, on: str | None, line: str | None = None) -> dict[str, Any]:
    return {**ON, "line": line, "name": name, "status": status, "on": on}


def activity(name: str, first: str | None, last: str | None, on: str | None) -> dict[str, Any]:
    sitting = on and {"on": on, "starts": "17:30", "ends": "19:00"}
    plain = {"line": LINE, "product": LINE, "format": "à l’année", "first_day": first, "last_day": last}
    return {**ON, "name": name, **plain, "next": sitting}


LEA = {
    "member": contracts.LEA,
    "first_name": "Léa",
    "last_name": "Martin",
    "memberships": [
        membership("Studio", "pause_to_come", "2027-12-01"),
        membership("Adhésion", "active_until", "2028-08-31", LINE),
        membership("Amis de l’école", "active", None, LINE),
    ],
    "passes": [
        a_pass("Cinq ateliers", sessions=5, left=5, expires_on=None, starts_at_first_use=True),
        a_pass("Accès libre", sessions=None, left=None),
    ],
    "activities": [
        activity("Danse classique", "2027-09-06", "2028-06-26", "2027-09-27"),
        activity("Stage d’hiver", "2028-02-07", "2028-02-11", "2028-02-07"),
        activity("Chorale", None, None, None),
    ],
}
INES = {
    "member": contracts.INES,
    "first_name": "Inès",
    "last_name": "Martin",
    "memberships": [],
    "passes": [],
    "activities": [],
}


def answers(front: FakeFront) -> None:
    front.answers[f"GET /contracts/v1/accounts/{ACCOUNT}/registrations"] = {
        "account": ACCOUNT,
        "on": "2027-09-20",
        "family": {"passes": [a_pass("Dix cours pour la famille")], "activities": []},
        "members": [INES, LEA],
    }
