"""What is kept of a schedule, its payments, its row of the follow-up, what is heard of it: all as its journal tells."""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.replayed import ReplayedContract
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import RetoldPayment, by_credit
from carnet_operations.verify.schedules.replayed import RetoldSchedule, check_balance

Data = Mapping[str, Any]


def check_schedule(contract: ReplayedContract, retold: RetoldSchedule, document: Document, report: Report) -> None:
    """The schedule that is kept is the one told last and covers the newest change."""
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
    if retold.last is not None:
        report.same("PAY-2", where, "the balance told last", expected=dict(retold.last["balance"]), found=balance)
        _check_instalments(retold.last["instalments"], document["instalments"], where, report)
    opened = contract.opened or {}
    for name in ("account", "mode", "currency"):
        report.same("PAY-7", where, name, expected=opened.get(name), found=document[name])
    report.same("CON-27", where, "the number", expected=opened.get("number"), found=document.get("number"))
    report.same("PAY-9", where, "what is lost and not dealt with", expected=retold.ledger.lost,
                found=document.get("lost", 0))  # fmt: skip
    _check_attempts(retold, document, where, report)


def _check_instalments(told: Sequence[Data], kept: Sequence[Document], where: str, report: Report) -> None:
    shown = [{**each, "held": each["cheque"] is not None} for each in kept]
    # Only what is told: an entry that an older release wrote tells less.
    fields = [tuple(each) for each in told] if len(told) == len(shown) else [("id", "due", "amount")] * len(shown)
    found = [{name: each[name] for name in names} for each, names in zip(shown, fields, strict=True)]
    report.same("PAY-2", where, "the instalments told last", expected=[dict(each) for each in told], found=found)


def _check_attempts(retold: RetoldSchedule, document: Document, where: str, report: Report) -> None:
    """What is being attempted, and what client credits pay, is as told (PAY-6, CRE-3)."""
    told = {id_: (each.amount, each.credit) for id_, each in retold.ledger.open_attempts.items()}
    found = {each["id"]: (_attempted(each), each["credit"]) for each in document["attempts"]}
    report.same("PAY-6", where, "the attempts without an outcome", expected=told, found=found)
    uses = by_credit([(use["credit"], use["amount"]) for use in document["credit_uses"]])
    report.same("CRE-3", where, "what each client credit pays", expected=retold.ledger.by_credit, found=uses)


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


def check_payments(retold: RetoldSchedule, payments: Sequence[Document], report: Report) -> None:
    """Each payment is as told."""
    report.count("payments", len(payments))
    kept = {payment["_id"]: payment for payment in payments}
    told = retold.ledger.payments
    for payment in sorted(kept.keys() | told.keys()):
        place = f"payments.payments {payment}"
        amount = told[payment].amount if payment in told else None
        found = kept[payment]["amount"] if payment in kept else None
        report.same("PAY-7", place, "the amount, as PaymentCollected told it", expected=amount, found=found)
        if payment in told and payment in kept:
            _check_back(told[payment], kept[payment], place, report)


def _check_back(told: RetoldPayment, payment: Document, where: str, report: Report) -> None:
    report.same("PAY-4", where, "what was refunded of it", expected=told.refunded, found=payment.get("refunded", 0))
    report.same("PAY-13", where, "what the bank took back of it", expected=told.reversed,
                found=payment.get("reversed", 0))  # fmt: skip
    report.same("PAY-13", where, "what the bank took beyond what the contract had", expected=told.beyond,
                found=payment.get("beyond", 0))  # fmt: skip
    report.same("PAY-9", where, "what of that was dealt with", expected=told.resolved,
                found=payment.get("resolved", 0))  # fmt: skip
    report.same("PAY-19", where, "whether it was voided", expected=told.voided, found=bool(payment.get("voided")))


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


def check_heard(retold: RetoldSchedule, contract: str, heard: Document | None, report: Report) -> None:
    """Contracts has heard the newest version of the schedule (CON-3)."""
    if retold.last is None:
        return
    where = f"contracts.schedules {contract}"
    if heard is None:
        report.find("CON-3", where, "the schedule heard of", expected=f"version {retold.versions}", found=None)
        return
    expected = (retold.versions, retold.last["covers"], dict(retold.last["balance"]))
    found = (heard["version"], heard["covers"], heard["balance"])
    report.same("CON-3", where, "version, version covered and balance heard", expected=expected, found=found)


def balance_of(document: Document) -> dict[str, int]:
    """The balance of a schedule that is kept, added up from its parts, as it would be told."""
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
