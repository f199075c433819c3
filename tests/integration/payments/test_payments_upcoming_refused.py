"""What PAY-5 refuses over HTTP: each command and its preview say alike what to do, and nothing changes."""

from datetime import date
from typing import Any

import pytest

from carnet.events.contracts import Instalments
from carnet.ids import new_id
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.received_records import Family, Story
from tests.refused import problem

FREE, CHEQUE = 0, 1
"""The instalments of the contract, in order of date."""


@pytest.fixture
async def contract(desk: Desk, payments: Payments, family: Family) -> str:
    """A contract of 900 with a free instalment of 500 and a held cheque of 400, at version 2."""
    story = Story(family)
    await payments.handles(story.opened(900, Instalments(count=1, first_due=date(2026, 12, 5))))
    cheque = {"due": "2027-01-05", "amount": euros(400), "bank": "Nord", "holder": "Inès"}
    answer = await desk.post(f"/v1/schedules/{story.contract}/cheques", {"cheques": [cheque]}, version=1)
    assert answer.status_code == 201, answer.text
    return story.contract


Refused = tuple[int, str, dict[str, Any]]
TODAY = {"today": "2026-11-21"}
CASES: list[tuple[int | None, dict[str, Any], Refused]] = [
    (FREE, {"amount": euros(0)}, (422, "zero-amount", {"amount": 0})),
    (FREE, {"amount": euros(501)}, (409, "others-do-not-suffice", {"needed": 1, "available": 0})),
    (FREE, {"amount": {"amount": 1, "currency": "CHF"}}, (422, "other-currency", {})),
    (FREE, {"due": "2026-11-20"}, (422, "past-date", {"due": "2026-11-20", **TODAY})),
    (FREE, {"amount": euros(100), "due": "2026-11-20"}, (422, "past-date", TODAY)),
    (FREE, {"amount": euros(0), "due": "2026-12-06", "method": "card"}, (422, "zero-amount", {})),
    (CHEQUE, {"amount": euros(399)}, (409, "held-cheque-amount", {})),
    (CHEQUE, {"method": "card"}, (409, "held-cheque-method", {})),
    (CHEQUE, {"due": "2026-11-20"}, (422, "past-date", TODAY)),
    (None, {"amount": euros(100)}, (404, "unknown-instalment", {})),
    (None, {"due": "2026-12-06"}, (404, "unknown-instalment", {})),
    (None, {"method": "card"}, (404, "unknown-instalment", {})),
]


async def test_changes_that_pay_5_refuses(desk: Desk, payments: Payments, contract: str) -> None:
    before = await payments.schedule(contract)
    for which, body, (status, slug, params) in CASES:
        named = new_id() if which is None else before.instalments[which].id
        for tail in ("", "/preview"):
            answer = await desk.move(contract, f"instalments/{named}/changes{tail}", body, version=2)
            refused = problem(answer, status, slug)
            assert refused["params"].items() >= params.items(), (body, refused)
    assert await payments.schedule(contract) == before
    assert await payments.names_published(contract) == ["ScheduleCreated", "ScheduleAdjusted"]


async def test_an_instalment_that_is_not_there_is_not_cancelled(
    desk: Desk, payments: Payments, contract: str, family: Family
) -> None:
    other = Story(family)
    await payments.handles(other.opened(900))
    of_another = (await payments.schedule(other.contract)).instalments[0].id
    before = await payments.schedule(contract)
    for named in (new_id(), of_another):
        for tail in ("", "/preview"):
            path = f"instalments/{named}/cancellation{tail}"
            problem(await desk.move(contract, path, None, version=2), 404, "unknown-instalment")
    assert await payments.schedule(contract) == before


async def test_planning_needs_something_unscheduled_and_a_date_to_come(
    desk: Desk, payments: Payments, contract: str
) -> None:
    before = await payments.schedule(contract)
    for tail in ("", "/preview"):
        body = {"count": 3, "first_due": "2026-12-05"}
        answer = await desk.move(contract, f"planning{tail}", body, version=2)
        problem(answer, 409, "nothing-unscheduled")
        answer = await desk.move(contract, f"planning{tail}", body | {"first_due": "2026-11-20"}, version=2)
        assert problem(answer, 422, "past-date")["params"] == {"due": "2026-11-20", "today": "2026-11-21"}
    assert await payments.schedule(contract) == before
