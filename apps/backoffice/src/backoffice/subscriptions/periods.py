"""The periods of a subscription as people read them (CON-21)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.languages import N_, Language

EVERY = {
    "week": (N_("each week"), N_("every {count} weeks")),
    "month": (N_("each month"), N_("every {count} months")),
    "year": (N_("each year"), N_("every {count} years")),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period, and where it stands on a day: ``past``, ``running``, ``to_come``, ``waiting`` or ``cancelled``."""

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


def waiting(*lines: Sequence[Json]) -> set[str]:
    """The lines of periods that have no days before an open pause is lifted (CON-18)."""
    return {line["id"] for each in lines for line in each if line.get("period") and not line["first_day"]}


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
