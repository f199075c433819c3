"""The money on one schedule adds up: what came in, is attempted and left again, event by event.

PAY-4: settlements are made of the refund line, and no payment gives back more than it brought. PAY-6, CRE-3: an
attempt starts once, ends once, with the same amount. PAY-7: a payment is recorded once. PAY-9, PAY-13: what a bank took
back beyond what the contract had is lost until somebody deals with it. PAY-19: a wrong entry is voided whole, once.
CRE-6: client credits get back the latest use first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of

Data = Mapping[str, Any]
Same = Callable[[str, str, Any, Any], None]
"""Checks a rule: its code, of what, what is expected, what is found."""

Reversal = tuple[str, int, int, str]
"""Money that the bank took back: the payment, the amount, the part that the contract no longer had, the reason."""

Use = tuple[str, int]
"""A client credit and the part of it that pays the contract, in minor units."""


@dataclass(frozen=True, slots=True)
class Move:
    """The amounts that an event moves, in minor units, and the rule."""

    rule: str
    paid: int = 0
    processing: int = 0
    settled: int = 0
    """The part of the refund line that it settled."""


@dataclass(slots=True)
class ReplayedPayment:
    """A payment, and the parts of it that went back: through the provider, or to the bank."""

    amount: int
    attempt: str | None
    refunded: int = 0
    reversed: int = 0
    beyond: int = 0
    """The part that the bank took though the contract no longer had it (PAY-13)."""
    resolved: int = 0
    """The part of ``beyond`` that somebody has dealt with (PAY-9)."""
    voided: bool = False
    """Whether it was a wrong entry (PAY-19)."""

    @property
    def lost(self) -> int:
        """The part of ``beyond`` that nobody has dealt with."""
        return self.beyond - self.resolved

    def make_good(self, amount: int) -> None:
        """Move ``amount`` from ``beyond`` to ``reversed``: the contract has it after all. What is lost goes first."""
        self.resolved -= max(amount - self.lost, 0)
        self.reversed += amount
        self.beyond -= amount


@dataclass(slots=True)
class ReplayedAttempt:
    """An instalment at the provider, or a client credit being used; ``ended`` names the event that ended it."""

    amount: int
    instalment: str | None = None
    due: str | None = None
    number: int | None = None
    credit: str | None = None
    ended: str | None = None
    reason: str | None = None
    """Why a credit was refused."""


@dataclass(slots=True)
class ReplayedSettlement:
    """A part of the refund line that was settled; ``payments`` are the parts of it that went back, by payment."""

    amount: int
    how: str
    credit: str | None
    payments: dict[str, int]
    failed: dict[str, int] = field(default_factory=dict)
    """The parts that the provider could not give back."""
    voided: bool = False
    """Whether it was a wrong entry (PAY-19)."""


@dataclass
class Ledger:
    """The payments, attempts, settlements and uses of client credits of one schedule, all by their ids."""

    payments: dict[str, ReplayedPayment] = field(default_factory=dict)
    attempts: dict[str, ReplayedAttempt] = field(default_factory=dict)
    settlements: dict[str, ReplayedSettlement] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    """What client credits pay, the oldest use first."""
    cards: set[str] = field(default_factory=set)
    """Those of these credits that are gift cards (CRE-8)."""
    given_back: list[Use] = field(default_factory=list)
    """The amounts that went back to client credits, in order."""
    reversals: list[Reversal] = field(default_factory=list)
    confirmed: dict[str, int] = field(default_factory=dict)
    """The amount that the provider confirmed of each reversal recorded by staff, by its id."""

    @property
    def lost(self) -> int:
        """Money that the bank took beyond what the contract had, and that nobody has dealt with (PAY-9)."""
        return sum(payment.lost for payment in self.payments.values())

    @property
    def open_attempts(self) -> dict[str, ReplayedAttempt]:
        """The attempts without an outcome."""
        return {id_: attempt for id_, attempt in self.attempts.items() if attempt.ended is None}

    @property
    def by_credit(self) -> dict[str, int]:
        """What each client credit pays."""
        return by_credit(self.uses)

    def apply(self, row: Document, same: Same) -> Move:
        """Apply an event that moves the schedule; returns the amounts that it moves."""
        handler = _HANDLERS.get(name_of(row))
        return Move("PAY-1") if handler is None else handler(self, row["data"], same)

    def give_back(self, excess: int, for_cards: int, published: Sequence[Use], where: str, same: Same) -> int:
        """Give ``excess`` minor units, paid too much, back to client credits, the latest use first (CRE-6).

        Before that, gift cards have back what they pay beyond ``for_cards``, the most that they may (CRE-8).
        ``published`` is what the events say. Returns its sum.
        """
        beyond = max(sum(amount for credit, amount in self.uses if credit in self.cards) - for_cards, 0)
        kept, of_cards = self._less(self.uses, beyond, self.cards)
        kept, of_all = self._less(kept, max(excess - beyond, 0), {credit for credit, _ in kept})
        given_back = [*of_cards, *of_all]
        same("CRE-6", f"what went back to client credits {where}", by_credit(given_back), by_credit(published))
        self.uses = kept
        self.given_back += published
        return sum(amount for _, amount in published)

    @staticmethod
    def _less(uses: Sequence[Use], excess: int, among: set[str]) -> tuple[list[Use], list[Use]]:
        """The uses less ``excess``, the latest of these credits first, and what went back."""
        kept, given_back = list[Use](), list[Use]()
        for credit, amount in reversed(uses):
            part = min(excess, amount) if credit in among else 0
            excess -= part
            if part:
                given_back.append((credit, part))
            if amount > part:
                kept.insert(0, (credit, amount - part))
        return kept, given_back

    def _collected(self, data: Data, same: Same) -> Move:
        payment, attempt = data["payment"], data.get("attempt")
        same("PAY-6" if attempt else "PAY-7", f"the payment {payment} before", None, self.payments.get(payment))
        self.payments[payment] = ReplayedPayment(data["amount"], attempt)
        if attempt is None:
            return Move("PAY-7", paid=data["amount"])
        same("PAY-6", f"the payment of the attempt {attempt}", attempt, payment)
        known = self.attempts.get(attempt)
        # A failed attempt may have been charged all the same: the provider reported it late.
        late = known is not None and known.ended in {"PaymentFailed", "CollectionWithdrawn"}
        if known is not None and late:
            known.ended = None
        self._ended("PaymentCollected", attempt, data, same)
        return Move("PAY-6", paid=data["amount"], processing=0 if late else -data["amount"])

    def _imported(self, data: Data, same: Same) -> Move:
        paid = 0
        for each in data["payments"]:
            same("IMP-3", f"the payment {each['payment']} before", None, self.payments.get(each["payment"]))
            self.payments[each["payment"]] = ReplayedPayment(each["amount"], None)
            paid += each["amount"]
        return Move("IMP-3", paid=paid)

    def _collection_started(self, data: Data, same: Same) -> Move:
        attempt = ReplayedAttempt(data["amount"], data["instalment"], data["due"], data["number"])
        return self._started(data["attempt"], attempt, same)

    def _failed(self, data: Data, same: Same) -> Move:
        self._ended("PaymentFailed", data["attempt"], data, same)
        return Move("PAY-6", processing=-data["amount"])

    def _withdrawn(self, data: Data, same: Same) -> Move:
        self._ended("CollectionWithdrawn", data["attempt"], data, same)
        return Move("PAY-18", processing=-data["amount"])

    def _use_requested(self, data: Data, same: Same) -> Move:
        if data.get("code") is not None:
            self.cards.add(data["credit"])
        return self._started(data["request"], ReplayedAttempt(data["amount"], credit=data["credit"]), same)

    def _use_completed(self, data: Data, same: Same) -> Move:
        self._ended("CreditUseCompleted", data["request"], data, same)
        self.uses.append((data["credit"], data["amount"]))
        return Move("CRE-3", paid=data["amount"], processing=-data["amount"])

    def _use_returned(self, data: Data, same: Same) -> Move:
        self._ended("CreditUseReturned", data["request"], data, same)
        return Move("CRE-3", processing=-data["amount"])

    def _started(self, id_: str, attempt: ReplayedAttempt, same: Same) -> Move:
        rule = "PAY-6" if attempt.credit is None else "CRE-3"
        same(rule, f"the attempt {id_} before it starts", None, self.attempts.get(id_))
        self.attempts[id_] = attempt
        return Move(rule, processing=attempt.amount)

    def _ended(self, name: str, id_: str, data: Data, same: Same) -> None:
        rule = "CRE-3" if "request" in data else "PAY-6"
        known = self.attempts.get(id_)
        if known is None:
            same(rule, f"the attempt {id_} that {name} ends", "one that was started", None)
            return
        same(rule, f"the end of the attempt {id_} before {name}", None, known.ended)
        same(rule, f"the amount of the attempt {id_}", known.amount, data["amount"])
        same(rule, f"the credit of the attempt {id_}", known.credit, data.get("credit"))
        if "instalment" in data:
            same(rule, f"the instalment of the attempt {id_}", known.instalment, data["instalment"])
        known.ended, known.reason = name, data.get("reason")

    def _settled(self, data: Data, same: Same) -> Move:
        id_, amount, how = data["settlement"], data["amount"], data["how"]
        parts = {part["payment"]: part["amount"] for part in data["payments"]}
        same("PAY-4", f"the settlement {id_} before", None, self.settlements.get(id_))
        same("PAY-4", f"the parts of the settlement {id_}", amount if how == "refunded" else 0, sum(parts.values()))
        same("PAY-4", f"whether the settlement {id_} has a credit", how == "converted", data["credit"] is not None)
        same("PAY-4", f"what is left after the settlement {id_}", data["balance"]["refund_due"], data["left"])
        processing = data["balance"]["processing"]
        same("PAY-4", f"what is left after the settlement {id_}, should what is processing fail", "nothing missing",
             "nothing missing" if data["left"] >= processing else processing - data["left"])  # fmt: skip
        self.settlements[id_] = ReplayedSettlement(amount, how, data["credit"], parts)
        for payment, part in parts.items():
            self._gone(payment, part, same, refunded=True)
        return Move("PAY-4", paid=-amount, settled=amount)

    def _refund_failed(self, data: Data, same: Same) -> Move:
        id_, payment, amount = data["settlement"], data["payment"], data["amount"]
        known = self.settlements.get(id_)
        same("PAY-4", f"what the settlement {id_} gave back of {payment}",
             known.payments.get(payment) if known else None, amount)  # fmt: skip
        if known is not None:
            same("PAY-4", f"the failure of the settlement {id_} at {payment} before", None, known.failed.get(payment))
            known.failed[payment] = amount
        taken = self._covered(payment, amount) if payment in self.payments else 0
        same("PAY-13", f"what the failed refund of {payment} makes good", taken, data.get("recovered", taken))
        return Move("PAY-4", paid=amount - taken)

    def _covered(self, payment: str, amount: int) -> int:
        """A refund failed; returns the part of it that covers what the bank had taken beyond the contract's money."""
        known = self.payments[payment]
        taken = min(known.beyond, amount)
        known.refunded -= amount
        known.make_good(taken)
        return taken

    def _reversed(self, data: Data, same: Same) -> Move:
        payment, beyond = data["payment"], data.get("beyond", 0)
        leaving = data["amount"] - beyond
        self.reversals.append((payment, data["amount"], beyond, data["reason"]))
        self._gone(payment, leaving, same, refunded=False)
        known = self.payments.get(payment)
        if known is not None:
            known.beyond += beyond
            taken = known.reversed + known.beyond
            same("PAY-13", f"what the bank took back of the payment {payment}", f"at most {known.amount}",
                 f"at most {known.amount}" if taken <= known.amount else taken)  # fmt: skip
        self._explained(same)
        return Move("PAY-13", paid=-leaving)

    def _explained(self, same: Same) -> None:
        """Every part that the bank took beyond what the contract had was refunded or settled before (PAY-13)."""
        beyond = sum(payment.beyond for payment in self.payments.values())
        left = sum(payment.refunded for payment in self.payments.values())
        left += sum(each.amount for each in self.settlements.values() if each.how != "refunded" and not each.voided)
        same("PAY-13", "what the bank took beyond what the contract had", f"at most {left}",
             f"at most {left}" if beyond <= left else beyond)  # fmt: skip

    def confirm(self, data: Data, same: Same) -> None:
        """Apply the provider's confirmation of a reversal that staff had recorded (PAY-13)."""
        reversal = data["reversal"]
        self.confirmed[reversal] = self.confirmed.get(reversal, 0) + data["amount"]
        known = self.payments.get(data["payment"])
        taken = known.reversed + known.beyond if known else 0
        same("PAY-13", f"what is confirmed of {reversal}", f"at most {taken}",
             f"at most {taken}" if self.confirmed[reversal] <= taken else self.confirmed[reversal])  # fmt: skip

    def resolve(self, data: Data, same: Same) -> None:
        """Apply that somebody has dealt with what was lost of a payment (PAY-9)."""
        known = self.payments.get(data["payment"])
        lost, whole = known.lost if known else 0, data.get("credit") is None
        # A credit may have had less left than was lost.
        expected = lost if whole or data["amount"] > lost else data["amount"]
        same("PAY-9", f"what was lost of the payment {data['payment']}", expected, data["amount"])
        if known is not None:
            known.resolved += data["amount"]
        same("PAY-9", "what is lost after that", self.lost, data["left"])

    def _voided(self, data: Data, same: Same) -> Move:
        id_, known = data["payment"], self.payments.get(data["payment"])
        back = known.refunded + known.reversed + known.beyond if known else 0
        whole = (known.amount, None, 0, False) if known else None
        found = (data["amount"], known.attempt if known else None, back, known.voided if known else False)
        same("PAY-19", f"the payment {id_} that is voided: amount, attempt, gone back, voided before", whole, found)
        if known is not None:
            known.voided = True
        return Move("PAY-19", paid=-data["amount"])

    def _settlement_voided(self, data: Data, same: Same) -> Move:
        id_, amount = data["settlement"], data["amount"]
        known = self.settlements.get(id_)
        there = (known.amount, known.how, known.voided) if known else None
        same("PAY-19", f"the settlement {id_} that is voided: amount, how, voided before", there,
             (amount, data["how"], False))  # fmt: skip
        same("PAY-19", f"how the settlement {id_} that is voided was made", True, data["how"] in ("on_site", "waived"))
        if known is not None:
            known.voided = True
        for part in data["recovered"]:
            payment = self.payments.get(part["payment"])
            most = payment.beyond if payment else 0
            same("PAY-13", f"what is made good of the payment {part['payment']}", f"at most {most}",
                 f"at most {most}" if part["amount"] <= most else part["amount"])  # fmt: skip
            if payment is not None:
                payment.make_good(part["amount"])
        return Move("PAY-19", paid=amount - sum(part["amount"] for part in data["recovered"]))

    def _gone(self, payment: str, amount: int, same: Same, *, refunded: bool) -> None:
        """A part of a payment goes back; none gives back more than it brought (PAY-4)."""
        rule, known = "PAY-4" if refunded else "PAY-13", self.payments.get(payment)
        if known is None:
            same(rule, f"the payment {payment} that goes back", "one that was published", None)
            return
        if refunded:
            known.refunded += amount
        else:
            known.reversed += amount
        back = known.refunded + known.reversed
        same(rule, f"what goes back of the payment {payment}", f"at most {known.amount}",
             f"at most {known.amount}" if back <= known.amount else back)  # fmt: skip


_HANDLERS: Mapping[str, Callable[[Ledger, Data, Same], Move]] = {
    "PaymentCollected": Ledger._collected,
    "PaymentsImported": Ledger._imported,
    "CollectionStarted": Ledger._collection_started,
    "PaymentFailed": Ledger._failed,
    "CollectionWithdrawn": Ledger._withdrawn,
    "CreditUseRequested": Ledger._use_requested,
    "CreditUseCompleted": Ledger._use_completed,
    "CreditUseReturned": Ledger._use_returned,
    "RefundLineSettled": Ledger._settled,
    "RefundFailed": Ledger._refund_failed,
    "PaymentReversed": Ledger._reversed,
    "PaymentVoided": Ledger._voided,
    "SettlementVoided": Ledger._settlement_voided,
}


def by_credit(uses: Sequence[Use]) -> dict[str, int]:
    """The sum of each client credit."""
    sums: dict[str, int] = {}
    for credit, amount in uses:
        sums[credit] = sums.get(credit, 0) + amount
    return sums
