"""``carnet verify`` on reminders: one a day, none if they are stopped, each kept as it was published (PAY-10)."""

from typing import Any

import pytest

from carnet.events.base import Event
from carnet.events.payments import RemindersResumed, RemindersStopped
from carnet.ids import new_id
from carnet_operations.verify.informed.reminders import check_reminders
from carnet_operations.verify.report import Report
from tests.integration.notifications.events import reminded, reminders_ended
from tests.unit.notifications.notification_builders import ACCOUNT, TODAY

Document = dict[str, Any]
FIRST, SECOND = new_id(), new_id()
STOPPED = RemindersStopped(account=ACCOUNT, effective_on=TODAY)
RESUMED = RemindersResumed(account=ACCOUNT, effective_on=TODAY)


def found(events: list[Event], kept: list[Document] | None = None) -> list[str]:
    """What is found of a journal with these events; by default each reminder is kept as it was published."""
    rows = [
        {
            "_id": f"row-{at}",
            "type": f"carnet.payments.{type(event).__name__}.v1",
            "data": event.model_dump(mode="json"),
        }
        for at, event in enumerate(events)
    ]
    sent = [row["data"] for row in rows if "reminder" in row["data"]]
    report = Report()
    documents = [{"_id": data["reminder"], "debts": data["debts"]} for data in sent] if kept is None else kept
    check_reminders("an account", rows, documents, report)
    return [finding.what for finding in report.findings]


def test_pay_10_a_reminder_by_the_calendar_one_by_hand_and_a_stop_between_agree() -> None:
    by_hand = reminded(SECOND, by_hand=True).model_copy(update={"effective_on": TODAY.replace(day=28)})
    assert found([reminded(FIRST), reminders_ended(), STOPPED, by_hand, RESUMED]) == []


@pytest.mark.parametrize("event", [reminded(SECOND), reminders_ended()], ids=lambda event: type(event).__name__)
def test_pay_10_what_goes_while_reminders_are_stopped_is_found(event: Event) -> None:
    assert found([STOPPED, event]) == ["row-1 while reminders are stopped"]
    assert found([STOPPED, RESUMED, event]) == []


def test_pay_10_staff_is_informed_of_a_client_who_stopped_the_reminders() -> None:
    assert found([STOPPED, reminders_ended().model_copy(update={"stopped": True})]) == []


def test_pay_10_two_reminders_of_a_day_are_found() -> None:
    assert found([reminded(FIRST), reminded(SECOND)]) == [f"the reminders of {TODAY.isoformat()}"]


@pytest.mark.parametrize("kept", [[], [{"_id": FIRST, "debts": []}]], ids=["lost", "another"])
def test_pay_10_a_reminder_that_is_not_kept_as_it_was_published_is_found(kept: list[Document]) -> None:
    assert found([reminded(FIRST)], kept) == ["the reminders that are kept"]
