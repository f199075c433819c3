"""The periods of a subscription as people read them (CON-21)."""

from collections.abc import Iterator
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
    """A period, and where it stands on a day: ``past``, ``running``, ``to_come`` or ``cancelled``."""

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


def _standing(line: Json, today: str) -> str:
    if line["state"] != "live":
        return "cancelled"
    if line["last_day"] < today:
        return "past"
    return "running" if line["first_day"] <= today else "to_come"
