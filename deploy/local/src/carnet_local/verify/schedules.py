"""A payment schedule told again from its journal, and held against contract and payments (PAY-1, 2, 7, 8, EVT-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_local.verify.contracts import Retold
from carnet_local.verify.journals import name_of
from carnet_local.verify.report import Report

Data = Mapping[str, Any]

_TOLD = ("id", "due", "amount", "fixed", "held")
"""What is told of an instalment and compared; how it is to be paid may be told too."""


@dataclass
class RetoldSchedule:
    """A schedule as its journal tells it."""

    last: Data | None = None
    """The last event that carried the balance."""
    answers: list[tuple[str, int]] = field(default_factory=list)
    """The changes answered, each with the version of the contract that the answer covers (EVT-1)."""
    answering: dict[str, Data] = field(default_factory=dict)
    """The answer to each change, by the change."""
    payments: dict[str, int] = field(default_factory=dict)
    paid_at: list[int] = field(default_factory=list)
    """The versions of the contract at which the schedule was fully paid (PAY-8)."""
    versions: int = 0


class Retelling:
    """Tells one schedule again, event by event."""

    def __init__(self, contract: Retold, report: Report) -> None:
        self.retold = RetoldSchedule()
        self._where = f"payments.journal {contract.id}"
        self._report = report
        self._live_lines = {change.version: change.live_lines for change in contract.changes}
        self._totals = {change.version: change.total for change in contract.changes}
        self._refund_told = 0
        self._paid_told = False

    def tell(self, row: Document) -> None:
        """Take the next event of the journal."""
        data, sequence = row["data"], row["sequence"]
        self.retold.versions = sequence
        match name_of(row):
            case "ScheduleCreated" | "ScheduleAdjusted" | "PaymentCollected" as name:
                self._followed_up(sequence)
                self._balanced(name, data, sequence)
            case "RefundLineCreated":
                self._refund(0, data["amount"], sequence)
            case "RefundLineChanged":
                self._refund(data["amount_before"], data["amount_after"], sequence)
            case "RefundLineDropped":
                self._refund(data["amount_before"], 0, sequence)
            case "ContractPaid" | "ContractReopened" as name:
                self._passage(data, sequence, paid=name == "ContractPaid")

    def _balanced(self, name: str, data: Data, sequence: int) -> None:
        before = self.retold.last
        balance = data["balance"]
        check_balance(balance, data["instalments"], f"{self._where} sequence {sequence}", self._report)
        self._same("CON-1", f"the total at {sequence}", self._totals.get(data["covers"]), balance["total"])
        was = before["balance"] if before else None
        if name == "PaymentCollected":
            self.retold.payments[data["payment"]] = data["amount"]
            self._same("PAY-7", f"paid at {sequence}", (was or balance)["paid"] + data["amount"], balance["paid"])
        elif was is not None:
            self._same("PAY-1", f"the balance before {sequence}", was, data["balance_before"])
            self._same("PAY-1", f"paid at {sequence}", was["paid"], balance["paid"])
        if name != "PaymentCollected" and data["change"] is not None:
            self.retold.answers.append((data["change"], data["covers"]))
            self.retold.answering[data["change"]] = data
        if self._fully_paid(data):
            self.retold.paid_at.append(data["covers"])
        self.retold.last = data

    def _refund(self, before: int, after: int, sequence: int) -> None:
        self._same("PAY-2", f"the refund line before {sequence}", self._refund_told, before)
        self._refund_told = after

    def _passage(self, data: Data, sequence: int, *, paid: bool) -> None:
        self._same("PAY-8", f"whether fully paid before {sequence}", not paid, self._paid_told)
        self._same("PAY-8", f"the total at {sequence}", self._totals.get(data["covers"]), data["total"])
        self._paid_told = paid

    def _followed_up(self, sequence: int) -> None:
        """What a move of the schedule has led to was told: the refund line, the passage to fully paid or back."""
        last = self.retold.last
        if last is None:
            return
        self._same("PAY-2", f"the refund line told before {sequence}", last["balance"]["refund_due"], self._refund_told)
        self._same("PAY-8", f"fully paid as told before {sequence}", self._fully_paid(last), self._paid_told)

    def _fully_paid(self, data: Data) -> bool:
        """Whether it has a live line and nothing is planned, unscheduled or processing (PAY-8)."""
        balance = data["balance"]
        due = balance["planned"] or balance["unscheduled"] or balance["processing"]
        return bool(self._live_lines.get(data["covers"])) and not due

    def end(self) -> RetoldSchedule:
        """The schedule, once the journal is at its end."""
        self._followed_up(self.retold.versions + 1)
        return self.retold

    def _same(self, rule: str, what: str, expected: Any, found: Any) -> None:
        self._report.same(rule, self._where, what, expected=expected, found=found)


def retell(contract: Retold, rows: Sequence[Document], report: Report) -> RetoldSchedule:
    """The schedule of ``contract`` as ``rows`` tell it; each change is answered once, in order (EVT-1)."""
    retelling = Retelling(contract, report)
    for row in rows:
        retelling.tell(row)
    retold = retelling.end()
    report.count("changes answered by a schedule", len(retold.answers))
    changes = [(change.id, change.version) for change in contract.changes]
    if changes != retold.answers:
        unanswered = [change for change in changes if change not in retold.answers]
        report.find(
            "EVT-1",
            f"payments.journal {contract.id}",
            "the changes answered, with the version covered",
            expected=f"each once; unanswered: {unanswered[:5]}" if unanswered else changes[:5],
            found=retold.answers[-5:] if unanswered else retold.answers[:5],
        )
    return retold


def check_balance(balance: Data, instalments: Sequence[Data], where: str, report: Report) -> None:
    """The balance identity, its one side that is zero, and nothing below zero."""
    report.count("balances")
    due = balance["planned"] + balance["unscheduled"]
    total = balance["paid"] + balance["processing"] + due - balance["refund_due"]
    report.same("PAY balance", where, "paid + processing + planned + unscheduled − refund due",
                expected=balance["total"], found=total)  # fmt: skip
    if due and balance["refund_due"]:
        found = f"due {due} and to refund {balance['refund_due']}"
        report.find("PAY balance", where, "one side zero", expected="something due or something to refund", found=found)
    if below := {name: amount for name, amount in balance.items() if amount < 0}:
        report.find("PAY balance", where, "amounts", expected="none below zero", found=below)
    planned = sum(instalment["amount"] for instalment in instalments)
    report.same("PAY balance", where, "the sum of the instalments", expected=balance["planned"], found=planned)


def check_schedule(
    contract: Retold, retold: RetoldSchedule, document: Document, payments: Sequence[Document], report: Report
) -> None:
    """The schedule that is kept is the one told last, covers the newest change, and has the payments' sum."""
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
        told = [{name: instalment[name] for name in _TOLD} for instalment in retold.last["instalments"]]
        kept = [_told_of(instalment) for instalment in document["instalments"]]
        report.same("PAY-2", where, "the instalments told last", expected=told, found=kept)
    opened = contract.opened or {}
    for name in ("account", "mode", "currency"):
        report.same("PAY-7", where, name, expected=opened.get(name), found=document[name])
    _check_payments(retold, document, payments, where, report)


def _check_payments(
    retold: RetoldSchedule, document: Document, payments: Sequence[Document], where: str, report: Report
) -> None:
    report.count("payments", len(payments))
    amounts = {payment["_id"]: payment["amount"] for payment in payments}
    received = sum(amounts.values()) + sum(use["amount"] for use in document["credit_uses"])
    report.same("PAY-7", where, "paid, the sum of its payments", expected=received, found=document["paid"])
    for payment in sorted(amounts.keys() | retold.payments.keys()):
        place = f"payments.payments {payment}"
        told, kept = retold.payments.get(payment), amounts.get(payment)
        report.same("PAY-7", place, "the amount, as PaymentCollected told it", expected=told, found=kept)


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
    processing = sum(
        attempt["unscheduled"] + sum(part["amount"] for part in attempt["taken"]) for attempt in document["attempts"]
    )
    return {
        "total": document["total"],
        "paid": document["paid"],
        "processing": processing,
        "planned": sum(instalment["amount"] for instalment in document["instalments"]),
        "unscheduled": document["unscheduled"],
        "refund_due": document["refund_due"],
    }


def _told_of(instalment: Document) -> dict[str, Any]:
    shown = {**instalment, "held": instalment["cheque"] is not None}
    return {name: shown[name] for name in _TOLD}
