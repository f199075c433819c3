"""The documents of a schedule agree with its journal.

EVT-1: the kept schedule covers the newest change and has the balance and instalments published last. PAY-4, PAY-7,
PAY-13, PAY-19: its payments are those published, with what went back of them, and ``paid`` is their sum. PAY-9: the
follow-up shows its figures. CON-3: contracts has received its newest version.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import ReplayedPayment, by_credit
from carnet_operations.verify.schedules.replayed import ReplayedSchedule, check_balance

Data = Mapping[str, Any]


def check_schedule(contract: ReplayedContract, replayed: ReplayedSchedule, document: Document, report: Report) -> None:
    """The kept schedule is the one published last and covers the newest change (EVT-1)."""
    where = f"payments.schedules {contract.id}"
    report.count("schedules")
    balance = balance_of(document)
    check_balance(balance, document["instalments"], where, report)
    report.same("CON-1", where, "the total", expected=contract.total, found=document["total"])
    newest = contract.changes[-1] if contract.changes else None
    if newest is not None:
        report.same("EVT-1", where, "the version of the contract covered", expected=newest.version,
                    found=document["covers"])  # fmt: skip
        report.same("PAY-8", where, "the live lines", expected=newest.live_lines, found=document["live_lines"])
    if replayed.last is not None:
        report.same(
            "PAY-2", where, "the balance published last", expected=dict(replayed.last["balance"]), found=balance
        )
        _check_instalments(replayed.last["instalments"], document, where, report)
    opened = contract.opened or {}
    for name in ("account", "mode", "currency"):
        report.same("PAY-7", where, name, expected=opened.get(name), found=document[name])
    report.same("CON-27", where, "the number", expected=opened.get("number"), found=document.get("number"))
    report.same("PAY-9", where, "what is lost and not dealt with", expected=replayed.ledger.lost,
                found=document.get("lost", 0))  # fmt: skip
    _check_attempts(replayed, document, where, report)


def _check_instalments(published: Sequence[Data], schedule: Document, where: str, report: Report) -> None:
    # Those of charges that have no date before an open pause is lifted (CON-18).
    waiting = {(each["line"], each["due"]) for each in schedule.get("charges", ()) if each.get("paused")}
    shown = [
        {**each, "held": each["cheque"] is not None, "paused": (each.get("line"), each["due"]) in waiting}
        for each in schedule["instalments"]
    ]
    # Only the published fields: an entry that an older release wrote has fewer.
    of_each = [tuple(each) for each in published]
    fields = of_each if len(of_each) == len(shown) else [("id", "due", "amount")] * len(shown)
    found = [{name: each[name] for name in names} for each, names in zip(shown, fields, strict=True)]
    report.same(
        "PAY-2", where, "the instalments published last", expected=[dict(each) for each in published], found=found
    )


def _check_attempts(replayed: ReplayedSchedule, document: Document, where: str, report: Report) -> None:
    """The open attempts, and what client credits pay, are as published (PAY-6, CRE-3)."""
    published = {id_: (each.amount, each.credit) for id_, each in replayed.ledger.open_attempts.items()}
    found = {each["id"]: (_attempted(each), each["credit"]) for each in document["attempts"]}
    report.same("PAY-6", where, "the attempts without an outcome", expected=published, found=found)
    uses = by_credit([(use["credit"], use["amount"]) for use in document["credit_uses"]])
    report.same("CRE-3", where, "what each client credit pays", expected=replayed.ledger.by_credit, found=uses)


def check_paid(
    document: Document, payments: Sequence[Document], settlements: Sequence[Document], report: Report
) -> None:
    """``paid`` is what was received, and what credits pay, less what has left again (PAY-4, PAY-7, PAY-13, PAY-19)."""
    received = sum(payment["amount"] - _back(payment) for payment in payments if not payment.get("voided"))
    received += sum(use["amount"] for use in document["credit_uses"])
    live = (each for each in settlements if not each.get("voided"))
    received -= sum(each["amount"] for each in live if each["how"] != "refunded")
    where = f"payments.schedules {document['_id']}"
    report.same("PAY-7", where, "paid, the sum of its payments", expected=received, found=document["paid"])


def check_payments(replayed: ReplayedSchedule, payments: Sequence[Document], report: Report) -> None:
    """Each payment is as published, with what went back of it (PAY-4, PAY-7, PAY-13)."""
    report.count("payments", len(payments))
    kept = {payment["_id"]: payment for payment in payments}
    published = replayed.ledger.payments
    for payment in sorted(kept.keys() | published.keys()):
        place = f"payments.payments {payment}"
        amount = published[payment].amount if payment in published else None
        found = kept[payment]["amount"] if payment in kept else None
        report.same("PAY-7", place, "the amount, as PaymentCollected has it", expected=amount, found=found)
        if payment in published and payment in kept:
            _check_back(published[payment], kept[payment], place, report)


def _check_back(published: ReplayedPayment, payment: Document, where: str, report: Report) -> None:
    report.same(
        "PAY-4", where, "what was refunded of it", expected=published.refunded, found=payment.get("refunded", 0)
    )
    report.same("PAY-13", where, "what the bank took back of it", expected=published.reversed,
                found=payment.get("reversed", 0))  # fmt: skip
    report.same("PAY-13", where, "what the bank took beyond what the contract had", expected=published.beyond,
                found=payment.get("beyond", 0))  # fmt: skip
    report.same("PAY-9", where, "what of that was dealt with", expected=published.resolved,
                found=payment.get("resolved", 0))  # fmt: skip
    report.same("PAY-19", where, "whether it was voided", expected=published.voided, found=bool(payment.get("voided")))


def _back(payment: Document) -> int:
    back: int = payment.get("refunded", 0) + payment.get("reversed", 0)
    return back


def check_follow_up(document: Document, row: Document | None, report: Report) -> None:
    """The follow-up shows the schedule as it is (PAY-9)."""
    where = f"payments.follow_ups {document['_id']}"
    if row is None:
        report.find("PAY-9", where, "the row of the follow-up", expected="one", found=None)
        return
    balance = balance_of(document)
    due = balance["planned"] + balance["unscheduled"]
    expected = {"version": document["version"], "total": balance["total"], "paid": balance["paid"], "due": due,
                "refund_due": balance["refund_due"]}  # fmt: skip
    report.same("PAY-9", where, "the figures", expected=expected, found={name: row[name] for name in expected})
    report.same("PAY-9", where, "what is lost", expected=document.get("lost", 0), found=row.get("lost", 0))
    report.same("CON-27", where, "the number", expected=document.get("number"), found=row.get("number"))


def check_known(replayed: ReplayedSchedule, contract: str, known: Document | None, report: Report) -> None:
    """Contracts has received the newest version of the schedule (CON-3)."""
    if replayed.last is None:
        return
    where = f"contracts.schedules {contract}"
    if known is None:
        report.find("CON-3", where, "the schedule received", expected=f"version {replayed.versions}", found=None)
        return
    expected = (replayed.versions, replayed.last["covers"], dict(replayed.last["balance"]))
    found = (known["version"], known["covers"], known["balance"])
    report.same("CON-3", where, "version, version covered and balance received", expected=expected, found=found)
    if "due_since" in known:  # an older release did not keep it
        instalments = (each for each in replayed.last["instalments"] if not each["held"] and not each.get("paused"))
        due = min((each["due"] for each in instalments), default=None)
        report.same("CON-20", where, "the first due date received", expected=due, found=known["due_since"])


def balance_of(document: Document) -> dict[str, int]:
    """The balance of a kept schedule, added up from its parts, as an event has it."""
    processing = sum(_attempted(attempt) for attempt in document["attempts"])
    return {
        "total": document["total"],
        "paid": document["paid"],
        "processing": processing,
        "planned": sum(instalment["amount"] for instalment in document["instalments"]),
        "unscheduled": document["unscheduled"],
        "refund_due": document["refund_due"],
    }


def _attempted(attempt: Document) -> int:
    amount: int = attempt["unscheduled"] + sum(part["amount"] for part in attempt["taken"])
    return amount
