"""A contract of a subscription."""

from typing import Any

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import changes, opening
from tests.backoffice.subjects import contracts as given

SUBSCRIBED = "01900000-0000-7000-8000-0000000051c7"
LINES = [f"01900000-0000-7000-8000-0000000001b{n}" for n in range(1, 5)]

ENDED = "01900000-0000-7000-8000-0000000051c8"
ASKED = "01900000-0000-7000-8000-0000000051ca"
PAUSED = "01900000-0000-7000-8000-0000000051c9"

PAGES = [
    Page("subscription", f"/contracts/{SUBSCRIBED}/subscription", dark=True),
    Page("subscription-cancelled", f"/contracts/{ENDED}/subscription"),
    Page("subscription-asked", f"/contracts/{ASKED}/subscription"),
    Page("subscriptions-asked", "/contracts?asked_to_cancel=true"),
    Page("subscription-price", f"/contracts/{SUBSCRIBED}/subscription/price"),
    Page("subscription-paused", f"/contracts/{PAUSED}/subscription"),
    Page("subscription-paused-schedule", f"/contracts/{PAUSED}/schedule"),
    Page("subscription-pause", f"/contracts/{SUBSCRIBED}/subscription/pause"),
    Page("subscription-lift", f"/contracts/{PAUSED}/subscription/pause/lifting"),
    Page("subscription-cancel", f"/contracts/{SUBSCRIBED}/subscription/cancellation"),
]


def period(number: int, first: str, last: str, **facts: Any) -> dict[str, Any]:
    name = "Accès libre aux studios"
    return given.line(
        LINES[number - 1], "subscription", name, 13500, 13500, participant=given.LEA, period=number, first_day=first,
        last_day=last, **facts,
    )  # fmt: skip


SUBSCRIPTION = {
    "product": given.NAMES["product"],
    "name": "Accès libre aux studios",
    "participant": given.LEA,
    "unit": "month",
    "every": 3,
    "minimum": 2,
    "minimum_until": "2027-10-29",
    "first_day": "2027-04-30",
    "renews_on": "2027-10-30",
    "renewal_announced": False,
    "price": given.euros(13500),
    "periods": 3,
    "next_period": {
        "number": 4,
        "first_day": "2028-01-30",
        "last_day": "2028-04-29",
        "price": given.euros(13500),
        "billed_on": "2027-10-30",
    },
    "cancellation_fee": given.euros(2500),
    "cancellation": None,
    "cancellation_request": None,
    "pausable": True,
    "pauses": [],
}

CONTRACT_VIEW = {
    **given.CONTRACT_VIEW,
    "id": SUBSCRIBED,
    "number": "2027-0061",
    "sale": {"start": "at_once"},
    "total": given.euros(40500),
    "live_lines": 3,
    "subscription": SUBSCRIPTION,
    "lines": [
        period(1, "2027-04-30", "2027-07-29"),
        period(2, "2027-07-30", "2027-10-29"),
        period(3, "2027-10-30", "2028-01-29"),
    ],
}


CANCELLED = {
    **SUBSCRIPTION,
    "next_period": None,
    "cancellation": {"on": "2027-10-10", "ends_on": "2027-10-09", "by_days": True},
}
ENDED_VIEW = {
    **CONTRACT_VIEW,
    "id": ENDED,
    "subscription": CANCELLED,
    "lines": [
        period(1, "2027-04-30", "2027-07-29"),
        period(2, "2027-07-30", "2027-10-09"),
        period(3, "2027-10-30", "2028-01-29", state="cancelled", cancelled_on="2027-09-20"),
    ],
}
PAUSE = {
    "on": "2027-10-01", "months": None, "period": 3, "first_day": "2027-10-30", "resumes_on": None, "lifted_on": None,
}  # fmt: skip
ON_PAUSE = {**SUBSCRIPTION, "minimum_until": None, "renews_on": None, "next_period": None, "pauses": [PAUSE]}
PAUSED_VIEW = {
    **CONTRACT_VIEW,
    "id": PAUSED,
    "subscription": ON_PAUSE,
    "lines": [*CONTRACT_VIEW["lines"][:2], {**CONTRACT_VIEW["lines"][2], "first_day": None, "last_day": None}],
}
ASKED_VIEW = {
    **CONTRACT_VIEW,
    "id": ASKED,
    "subscription": {**SUBSCRIPTION, "cancellation_request": {"on": "2027-11-01", "asked_on": "2027-09-18"}},
}
PAUSE_PREVIEW = {
    **opening.PREVIEW,
    "total": {"before": given.euros(40500), "after": given.euros(40500)},
    "lines": {"before": CONTRACT_VIEW["lines"], "after": PAUSED_VIEW["lines"]},
    "subscription": ON_PAUSE,
    "schedule": {
        "before": changes.moment(27000, [("2027-10-30", 13500)]),
        "after": changes.moment(27000, [(None, 13500)]),
    },
}  # fmt: skip
for _moment in PAUSE_PREVIEW["schedule"].values():
    _moment["instalments"][0]["line"] = LINES[2]
PAUSED_SCHEDULE = {
    **given.SCHEDULE,
    "contract": PAUSED,
    "instalments": [given.instalment(9, None, 13500, line=LINES[2], paused=True)],
}
PRICE_PREVIEW = {
    **opening.PREVIEW,
    "lines": {"before": CONTRACT_VIEW["lines"], "after": CONTRACT_VIEW["lines"]},
    "subscription": {**SUBSCRIPTION, "price": given.euros(14000)},
    "schedule": PAUSE_PREVIEW["schedule"],
}
LIFTING_PREVIEW = {
    **PAUSE_PREVIEW,
    "lines": {"before": PAUSED_VIEW["lines"], "after": CONTRACT_VIEW["lines"]},
    "subscription": {
        **SUBSCRIPTION, "pauses": [{**PAUSE, "lifted_on": "2027-11-05", "resumes_on": "2027-11-05"}],
    },
    "schedule": {"before": PAUSE_PREVIEW["schedule"]["after"], "after": PAUSE_PREVIEW["schedule"]["before"]},
}  # fmt: skip
PREVIEW = {
    **opening.PREVIEW,
    "lines": {"before": CONTRACT_VIEW["lines"], "after": ENDED_VIEW["lines"]},
    "subscription": CANCELLED,
    "advice": [{"name": "within-minimum-term", "detail": "It is within the minimum term.", "rule": "CON-17"}],
    "schedule": {"before": changes.moment(6000, [("2027-10-05", 6000)]), "after": changes.moment(6000, [])},
}


STANDINGS = [
    {"contract": PAUSED, "name": "Accès libre aux studios", "participant": given.LEA, "status": "paused", "on": None},
    {"contract": ENDED, "name": "Casier", "participant": None, "status": "ended", "on": "2027-06-30"},
]


def answers(front: FakeFront) -> None:
    front.answers[f"GET /contracts/v1/accounts/{given.ACCOUNT}/subscriptions"] = {"items": STANDINGS, "next": None}
    for contract, view in ((ENDED, ENDED_VIEW), (PAUSED, PAUSED_VIEW), (ASKED, ASKED_VIEW)):
        front.answers[f"GET /contracts/v1/contracts/{contract}"] = view
        front.answers[f"GET /payments/v1/schedules/{contract}"] = {**given.SCHEDULE, "contract": contract}
    subscription = f"POST /contracts/v1/contracts/{SUBSCRIBED}/subscription"
    front.answers[f"{subscription}/pause/preview"] = PAUSE_PREVIEW
    front.answers[f"{subscription}/price/preview"] = PRICE_PREVIEW
    front.answers[f"GET /payments/v1/schedules/{PAUSED}"] = PAUSED_SCHEDULE
    front.answers[f"GET /payments/v1/schedules/{PAUSED}/payments"] = {"items": [], "next": None}
    front.answers[f"POST /contracts/v1/contracts/{PAUSED}/subscription/pause/lifting/preview"] = LIFTING_PREVIEW
    front.answers[f"POST /contracts/v1/contracts/{SUBSCRIBED}/subscription/cancellation/preview"] = PREVIEW
    front.answers[f"GET /contracts/v1/contracts/{SUBSCRIBED}"] = CONTRACT_VIEW
    front.answers[f"GET /payments/v1/schedules/{SUBSCRIBED}"] = {**given.SCHEDULE, "contract": SUBSCRIBED}
    address = f"GET /contracts/v1/accounts/{given.ACCOUNT}/purchases"
    known = front.answers[address]
    mine = [
        {**known["items"][0], "contract": SUBSCRIBED, "line": line, "payment": payment}
        for line, payment in zip(LINES, ("paid", "partly_paid", "unpaid"), strict=False)
    ]
    front.answers[address] = {**known, "items": [*known["items"], *mine]}
