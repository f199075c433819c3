"""Payment reminders: today's, the calendar, a family's."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import NAMES, Page
from tests.backoffice.subjects.contracts import CONTRACT, euros

API = f"/payments/v1/accounts/{NAMES['account']}/reminders"

PAGES = [
    Page("reminders-today", "/reminders", dark=True),
    Page("reminders-settings", "/reminders/settings"),
    Page("reminders-family", "/accounts/{account}/reminders"),
]


def debt(kind: str, due: str, amount: int, **more: Any) -> dict[str, Any]:
    shown = {"contract": CONTRACT, "number": "2027-0051", "instalment": None, "collected": False}
    return {**shown, "kind": kind, "due": due, "amount": euros(amount), **more}


DEBTS = [
    debt("late", "2027-09-05", 12000),
    debt("today", "2027-10-12", 8000),
    debt("order", "2027-09-28", 30000, number=None),
    debt("coming", "2027-10-15", 4500, collected=True),
    debt("hologram", "2027-10-15", 100),
]
CALENDAR = {
    "active": True,
    "active_since": "2027-09-01",
    "hour": 9,
    "steps": [
        {"days": -3, "text_fr": "", "text_en": ""},
        {"days": 1, "text_fr": "Petit rappel amical !", "text_en": "A friendly reminder."},
        {"days": 8, "text_fr": "", "text_en": ""},
    ],
    "order_steps": [{"days": 3, "text_fr": "", "text_en": "", "code": "RENTREE10"}],
    "staff_after": 22,
}
DUE = [
    {"account": NAMES["account"], "owner": "Camille Morel", "number": "2027-0007", "debts": DEBTS, "staff_told": []},
    {"account": NAMES["account"], "owner": None, "number": None, "debts": [], "staff_told": DEBTS[:1]},
]
SENT = {
    "id": "r",
    "on": "2027-10-04",
    "at": "2027-10-04T07:00:00Z",
    "by": "user:ines",
    "by_hand": True,
    "debts": DEBTS[:1],
    "text": "Passez nous voir.",
}
FAMILY = {
    "stopped": False,
    "stopped_by": None,
    "stopped_on": None,
    "paused": True,
    "last_on": "2027-10-04",
    "due": DEBTS[:3],
    "reminders": {"items": [SENT, {**SENT, "by_hand": False, "text": ""}], "next": "further"},
}


def answers(front: FakeFront) -> None:
    front.answers["GET /payments/v1/reminders/today"] = lambda _: httpx.Response(
        200, json={"items": DUE, "next": "further"}
    )
    front.answers["GET /payments/v1/reminder-calendar"] = lambda _: httpx.Response(
        200, json=CALENDAR, headers={"ETag": '"3"'}
    )
    front.answers["PUT /payments/v1/reminder-calendar"] = lambda _: httpx.Response(200, json=CALENDAR)
    front.answers[f"GET {API}"] = lambda _: httpx.Response(200, json=FAMILY)
    front.answers[f"POST {API}"] = lambda _: httpx.Response(201, json=SENT)
    front.answers[f"POST {API}/stop"] = lambda _: httpx.Response(200, json={"stopped": True})
    front.answers[f"POST {API}/resume"] = lambda _: httpx.Response(200, json={"stopped": False})
