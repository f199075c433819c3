"""What the sandbox does when it is asked, and what happens by itself as its merchants' days pass."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from carnet.ids import new_id
from carnet_sandbox.book import Book, Entry, Merchant, Plan
from carnet_sandbox.plays import FINE, Fault, Play, known

DAY = 86_400
BETWEEN_COPIES = 0.2
"""Seconds between the copies of a webhook."""
_AT_ONCE = 200

Clock = Callable[[], float]
"""The real time in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that is asked for; the amount is in minor units. ``body`` shows whether it is the same request again."""

    key: str
    merchant: str
    amount: int
    currency: str
    token: str
    body: str


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that is asked for; ``charge`` is the reference of the charge."""

    key: str
    merchant: str
    amount: int
    currency: str
    charge: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: the order if it was done, and how the answer fails if it does."""

    entry: Entry | None
    fault: Fault | None
    seconds: int


class Till:
    """The sandbox without its HTTP."""

    def __init__(self, book: Book, clock: Clock = time.time) -> None:
        self._book = book
        self._clock = clock

    def charge(self, asked: Charge) -> Answer:
        """Charge, at most once per key. Raises ``KeyReusedError``."""
        found = known(asked.token)
        with self._book.transaction() as book:
            played = found.charge if found else Play("failed", "unknown_token")
            if played.first is not None and book.orders_of(asked.merchant, asked.token) >= played.first:
                played = FINE
            # An unknown token may be anything, so it is not kept.
            return self._order("charge", asked, played, token=asked.token if found else "unknown", charge=None)

    def refund(self, asked: Refund) -> Answer:
        """Refund, at most once per key. Raises ``KeyReusedError``."""
        with self._book.transaction() as book:
            charge = book.referred(asked.charge)
            if charge is None or charge.kind != "charge" or charge.merchant != asked.merchant:
                refused = Play("failed", "unknown_charge")
                return self._order("refund", asked, refused, token="unknown", charge=None)  # noqa: S106 # no password
            found, refusal = known(charge.token), _refusal(book, asked, charge)
            played = Play("failed", refusal) if refusal else found.refund if found else FINE
            return self._order("refund", asked, played, token=charge.token, charge=charge.reference)

    def found(self, kind: Literal["charge", "refund"], key: str) -> Entry | None:
        """The order of that key; None if it was not done."""
        return self._book.order(kind, key)

    def describe(self, merchant: Merchant) -> None:
        """Keep a merchant's clock and the address of its webhooks."""
        with self._book.transaction() as book:
            book.describe(merchant, self._clock())

    def pass_time(self) -> int:
        """Do what is due on the clocks of the merchants; how much that was."""
        done = 0
        for merchant in self._book.merchants():
            while plans := self._book.due_plans(merchant.merchant, self._clock() + merchant.clock_ahead, _AT_ONCE):
                with self._book.transaction():
                    for plan in plans:
                        self._happen(plan)
                done += len(plans)
        return done

    def _order(
        self, kind: Literal["charge", "refund"], asked: Charge | Refund, played: Play, *, token: str, charge: str | None
    ) -> Answer:
        times = self._book.asked(kind, asked.key, asked.body)
        entry = self._book.order(kind, asked.key)
        fault = played.fault if times <= played.faults else None
        if entry is None and (fault is None or played.done):
            entry = self._book.add(
                kind=kind,
                key=asked.key,
                merchant=asked.merchant,
                amount=asked.amount,
                currency=asked.currency,
                status=played.status,
                code=played.code,
                reference=f"{'ch' if kind == 'charge' else 're'}_{new_id()}",
                charge=charge,
                token=token,
            )
            self._follow(entry, played)
        return Answer(entry, fault, played.seconds)

    def _follow(self, entry: Entry, played: Play) -> None:
        """Keep what is to happen with an order that was just done."""
        body = _report(entry)
        for copy in range(played.webhooks):
            self._book.post(entry.merchant, body, self._clock() + copy * BETWEEN_COPIES)
        at = self._clock() + self._book.met(entry.merchant).clock_ahead
        if played.ending:
            ending = played.ending
            at += ending.days * DAY
            self._book.plan(
                merchant=entry.merchant,
                at=at,
                reference=entry.reference,
                what="end",
                status=ending.status,
                code=ending.code,
                reported_after=ending.reported_after,
                held=ending.held,
            )
        if played.reversed_after is not None:
            at += played.reversed_after * DAY
            self._book.plan(merchant=entry.merchant, at=at, reference=entry.reference, what=played.reversal)

    def _happen(self, plan: Plan) -> None:
        entry = self._book.referred(plan.reference)
        if entry is not None:
            match plan.what:
                case "end":
                    self._end(plan, entry)
                case "tell":
                    self._book.post(entry.merchant, _report(entry), self._clock())
                case "returned_debit" | "chargeback":
                    self._take_back(entry, plan.what)
        self._book.happened(plan)

    def _end(self, plan: Plan, entry: Entry) -> None:
        self._book.end(entry.reference, plan.status or "succeeded", plan.code)
        if plan.reported_after is None:
            return
        if plan.reported_after:
            at = plan.at + plan.reported_after * DAY
            self._book.plan(merchant=plan.merchant, at=at, reference=plan.reference, what="tell")
        elif (ended := self._book.referred(entry.reference)) is not None:
            self._book.post(entry.merchant, _report(ended), self._clock() + plan.held)

    def _take_back(self, charge: Entry, reason: str) -> None:
        """The bank takes back what is left of a charge."""
        left = self._book.left_of(charge)
        if charge.status != "succeeded" or left <= 0:
            return
        reversal = self._book.add(
            kind="reversal",
            key=charge.key,
            merchant=charge.merchant,
            amount=left,
            currency=charge.currency,
            status="succeeded",
            code=reason,
            reference=f"rv_{new_id()}",
            charge=charge.reference,
            token=charge.token,
        )
        content = {
            "type": "charge.reversed",
            "reversal": reversal.reference,
            "charge": charge.reference,
            "amount": left,
            "currency": charge.currency,
            "reason": reason,
        }
        self._book.post(charge.merchant, _webhook(charge, content), self._clock())


def _refusal(book: Book, asked: Refund, charge: Entry) -> str | None:
    """Why a charge can't be refunded so."""
    if charge.status != "succeeded":
        return "charge_not_succeeded"
    if asked.currency != charge.currency:
        return "other_currency"
    return "more_than_left" if asked.amount > book.left_of(charge) else None


def _report(entry: Entry) -> str:
    content = {
        "type": f"{entry.kind}.ended",
        "reference": entry.reference,
        "status": entry.status,
        "code": entry.code,
        "amount": entry.amount,
        "currency": entry.currency,
    }
    return _webhook(entry, content)


def _webhook(entry: Entry, content: Mapping[str, object]) -> str:
    return orjson.dumps({"id": f"wh_{new_id()}", "merchant": entry.merchant, "key": entry.key, **content}).decode()
