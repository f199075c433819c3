"""The periods of a subscription as people read them (CON-21)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backoffice.apis import Json
from backoffice.languages import N_, Language

EVERY = {
    "week": (N_("each week"), N_("every {count} weeks")),
    "month": (N_("each month"), N_("every {count} months")),
    "year": (N_("each year"), N_("every {count} years")),
}


STATUSES = {
    "soon_active": ("calm", N_("soon active"), N_("active from {day}")),
    "active_recurring": ("ok", N_("active"), N_("active")),
    "active": ("ok", N_("active"), N_("active")),
    "active_until": ("ok", N_("active"), N_("active until {day}")),
    "paused": ("wait", N_("paused until you lift the pause"), N_("paused, goes on on {day}")),
    "pause_to_come": ("wait", N_("pause to come"), N_("pause to come, from {day}")),
    "cancellation_requested": ("wait", N_("cancellation asked for"), N_("cancellation asked for from {day}")),
    "cancellation_to_come": ("late", N_("cancellation to come"), N_("cancelled, until {day}")),
    "ended": ("calm", N_("cancelled before it began"), N_("ended on {day}")),
}
"""The status of a subscription: its colour, and its words without a day and with one (CON-14)."""


def status(standing: Json, language: Language) -> tuple[str, str]:
    """The colour and the words of the status of a subscription."""
    colour, alone, with_day = STATUSES.get(standing["status"], ("calm", standing["status"], standing["status"]))
    if standing["on"] is None:
        return colour, language.gettext(alone)
    return colour, language.gettext(with_day).format(day=language.day(date.fromisoformat(standing["on"])))


@dataclass(frozen=True, slots=True)
class Period:
    """A period, and its status on a day: ``past``, ``running``, ``to_come``, ``waiting`` or ``cancelled``."""

    line: Json
    standing: str


def every(subscription: Json, language: Language) -> str:
    """How often it is paid, in words."""
    words = EVERY.get(subscription["unit"])
    if words is None:  # a unit of a newer release
        return f"{subscription['every']} {subscription['unit']}"
    one, many = words
    return (
        language.gettext(one)
        if subscription["every"] == 1
        else language.gettext(many).format(count=language.number(subscription["every"]))
    )


def periods(contract: Json, today: str) -> Iterator[Period]:
    """The periods of a contract, the newest first."""
    for line in sorted(contract["lines"], key=lambda line: line["period"] or 0, reverse=True):
        if line["period"] is not None:
            yield Period(line, _standing(line, today))


def pause_of(subscription: Json, today: str) -> Json | None:
    """The pause that is to come or under way."""
    last = next(reversed(subscription["pauses"]), None)
    return last if last and (last["resumes_on"] is None or last["resumes_on"] > today) else None


def _standing(line: Json, today: str) -> str:
    if line["state"] != "live":
        return "cancelled"
    if line["first_day"] is None:
        return "waiting"
    if line["last_day"] < today:
        return "past"
    return "running" if line["first_day"] <= today else "to_come"
