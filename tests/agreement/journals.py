"""What must hold of what is published, checked row by row as it is written (EVT-1, PAY-1, PAY-2, PAY-8)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carnet.journal import ROWS
from payments.schedules.domain.explaining import Entry, explain
from payments.schedules.store import SCHEDULES, entry_of
from payments.statements.domain import movements
from tests.agreement.covering import Before, Plan, check_covered
from tests.memory.suite import Suite

Data = Mapping[str, Any]


@dataclass
class Followed:
    """One schedule as it was published so far."""

    balance: dict[str, int] | None = None
    before: Data | None = None
    """What was published before the change that was answered last, until what that led to is published whole."""
    last: Data | None = None
    """The last event that carried the balance."""
    answer: Data | None = None
    given_back: int = 0
    by_cards: int = 0
    """What gift cards pay of it."""
    cards: tuple[int, int] = (0, 0)
    """What they paid before the change that was answered last, and the most that they may since (CRE-8)."""
    paid: bool = False
    reopened: bool = False
    last_plan: Plan | None = None
    """What a change dropped from the dates last (PAY-2); not known once anything else moved the schedule."""
    refund: int = 0
    answered: list[str] = field(default_factory=list)
    """The changes of the contract that it has answered, in order."""
    history: list[Entry] = field(default_factory=list)
    """Its journal, as amounts are explained by it (PAY-17)."""

    def check_answer(self) -> None:
        """Once all that a change has led to is published: it is what the rules say (PAY-2, CRE-6)."""
        if self.answer is not None and self.before is not None:
            paid, most = self.cards
            before = Before(self.before, self.last_plan, max(paid - most, 0))
            self.last_plan = check_covered(self.answer, before, self.given_back)
        self.answer, self.given_back = None, 0


@dataclass
class Listener:
    """Reads the journals as they grow."""

    suite: Suite
    seen: dict[str, int] = field(default_factory=dict)
    sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    schedules: dict[str, Followed] = field(default_factory=lambda: defaultdict(Followed))
    changes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The openings and changes of each contract, in order."""
    newest: dict[str, int] = field(default_factory=dict)
    """The version of each contract that its last opening or change led to."""
    for_cards: dict[tuple[str, int], int] = field(default_factory=dict)
    """What gift cards may pay of a contract at each of its versions (CRE-8)."""
    left: dict[str, int] = field(default_factory=dict)
    """What was published last to be left of each credit."""
    granted: set[str] = field(default_factory=set)
    """The lines that sold a credit which was granted."""
    charged: set[str] = field(default_factory=set)
    """The contracts whose lines are due on dates of their own: nothing is spread over those (PAY-15)."""
    arranged: set[str] = field(default_factory=set)
    """The contracts of which staff moved upcoming payments (PAY-5)."""
    postponed: set[str] = field(default_factory=set)
    """The lines of which credits said that they sold no credit yet."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """What became of each opening and change: the version that it led to, zero where it was refused."""

    def listen(self) -> None:
        """Read what was written since the last time."""
        moved = set[str]()
        for name in self.suite.services:
            rows = self.suite.services[name].journal
            for row in rows[self.seen.get(name, 0) :]:
                self._receive(name, row)
                if name == "payments" and row["aggregate"] in self.schedules:
                    moved.add(row["aggregate"])
            self.seen[name] = len(rows)
        for contract, followed in self.schedules.items():
            followed.check_answer()
            if followed.balance is not None:
                assert followed.refund == followed.balance["refund_due"], ("PAY-2", contract, followed)
        self._look_at_last_plans()
        for contract in moved:
            self._check_explained(contract)
            self._check_stated(contract)

    def _check_explained(self, contract: str) -> None:
        """Every amount is the sum of the moves that its journal explains it by (PAY-17)."""
        kept = self.suite.services["payments"].database.documents(SCHEDULES.name)[contract]
        amounts = {each["id"]: each["amount"] for each in kept["instalments"]}
        amounts |= {"unscheduled": kept["unscheduled"], "refund_line": kept["refund_due"]}
        explained = {
            each.instalment.id if each.instalment else each.place: sum(share.amount for share in each.shares)
            for each in explain(self.schedules[contract].history)
        }
        assert {place: amount for place, amount in amounts.items() if amount} == explained, ("PAY-17", contract)

    def _check_stated(self, contract: str) -> None:
        """What the statement of its account says of a contract comes to what its schedule shows (PAY-16)."""
        kept = self.suite.services["payments"].database.documents(SCHEDULES.name)[contract]
        stated = list(movements(contract, self.schedules[contract].history))
        charged = sum(each.amount for each in stated if each.kind == "charge")
        owed = sum(each.amount for each in stated)
        assert (charged, owed) == (kept["total"], kept["total"] - kept["paid"]), ("PAY-16", contract, stated)
        assert not [each for each in stated if each.kind == "other"], ("PAY-16: not explained", contract, stated)

    def _look_at_last_plans(self) -> None:
        """The last plan that is kept is the one reckoned, where it could be; from here on it is known."""
        for contract, kept in self.suite.services["payments"].database.documents(SCHEDULES.name).items():
            last_plan = [{"due": each["due"], "amount": each["amount"]} for each in kept["last_plan"]]
            reckoned = self.schedules[contract].last_plan
            assert reckoned is None or last_plan == list(reckoned), ("PAY-2: the last plan", reckoned, kept)
            self.schedules[contract].last_plan = last_plan

    def _receive(self, service: str, row: Any) -> None:
        place = (service, row["aggregate"])
        self.sequences[place] += 1
        assert row["sequence"] == self.sequences[place], ("the sequence has a gap", place, row)
        name, data = row["type"].split(".")[2], row["data"]
        if name in ("ContractOpened", "ContractChanged"):
            self.changes[data["contract"]].append(row["change"])
            self.newest[data["contract"]] = self.outcomes[row["change"]] = data["version"]
            if data["terms"]["charges"]:
                self.charged.add(data["contract"])
            most = max(data["terms"]["total"] - data["terms"]["cards"], 0)
            self.for_cards[data["contract"], data["version"]] = most
        elif name in ("ChangeRefused", "ConfirmationRefused"):
            self.outcomes[data["request"]] = 0
        elif service == "credits":
            self._hear_credit(name, data)
        elif service == "payments" and "contract" in data:
            self._hear_schedule(name, data, self.schedules[data["contract"]])
            if (entry := entry_of(row)) is not None:
                self.schedules[data["contract"]].history.append(entry)

    def _hear_credit(self, name: str, data: Data) -> None:
        """A sold credit goes while it is whole, and its line stays and brings no less otherwise (CRE-5, CON-11)."""
        if name in ("CreditGranted", "GiftCardIssued"):
            self.granted.add(data["line"])
        elif name == "CreditGrantPostponed":
            assert not self.granted & set(data["lines"]), ("CON-11: a credit exists", data)
            self.postponed.update(data["lines"])
        if "left" not in data or "credit" not in data:
            return  # what is left of a session pack is in its own check
        left = self.left.get(data["credit"], data["amount"])
        if name == "CreditRemoved" and data["request"] is not None:
            assert left >= data["amount"], ("CRE-5: removed though it is used", left, data)
        if name == "CreditRemovalRefused":
            whole = left == data["left"] < data["amount"] if data["why"] == "used" else data["credit"] in self.granted
            assert whole, ("CRE-5, CON-11: refused without a reason", left, data)
        self.left[data["credit"]] = data["left"]

    def _hear_schedule(self, name: str, data: Data, followed: Followed) -> None:
        if name in ("ContractPaid", "ContractReopened"):
            assert followed.paid == (name == "ContractReopened"), ("PAY-8: published twice", data)
            followed.paid, followed.reopened = name == "ContractPaid", name == "ContractReopened"
        elif name.startswith("RefundLine"):
            self._hear_refund(name, data, followed)
        if name in ("ScheduleCreated", "ScheduleAdjusted") and data["change"] is not None:
            assert data["change"] not in followed.answered, ("EVT-1: answered twice", data)
            followed.answered.append(data["change"])
        if name == "CreditUseCompleted" and data["card"]:
            followed.by_cards += data["amount"]
        if name == "CreditGivenBack":
            followed.given_back += data["amount"]
            followed.by_cards -= data["amount"] if data["card"] else 0
            due = followed.balance and (followed.balance["planned"] or followed.balance["unscheduled"])
            assert not due or data["card"], ("CRE-6: given back while something is due", followed.balance, data)
        if "balance" in data:
            followed.check_answer()
            followed.before, followed.last = followed.last, data
            if data.get("instalments_before") is not None:
                self.arranged.add(data["contract"])
            spread = data["contract"] not in self.charged
            followed.answer = data if name == "ScheduleAdjusted" and data["change"] and spread else None
            followed.cards = (followed.by_cards, self.for_cards.get((data["contract"], data["covers"]), 0))
            if followed.answer is None:
                followed.last_plan = None
            before, followed.balance = followed.balance, data["balance"]
            if "balance_before" in data:
                assert before == data["balance_before"], ("PAY-1: another balance was published before", before, data)
            planned = sum(instalment["amount"] for instalment in data["instalments"])
            assert planned == data["balance"]["planned"], ("the instalments do not add up", data)

    @staticmethod
    def _hear_refund(name: str, data: Data, followed: Followed) -> None:
        before = data["amount"] + data["left"] if name == "RefundLineSettled" else data.get("amount_before", 0)
        assert before == followed.refund, ("PAY-2: another refund line was published before", followed, name, data)
        if name == "RefundLineSettled":
            followed.refund = data["left"]
        else:
            followed.refund = {
                "RefundLineCreated": data.get("amount"),
                "RefundLineChanged": data.get("amount_after"),
            }.get(name, 0)


def unpublished(suite: Suite) -> int:
    """How many rows are still to be published."""
    return sum(
        bool(row.get("pending"))
        for service in suite.services.values()
        for row in service.database.documents(ROWS).values()
    )
