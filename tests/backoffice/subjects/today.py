"""The page of the day."""

from typing import Any

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page

PAGES = [Page("today", "/today", dark=True), Page("today-cashier", "/today", role="cashier")]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def figure(count: int, amount: int) -> dict[str, Any]:
    return {"count": count, "amount": euros(amount)}


RECEIVED = (0, 120000, 98000, 310000, 512000, 421050, 0, 0, 0, 0, 0, 0)
PLANNED = (0, 0, 0, 8000, 118000, 260000, 611000, 580000, 402500, 398000, 120000, 64000)
MONTHS = [*(f"2027-{month:02}" for month in range(4, 13)), "2028-01", "2028-02", "2028-03"]


FIGURES = {
    "today": "2027-09-20",
    "due_today": figure(7, 56700),
    "late": figure(12, 126000),
    "failed": figure(3, 24300),
    "to_refund": figure(1, 5400),
    "awaiting_correction": figure(2, 8400),
    "in_attempt": figure(4, 32400),
    "awaiting_credits": figure(1, 5000),
    "cheques_to_deposit": figure(14, 112000),
    "to_remit": figure(31, 325500),
    "lost": figure(0, 0),
    "months": [
        {"month": month, "planned": euros(planned), "received": euros(received)}
        for month, planned, received in zip(MONTHS, PLANNED, RECEIVED, strict=True)
    ],
}


def answers(front: FakeFront) -> None:
    front.answers["GET /payments/v1/figures"] = FIGURES
    front.answers.setdefault("GET /contracts/v1/contracts", {"items": [], "next": None})
    front.answers.setdefault("GET /notifications/v1/mails", {"items": [], "next": None})
