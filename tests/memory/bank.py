"""A payment provider in memory, with the bank behind it: it does what its mood says, and forgets nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
from payments.provider.interface import Charge, Ended, Notice, Refund, Reversed, UnansweredError

Mood = Literal["does", "refuses", "takes its time", "does, answer lost", "refuses, answer lost",
               "takes its time, answer lost", "gets no answer", "is busy"]  # fmt: skip
MOODS: tuple[Mood, ...] = get_args(Mood)


@dataclass
class Deed:
    """What the bank did with one order, and how often it was asked to."""

    order: Charge | Refund
    status: Literal["pending", "succeeded", "failed"]
    taken_back: int = 0
    asked: int = 1

    @property
    def outcome(self) -> Outcome:
        """The outcome, as the provider answers it."""
        reference = f"ref-{self.order.key}"
        if self.status == "failed":
            return Failed("insufficient_funds", "no_money", reference)
        return Succeeded(reference) if self.status == "succeeded" else Pending(reference)


@dataclass
class Bank:
    """It charges and refunds at most once per key. Each call uses up a mood; without one it does what is asked."""

    name: str = "sandbox"
    accepts: bool = True
    moods: list[Mood] = field(default_factory=list)
    book: dict[str, Deed] = field(default_factory=dict)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    """Every webhook that it has ever had to send, in order."""
    delivered: set[int] = field(default_factory=set)
    """The places of those that were sent at least once."""

    # What Carnet asks

    async def charge(self, charge: Charge) -> Outcome:
        """Collect."""
        return self._asked(charge)

    async def refund(self, refund: Refund) -> Outcome:
        """Give back, no more than was collected."""
        return self._asked(refund)

    async def find(self, order: Charge | Refund) -> Outcome | None:
        """What became of an order."""
        if self._mood() == "gets no answer":
            raise UnansweredError("no answer")
        deed = self.book.get(order.key)
        return None if deed is None else deed.outcome

    async def notices(self, body: bytes, _headers: Mapping[str, str], _now: datetime) -> tuple[Notice, ...]:
        """What a webhook reports."""
        webhooks = json.loads(body)
        if webhooks["kind"] == "reversed":
            return (Reversed(webhooks["id"], webhooks["key"], webhooks["amount"], webhooks["reason"]),)
        outcome = self.book[webhooks["key"]].outcome if webhooks["status"] == "now" else _outcome(webhooks)
        return () if isinstance(outcome, Pending) else (Ended(webhooks["key"], outcome),)

    async def send_clock(self, _organisation: str, _ahead: timedelta) -> None:
        """Days pass only as the machine says."""

    async def close(self) -> None:
        """Nothing is open."""

    def _mood(self) -> Mood:
        return self.moods.pop(0) if self.moods else "does"

    def _asked(self, order: Charge | Refund) -> Outcome:
        mood = self._mood()
        if mood == "is busy":
            raise UnansweredError("too many at once", refuses_all=True)
        if mood == "gets no answer":
            raise UnansweredError("no answer")
        deed = self.book.get(order.key)
        if deed is None:
            deed = self.book[order.key] = Deed(order, _STATUS[mood.removesuffix(", answer lost")])
            self._announce_end(deed)
        else:
            assert deed.order == order, ("PAY-6: the same key with another body", deed.order, order)
            deed.asked += 1
        if mood.endswith("answer lost"):
            raise UnansweredError("no answer")
        return deed.outcome

    # What the bank does of its own accord

    def decide(self, key: str, status: Literal["succeeded", "failed"]) -> None:
        """What was pending ends; or what had ended turns out otherwise."""
        self.book[key].status = status
        self._announce_end(self.book[key])

    def take_back(self, key: str, amount: int) -> None:
        """Take money back of a charge: a returned debit, a chargeback."""
        self.book[key].taken_back += amount
        place = len(self.webhooks)
        self.webhooks.append(
            {"kind": "reversed", "id": f"back-{place}", "key": key, "amount": amount, "reason": "chargeback"}
        )

    def _announce_end(self, deed: Deed) -> None:
        if deed.status != "pending":
            self.webhooks.append({"kind": "ended", "key": deed.order.key, "status": deed.status})

    # Its book

    def done(self, kind: type[Charge] | type[Refund]) -> dict[str, int]:
        """What it has charged or refunded, in minor units, by key."""
        return {
            key: deed.order.amount
            for key, deed in self.book.items()
            if isinstance(deed.order, kind) and deed.status == "succeeded"
        }

    @property
    def taken(self) -> int:
        """What it has taken back of charges."""
        return sum(deed.taken_back for deed in self.book.values())


_STATUS: Mapping[str, Literal["pending", "succeeded", "failed"]] = {
    "does": "succeeded",
    "refuses": "failed",
    "takes its time": "pending",
}


def _outcome(webhooks: Mapping[str, Any]) -> Outcome:
    reference = f"ref-{webhooks['key']}"
    if webhooks["status"] == "failed":
        return Failed("insufficient_funds", "no_money", reference)
    return Succeeded(reference)
