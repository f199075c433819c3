"""The period that the address of a page, or a form on it, asks for: a first and a last day."""

from dataclasses import dataclass
from typing import Annotated, Any, Self

from fastapi import Depends, Query

from backoffice.web.forms import Form
from backoffice.web.visits import AnyVisit


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day, ISO; empty where there is no bound, or the API has a usual one."""

    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, form: Form) -> Self:
        """The period in the fields ``from`` and ``until``; a date that can't be read is an error of its field."""
        return cls(form.day("from", required=False) or "", form.day("until", required=False) or "")

    @property
    def query(self) -> dict[str, Any]:
        """As the APIs take it."""
        return {"from": self.since or None, "until": self.until or None}


async def _of_address(
    visit: AnyVisit, since: Annotated[str, Query(alias="from")] = "", until: Annotated[str, Query()] = ""
) -> tuple[Period, Form]:
    form = Form(visit.language, {"from": since, "until": until})
    return Period.of(form), form


WantedPeriod = Annotated[tuple[Period, Form], Depends(_of_address)]
"""The period of the address, and the form that shows it; a date that can't be read bounds nothing."""
