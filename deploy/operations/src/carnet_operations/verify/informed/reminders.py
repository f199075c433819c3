"""Reminders went once, and to nobody who wanted none (PAY-10): from the journal of the reminders of an account."""

from collections import Counter
from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report


def check_reminders(aggregate: str, rows: Sequence[Document], kept: Sequence[Document], report: Report) -> None:
    """One reminder a day at most, none by the calendar while they are stopped, and each kept as it was published.

    If a client has stopped them, staff is informed of what that client owes, and the event shows the stop.
    """
    where = f"payments.reminders of {aggregate}"
    sent = [row["data"] for row in rows if name_of(row) == "PaymentsReminded"]
    report.count("reminders", len(sent))
    for day, count in Counter(data["effective_on"] for data in sent).items():
        report.same("PAY-10", where, f"the reminders of {day}", expected=1, found=count)
    stopped = False
    for row in rows:
        match name_of(row):
            case "RemindersStopped" | "RemindersResumed" as name:
                stopped = name == "RemindersStopped"
            case "PaymentsReminded" if stopped and not row["data"].get("by_hand"):
                report.find("PAY-10", where, f"{row['_id']} while reminders are stopped", expected="none", found="one")
            case "RemindersEnded" if stopped and not row["data"].get("stopped"):
                report.find("PAY-10", where, f"{row['_id']} while reminders are stopped", expected="none", found="one")
            case _:
                pass
    published = {data["reminder"]: data["debts"] for data in sent}
    found = {document["_id"]: document["debts"] for document in kept}
    report.same("PAY-10", where, "the reminders that are kept", expected=published, found=found)
