"""A pause of a subscription: what the mails about it, made and lifted, have in common (CON-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.money import Amount
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView


class PauseFacts(ScheduleFacts):
    """The pause of a subscription, with the schedule that answers its change."""

    effective_on: date
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    paused_from: date
    total: Amount


@dataclass(frozen=True, slots=True)
class PauseView(ScheduleView):
    """The variables of the templates."""

    effective_on: date
    name: str
    participant: str
    paused_from: date


def sampled(currency: str) -> dict[str, Any]:
    """The facts of a pause from August on."""
    return {
        "contract": CONTRACT,
        "mode": "online",
        "currency": currency,
        "effective_on": TODAY,
        "name": "Studio",
        "paused_from": date(2027, 8, 1),
        "total": 22_500,
        "balance": balance_of(22_500, 18_000),
        "instalments": instalments_of(4_500),
    }
