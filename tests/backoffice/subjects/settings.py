"""The settings: the school, when instalments are collected, the test clock."""

import httpx

from tests.backoffice.front import FakeFront, problem
from tests.backoffice.registry import Page

ORGANISATION, CALENDAR = "/catalog/v1/organisation", "/payments/v1/collection-calendar"

PAGES = [
    Page("settings", "/settings", role="director", dark=True),
    Page("settings-for-a-secretary", "/settings"),
    Page("settings-organisation", "/settings/organisation", role="director"),
    Page("settings-collection", "/settings/collection", role="cashier"),
    Page("settings-clock", "/settings/clock", role="director"),
]


def answers(front: FakeFront) -> None:
    calendar = {"hour": 6, "retry_after": [3, 7], "asked_on": "2027-09-18"}
    front.answers[f"GET {CALENDAR}"] = lambda _: httpx.Response(200, json=calendar, headers={"ETag": '"2"'})
    front.answers[f"PUT {CALENDAR}"] = calendar
    front.answers["POST /payments/v1/collections"] = lambda _: httpx.Response(202, json=calendar)
    front.answers[f"PUT {ORGANISATION}"] = {"version": 2}
    front.answers[f"POST {ORGANISATION}/clock"] = {"version": 2}


def stale() -> httpx.Response:
    """What a change is answered that somebody else's came before."""
    return problem(412, "version-moved", expected=1, current=2)
