"""A schedule agrees with its contract, and each of its events with those before it.

CON-1, EVT-1: it answers each change of the contract once, in order, and its total is the contract's. The balance adds
up after every event: paid + processing + planned + unscheduled - refund due = total. PAY-1, PAY-2: a change starts from
the schedule before it, spares what it must, and the refund line follows. PAY-6, PAY-12: an instalment is collected as
it was published. PAY-8: it is fully paid, and reopened, exactly when its balance says so. CRE-6: what is paid too much
goes back to credits first. The journal is replayed event by event; ``ledger`` adds up the money (PAY-4, PAY-9, PAY-13,
PAY-19, CRE-3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.ledger import Ledger, Move, Use

Data = Mapping[str, Any]

_NOTHING = {"paid": 0, "processing": 0}


@dataclass
class ReplayedSchedule:
    """A schedule, rebuilt from its journal."""

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
    """Whether it was fully paid and is no longer, as published (PAY-8)."""
    versions: int = 0


@dataclass
class _Moving:
    """The newest event that moved the schedule, until the events that follow from it are complete."""

    sequence: int
    move: Move
    before: Data
    """The balance before it."""
    given_back: list[Use] = field(default_factory=list)


class ScheduleReplay:
    """Rebuilds one schedule, event by event."""

    def __init__(self, contract: ReplayedContract, report: Report) -> None:
        self.replayed = ReplayedSchedule()
        self._where = f"payments.journal {contract.id}"
        self._report = report
        self._live_lines = {change.version: change.live_lines for change in contract.changes}
        self._totals = {change.version: change.total for change in contract.changes}
        self._for_cards = {change.version: max(change.total - change.cards, 0) for change in contract.changes}
        self._moving: _Moving | None = None
        self._refund_due = 0
        self._paid = False

    def apply(self, row: Document) -> None:
        """Apply the next event of the journal."""
        data, sequence = row["data"], row["sequence"]
        self.replayed.versions = sequence
        match name_of(row):
            case "RefundLineCreated":
                self._refund(0, data["amount"], sequence)
            case "RefundLineChanged":
                self._refund(data["amount_before"], data["amount_after"], sequence)
            case "RefundLineDropped":
                self._refund(data["amount_before"], 0, sequence)
            case "ContractPaid" | "ContractReopened" as name:
                self.replayed.reopened = name == "ContractReopened"
                self._passage(data, sequence, paid=name == "ContractPaid")
            case "CreditGivenBack":
                self._given_back(data, sequence)
            case "ReversalConfirmed":
                self.replayed.ledger.confirm(data, self._same)
            case "LossResolved":
                self.replayed.ledger.resolve(data, self._same)
            case _ if "balance" in data:
                self._followed_up(sequence)
                self._moved(row)

    def _moved(self, row: Document) -> None:
        """Apply an event that carries the balance after it."""
        name, data, sequence = name_of(row), row["data"], row["sequence"]
        last, balance = self.replayed.last, data["balance"]
        before = last["balance"] if last else _NOTHING
        check_balance(balance, data["instalments"], f"{self._where} sequence {sequence}", self._report)
        self._same("CON-1", f"the total at {sequence}", self._totals.get(data["covers"]), balance["total"])
        if name == "ScheduleAdjusted" and last is not None:
            self._same("PAY-1", f"the balance before {sequence}", before, data["balance_before"])
        if data.get("change") is not None:
            self.replayed.answers.append((data["change"], data["covers"]))
            self.replayed.answering[data["change"]] = data
        self._check_instalment(name, data)
        if data.get("change") is not None and last is not None:
            self._same("PAY-2", f"the instalments to spare that a rise at {sequence} raised", [], _raised(data, last))
        move = self.replayed.ledger.apply(row, self._same)
        processing = before["processing"] + move.processing
        self._same(move.rule, f"processing at {sequence}", processing, balance["processing"])
        self._refund_due -= move.settled
        self._moving = _Moving(sequence, move, before)
        if self._fully_paid(data):
            self.replayed.paid_at.append(data["covers"])
        self.replayed.last = data

    def _check_instalment(self, name: str, data: Data) -> None:
        """An event about one instalment agrees with the schedule before it, or with it (PAY-6, PAY-12)."""
        if name in ("CollectionStarted", "PaymentMethodMissing"):
            shown = {"due": data["due"], "amount": data["amount"]}
            there = _instalment_in(data["instalment"], self.replayed.last or {})
            if name == "CollectionStarted" and there is not None:
                there = _collectable(there, shown, data["currency"])
            rule = "PAY-6" if name == "CollectionStarted" else "PAY-12"
            self._same(rule, f"the instalment {data['instalment']} of {name}", there, shown)
        if name == "CollectionStarted":
            left = _instalment_in(data["instalment"], data)
            self._same("PAY-6", f"the instalment {data['instalment']} while it is collected", None, left)

    def _given_back(self, data: Data, sequence: int) -> None:
        if self._moving is None:
            self._same("CRE-6", f"the move that gave back at {sequence}", "one", None)
        else:
            self._moving.given_back.append((data["credit"], data["amount"]))

    def _refund(self, before: int, after: int, sequence: int) -> None:
        self._same("PAY-2", f"the refund line before {sequence}", self._refund_due, before)
        self._refund_due = after

    def _passage(self, data: Data, sequence: int, *, paid: bool) -> None:
        self._same("PAY-8", f"whether fully paid before {sequence}", not paid, self._paid)
        self._same("PAY-8", f"the total at {sequence}", self._totals.get(data["covers"]), data["total"])
        self._paid = paid

    def _followed_up(self, sequence: int) -> None:
        """A move was followed by its consequences: credits given back, the refund line, fully paid or not."""
        last, moving = self.replayed.last, self._moving
        if last is None or moving is None:
            return
        balance = last["balance"]
        paid = moving.before["paid"] + moving.move.paid
        excess = paid + balance["processing"] - balance["total"]
        at = f"at {moving.sequence}"
        for_cards = self._for_cards.get(last["covers"], balance["total"])
        given_back = self.replayed.ledger.give_back(excess, for_cards, moving.given_back, at, self._same)
        self._same(moving.move.rule, f"paid {at}", paid - given_back, balance["paid"])
        self._same("PAY-2", f"the refund line published before {sequence}", balance["refund_due"], self._refund_due)
        self._same("PAY-8", f"fully paid as published before {sequence}", self._fully_paid(last), self._paid)

    def _fully_paid(self, data: Data) -> bool:
        """Whether it has a live line and nothing is planned, unscheduled or processing (PAY-8)."""
        balance = data["balance"]
        due = balance["planned"] or balance["unscheduled"] or balance["processing"]
        return bool(self._live_lines.get(data["covers"])) and not due

    def end(self) -> ReplayedSchedule:
        """The schedule at the end of the journal."""
        self._followed_up(self.replayed.versions + 1)
        return self.replayed

    def _same(self, rule: str, what: str, expected: Any, found: Any) -> None:
        self._report.same(rule, self._where, what, expected=expected, found=found)


def replay_schedule(contract: ReplayedContract, rows: Sequence[Document], report: Report) -> ReplayedSchedule:
    """The schedule of ``contract`` that the events of ``rows`` add up to; each change is answered once (EVT-1)."""
    replay = ScheduleReplay(contract, report)
    for row in rows:
        replay.apply(row)
    replayed = replay.end()
    report.count("changes answered by a schedule", len(replayed.answers))
    changes = [(change.id, change.version) for change in contract.changes]
    if changes != replayed.answers:
        unanswered = [change for change in changes if change not in replayed.answers]
        report.find(
            "EVT-1",
            f"payments.journal {contract.id}",
            "the changes answered, with the version covered",
            expected=f"each once; unanswered: {unanswered[:5]}" if unanswered else changes[:5],
            found=replayed.answers[-5:] if unanswered else replayed.answers[:5],
        )
    return replayed


def check_balance(balance: Data, instalments: Sequence[Data], where: str, report: Report) -> None:
    """The balance adds up, is not both due and to refund, and has nothing below zero."""
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
    """The instalments that a change raised though it must spare them: fixed, held, late, not collected (PAY-2).

    A charge grows with its own line (PAY-15), so those are left out. So are events from before
    instalments named their charge, when the rule was different.
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


def _instalment_in(instalment: str, data: Data) -> dict[str, Any] | None:
    """The date and amount of an instalment in a published schedule; None if it is not in it."""
    for each in data.get("instalments", ()):
        if each["id"] == instalment:
            return {"due": each["due"], "amount": each["amount"]}
    return None


def _collectable(there: dict[str, Any], shown: dict[str, Any], currency: str) -> dict[str, Any]:
    """An instalment as it may be collected: a provider may write fewer digits of an amount than its currency has.

    What it can't write stays in the schedule, as the balance with the event shows. An instalment
    that took another one's rest in the same batch was published with that one's event.
    """
    rest = there["amount"] - shown["amount"]
    return {**there, "amount": shown["amount"]} if 0 < rest < COARSEST.get(currency, 1) else there


COARSEST: Mapping[str, int] = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100}
"""What amounts are multiples of at the provider that writes the fewest digits, in minor units, where not of one."""
