"""The settings: the school, when instalments are collected, the test clock."""

from typing import Any

import httpx

from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import Page

ORGANISATION, CALENDAR = "/catalog/v1/organisation", "/payments/v1/collection-calendar"

PAGES = [
    Page("settings", "/settings", role="director", dark=True),
    Page("settings-for-a-secretary", "/settings"),
    Page("settings-organisation", "/settings/organisation", role="director"),
    Page("settings-collection", "/settings/collection", role="cashier"),
    Page("settings-journal", "/settings/journal", role="director"),
    Page("settings-clock", "/settings/clock", role="director"),
]


def entry(sequence: int, kind: str, **data: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-0000000006c{sequence}",
        "sequence": sequence,
        "type": kind,
        "at": f"2027-06-0{sequence}T09:30:00Z",
        "actor": "user:camille",
        "change": "01900000-0000-7000-8000-0000000006c0",
        "request": None,
        "causation": None,
        "data": data,
        "personal": None,
    }


PROFILE = {
    "organisation": "01900000-0000-7000-8000-000000000001",
    "name": "École Pas de Deux",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "languages": ["fr"],
    "contact": {"email": None, "phone": None, "website": None, "address": "3 rue du Parc\n75010 Paris"},
    "support_email": "support@carnet.example",
    "mode": "test",
    "clock_ahead": 0,
}
OF_SCHOOL = [
    entry(1, "OrganisationChanged", **PROFILE),
    entry(2, "OrganisationChanged", **{**PROFILE, "languages": ["fr", "en"], "clock_ahead": 7 * 86_400 + 3_600}),
]
OF_COLLECTION = [
    entry(1, "CollectionCalendarChanged", hour=6, retry_after=[3, 7]),
    entry(2, "CollectionAsked", on="2027-06-02"),
    entry(3, "CollectionCalendarChanged", hour=None, retry_after=[3, 7]),
]


def answers(front: FakeFront) -> None:
    front.answers[f"GET {ORGANISATION}/journal"] = {"items": OF_SCHOOL, "next": None}
    front.answers[f"GET {CALENDAR}/journal"] = {"items": OF_COLLECTION, "next": "further"}
    settled = [entry(1, "InvoiceSettingsChanged", automatic=True)]
    front.answers["GET /payments/v1/invoice-settings/journal"] = {"items": settled, "next": None}
    moved = entry(1, "ReminderCalendarChanged", active=True, hour=9, days=[-3, 1, 8], order_days=[7], staff_after=15)
    front.answers["GET /payments/v1/reminder-calendar/journal"] = {"items": [moved], "next": None}
    bank = [entry(1, "SepaSettingsChanged", creditor="FR72ZZZ123456", account_ending="0123", lead_days=2)]
    front.answers["GET /payments/v1/sepa-settings/journal"] = {"items": bank, "next": None}
    calendar = {"hour": 6, "retry_after": [3, 7], "asked_on": "2027-09-18"}
    front.answers[f"GET {CALENDAR}"] = lambda _: httpx.Response(200, json=calendar, headers={"ETag": '"2"'})
    front.answers[f"PUT {CALENDAR}"] = calendar
    front.answers["POST /payments/v1/collections"] = lambda _: httpx.Response(202, json=calendar)
    front.answers[f"PUT {ORGANISATION}"] = {"version": 2}
    front.answers[f"POST {ORGANISATION}/clock"] = {"version": 2}


def stale() -> httpx.Response:
    """What a change is answered that somebody else's came before."""
    return problem(412, "version-moved", expected=1, current=2)
