"""A payment schedule told again from its journal (PAY-1, 2, 4, 6 to 9, 12, 13, 19, CRE-3, CRE-6, EVT-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.replayed import ReplayedContract
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, Move, Use

Data = Mapping[str, Any]

_NOTHING = {"paid": 0, "processing": 0}


@dataclass
class RetoldSchedule:
    """A schedule as its journal tells it."""

    last: Data | None = None
    """The last event that carried the balance."""
    answers: list[tuple[str, int]] = field(default_factory=list)
    """The changes answered, each with the version of the contract that the answer covers (EVT-1)."""
    answering: dict[str, Data] = field(default_factory=dict)
    """The answer to each change, by the change."""
    ledger: Ledger = field(default_factory=Ledger)
    paid_at: list[int] = field(default_factory=list)
    """The versions of the contract at which the schedule was fully paid (PAY-8)."""
    reopened: bool = False
    """Whether it was fully paid and is no longer, as told (PAY-8)."""
    versions: int = 0


@dataclass
class _Moving:
    """The newest event that moved the schedule, until all that it led to is told."""

    sequence: int
    move: Move
    before: Data
    """The balance before it."""
    given_back: list[Use] = field(default_factory=list)


class Retelling:
    """Tells one schedule again, event by event."""

    def __init__(self, contract: ReplayedContract, report: Report) -> None:
        self.retold = RetoldSchedule()
        self._where = f"payments.journal {contract.id}"
        self._report = report
        self._live_lines = {change.version: change.live_lines for change in contract.changes}
        self._totals = {change.version: change.total for change in contract.changes}
        self._moving: _Moving | None = None
        self._refund_told = 0
        self._paid_told = False

    def tell(self, row: Document) -> None:
        """Take the next event of the journal."""
        data, sequence = row["data"], row["sequence"]
        self.retold.versions = sequence
        match name_of(row):
            case "RefundLineCreated":
                self._refund(0, data["amount"], sequence)
            case "RefundLineChanged":
                self._refund(data["amount_before"], data["amount_after"], sequence)
            case "RefundLineDropped":
                self._refund(data["amount_before"], 0, sequence)
            case "ContractPaid" | "ContractReopened" as name:
                self.retold.reopened = name == "ContractReopened"
                self._passage(data, sequence, paid=name == "ContractPaid")
            case "CreditGivenBack":
                self._given_back(data, sequence)
            case "ReversalConfirmed":
                self.retold.ledger.confirm(data, self._same)
            case "LossResolved":
                self.retold.ledger.resolve(data, self._same)
            case _ if "balance" in data:
                self._followed_up(sequence)
                self._moved(row)

    def _moved(self, row: Document) -> None:
        """An event that carries the balance as it then is."""
        name, data, sequence = name_of(row), row["data"], row["sequence"]
        last, balance = self.retold.last, data["balance"]
        before = last["balance"] if last else _NOTHING
        check_balance(balance, data["instalments"], f"{self._where} sequence {sequence}", self._report)
        self._same("CON-1", f"the total at {sequence}", self._totals.get(data["covers"]), balance["total"])
        if name == "ScheduleAdjusted" and last is not None:
            self._same("PAY-1", f"the balance before {sequence}", before, data["balance_before"])
        if data.get("change") is not None:
            self.retold.answers.append((data["change"], data["covers"]))
            self.retold.answering[data["change"]] = data
        self._check_instalment(name, data)
        if data.get("change") is not None and last is not None:
            self._same("PAY-2", f"the instalments to spare that a rise at {sequence} raised", [], _raised(data, last))
        move = self.retold.ledger.take(row, self._same)
        processing = before["processing"] + move.processing
        self._same(move.rule, f"processing at {sequence}", processing, balance["processing"])
        self._refund_told -= move.settled
        self._moving = _Moving(sequence, move, before)
        if self._fully_paid(data):
            self.retold.paid_at.append(data["covers"])
        self.retold.last = data

    def _check_instalment(self, name: str, data: Data) -> None:
        """What is said of one instalment is so in the schedule told before, or with it (PAY-6, PAY-12)."""
        if name in ("CollectionStarted", "PaymentMethodMissing"):
            shown = {"due": data["due"], "amount": data["amount"]}
            there = _told_of(data["instalment"], self.retold.last or {})
            if name == "CollectionStarted" and there is not None:
                there = _collectable(there, shown, data["currency"])
            rule = "PAY-6" if name == "CollectionStarted" else "PAY-12"
            self._same(rule, f"the instalment {data['instalment']} of {name}", there, shown)
        if name == "CollectionStarted":
            left = _told_of(data["instalment"], data)
            self._same("PAY-6", f"the instalment {data['instalment']} while it is collected", None, left)

    def _given_back(self, data: Data, sequence: int) -> None:
        if self._moving is None:
            self._same("CRE-6", f"the move that gave back at {sequence}", "one", None)
        else:
            self._moving.given_back.append((data["credit"], data["amount"]))

    def _refund(self, before: int, after: int, sequence: int) -> None:
        self._same("PAY-2", f"the refund line before {sequence}", self._refund_told, before)
        self._refund_told = after

    def _passage(self, data: Data, sequence: int, *, paid: bool) -> None:
        self._same("PAY-8", f"whether fully paid before {sequence}", not paid, self._paid_told)
        self._same("PAY-8", f"the total at {sequence}", self._totals.get(data["covers"]), data["total"])
        self._paid_told = paid

    def _followed_up(self, sequence: int) -> None:
        """What a move of the schedule has led to was told: credits given back, the refund line, a passage."""
        last, moving = self.retold.last, self._moving
        if last is None or moving is None:
            return
        balance = last["balance"]
        paid = moving.before["paid"] + moving.move.paid
        excess = paid + balance["processing"] - balance["total"]
        at = f"at {moving.sequence}"
        given_back = self.retold.ledger.give_back(excess, moving.given_back, at, self._same)
        self._same(moving.move.rule, f"paid {at}", paid - given_back, balance["paid"])
        self._same("PAY-2", f"the refund line told before {sequence}", balance["refund_due"], self._refund_told)
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


def retell(contract: ReplayedContract, rows: Sequence[Document], report: Report) -> RetoldSchedule:
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


def _raised(data: Data, last: Data) -> list[str]:
    """The instalments that a change raised though it had to spare them: fixed, held, late, outside the run (PAY-2).

    A charge grows with its own line (PAY-15), so those are left out. So are events from before
    instalments named their charge: the rule was another then.
    """
    before = {each["id"]: each["amount"] for each in last["instalments"]}
    marks = ("fixed", "held", "on_request", "gave_up", "waits_for_method")
    return [
        each["id"]
        for each in data["instalments"]
        if each.get("line", "") is None
        and each["amount"] > before.get(each["id"], each["amount"])
        and (each["due"] < data["effective_on"] or any(each[mark] for mark in marks))
    ]


def _told_of(instalment: str, data: Data) -> dict[str, Any] | None:
    """The date and amount of an instalment in a schedule that was told; none where it is not in it."""
    for each in data.get("instalments", ()):
        if each["id"] == instalment:
            return {"due": each["due"], "amount": each["amount"]}
    return None


def _collectable(there: dict[str, Any], shown: dict[str, Any], currency: str) -> dict[str, Any]:
    """An instalment as it may be collected: a provider may write fewer digits of an amount than its currency has.

    What it can't write stays in the schedule, as the balance with the event shows. An instalment
    that took another one's rest in the same batch was told with that one's event.
    """
    rest = there["amount"] - shown["amount"]
    return {**there, "amount": shown["amount"]} if 0 < rest < COARSEST.get(currency, 1) else there


COARSEST: Mapping[str, int] = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100}
"""What amounts are multiples of at the provider that writes the fewest digits, in minor units, where not of one."""
