"""Payment methods, calendars and the dates of collection agree with their journals.

PAY-6: an organisation collects by the calendar published last. PAY-11: the run finds each schedule by its earliest
date of collection, so none is forgotten. PAY-12: an account has the methods that were added and not removed, one of
them its default, and no instalment waits for a method while there is one.
"""

from collections.abc import Sequence
from typing import Any

from carnet.journal import slot_of
from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

OF_AN_ACCOUNT = frozenset({"PaymentMethodAdded", "PaymentMethodPreferred", "PaymentMethodRemoved"})
OF_AN_ORGANISATION = frozenset(
    {
        "CollectionCalendarChanged",
        "CollectionAsked",
        "InvoiceSettingsChanged",
        "SepaSettingsChanged",
        "ReminderCalendarChanged",
        "BooksSettingsChanged",
        "PeriodClosed",
    }
)
OF_A_PAPER = frozenset({"InvoiceReady", "StatementSendingRequested"})
OF_REMINDERS = frozenset({"PaymentsReminded", "RemindersEnded", "RemindersStopped", "RemindersResumed"})
OF_THE_BANK = frozenset(
    {
        "MandateSigned",
        "MandateEnded",
        "MandateInvitationRequested",
        "DebitsAnnounced",
        "DebitsCalledOff",
        "RemittanceBuilt",
        "RemittanceSent",
        "RemittanceTakenBack",
        "RemittanceCollected",
        "RefundFileBuilt",
        "RefundFileSent",
        "RefundFileTakenBack",
        "RefundFileDone",
        "BankFileRead",
        "BankDepositMade",
        "BankDepositUndone",
    }
)
"""The events of payments whose aggregates are accounts, organisations, invoices, statements, reminders, mandates,
invitations, remittances, files of the bank and bank deposits; all others are of contracts."""


def is_about_a_contract(rows: Sequence[Document]) -> bool:
    """Whether these rows of the journal of payments belong to a contract."""
    others = OF_AN_ACCOUNT | OF_AN_ORGANISATION | OF_A_PAPER | OF_REMINDERS | OF_THE_BANK
    return not rows or name_of(rows[0]) not in others


def check_methods(document: Document, rows: Sequence[Document], report: Report) -> None:
    """An account has the payment methods that were added and not removed; one of them is the default (PAY-12)."""
    report.count("accounts with payment methods")
    where = f"payments.payment_methods {document['_id']}"
    methods: dict[str, tuple[str, str]] = {}
    default: str | None = None
    for row in rows:
        data, id_ = row["data"], row["data"]["method"]
        match name_of(row):
            case "PaymentMethodAdded":
                methods[id_] = (data["provider"], data["kind"])
                default = id_ if data["default"] else default
            case "PaymentMethodPreferred":
                default = id_
            case "PaymentMethodRemoved":
                methods.pop(id_, None)
                default = data["default"]
    found = {method["id"]: (method["provider"], method["kind"]) for method in document["methods"]}
    report.same("PAY-12", where, "the payment methods", expected=methods, found=found)
    report.same("PAY-12", where, "the default payment method", expected=default, found=document["default"])
    among = default in methods if methods else default is None
    report.same("PAY-12", where, "whether the default is one of the methods", expected=True, found=among)


def check_waiting(methods: Document, waiting: Sequence[Document], report: Report) -> None:
    """No instalment waits for a payment method while its account has one (PAY-12).

    ``waiting`` are the account's schedules that have instalments which wait.
    """
    if methods["methods"]:
        for schedule in waiting:
            where = f"payments.schedules {schedule['_id']}"
            found = [each["id"] for each in schedule["instalments"] if each["waits_for_method"]]
            report.find("PAY-12", where, "instalments that wait for a payment method", expected=[], found=found)


def check_calendar(document: Document, rows: Sequence[Document], report: Report) -> None:
    """An organisation collects by the calendar that was published last (PAY-6)."""
    report.count("collection calendars")
    published: dict[str, Any] = {}
    for row in rows:
        if name_of(row) == "CollectionAsked":
            published["asked_on"] = row["data"]["on"]
        else:
            published |= row["data"]
    where = f"payments.collection_calendars {document['_id']}"
    report.same("PAY-6", where, "the calendar", expected=published, found={name: document[name] for name in published})


def check_found_by(schedule: Document, report: Report) -> None:
    """The run finds a schedule by its earliest date of collection and its slot, so it forgets none (PAY-11)."""
    dates = [on for each in schedule["instalments"] if (on := _collect_on(each)) and schedule["mode"] == "online"]
    expected = (min(dates, default=None), slot_of(schedule["_id"]))
    where = f"payments.schedules {schedule['_id']}"
    found = (schedule.get("collect_on"), schedule.get("slot"))
    report.same("PAY-11", where, "the date and slot that the run finds it by", expected=expected, found=found)


def _collect_on(instalment: Document) -> str | None:
    outside = ("cheque", "method", "on_request", "gave_up", "waits_for_method")
    if any(instalment.get(name) for name in outside):
        return None
    on: str = instalment.get("next_try") or instalment["due"]
    return on
