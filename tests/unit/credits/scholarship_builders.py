"""Funds, scholarships and requests for tests."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from carnet.decisions import Actor, Context
from carnet.events.scholarship_uses import ScholarshipUse, ScholarshipUseRequested
from credits.scholarships.domain.fund import Fund
from credits.scholarships.domain.scholarship import Scholarship

DAY = date(2027, 1, 31)


def an_id(number: int) -> str:
    """The id of that number."""
    return f"00000000-0000-7000-8000-{number:012}"


ORGANISATION, FUND, SCHOLARSHIP, ACCOUNT, MEMBER, CONTRACT, COURSE = (an_id(9000 + number) for number in range(7))


def a_context(new_id: Callable[[], str] | None = None) -> Context:
    """A context of that day."""
    numbers = count(5000)
    return Context(
        now=datetime(2027, 1, 31, 9, tzinfo=UTC),
        today=DAY,
        actor=Actor("user", "claire"),
        change=an_id(999),
        new_id=new_id or (lambda: an_id(next(numbers))),
    )


def a_fund(**fields: Any) -> Fund:
    """A fund of 1,000 euros, from that day on, unless other fields are given."""
    given = {"name": "Fonds solidaire", "budget": 100_000, "currency": "EUR", "first_day": DAY, **fields}
    return Fund.model_validate({"id": FUND, "organisation": ORGANISATION, "version": 1, **given})


def a_scholarship(**fields: Any) -> Scholarship:
    """A scholarship of 600 euros to one member, unless other fields are given."""
    given = {"fund": FUND, "account": ACCOUNT, "member": MEMBER, "amount": 60_000, "left": 60_000, **fields}
    known = {"id": SCHOLARSHIP, "organisation": ORGANISATION, "version": 1, "currency": "EUR", "awarded_on": DAY}
    return Scholarship.model_validate({**known, **given})


def using(line: int = 1, **fields: Any) -> ScholarshipUse:
    """What the scholarship is to cover of a line: 100 euros of a course, unless other fields are given."""
    given = {"scholarship": SCHOLARSHIP, "product": COURSE, "name": "Jazz", "kind": "course", "amount": 10_000}
    return ScholarshipUse.model_validate({"line": an_id(line), "participant": MEMBER, **given, **fields})


def requested(*uses: ScholarshipUse, **fields: Any) -> ScholarshipUseRequested:
    """The request for these uses."""
    given = {"contract": CONTRACT, "account": ACCOUNT, "request": an_id(999), "currency": "EUR", "effective_on": DAY}
    return ScholarshipUseRequested.model_validate({**given, "uses": uses, **fields})
