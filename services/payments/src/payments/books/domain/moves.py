"""What the books book: an event of a schedule, or a movement of a client credit that is on no schedule (INV-7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events import credits
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.payments import RecordedMethod
from carnet.money import Amount

CreditKind = Literal[
    "credit_sold",
    "deposit",
    "credit_given",
    "credit_imported",
    "credit_adjusted",
    "credit_removed",
    "deposit_reversed",
    "credit_taken_back",
    "due_recovered",
    "due_paid",
    "due_waived",
]


class CreditMove(State):
    """A movement of a credit as the books have it. Its id is the credit's and the sequence of the event."""

    credit: str
    account: str
    contract: str | None = None
    """The contract that sold the credit, or whose payment the bank took back."""
    kind: CreditKind
    amount: int
    """In minor units; below zero only where staff took something off."""
    beyond: Amount = 0
    """Of a reversed deposit: the part of it that the credit no longer had, and that is due from the account."""
    method: RecordedMethod | None = None
    """Of a deposit, and of what was due of one: how it was received."""
    on: date
    """The organisation's date on which it counts; of a deposit, the day it was received."""
    at: Instant
    """When payments entered it."""


def credit_move(body: Event, organisation: str, sequence: int, now: datetime) -> CreditMove | None:
    """The movement that an event of credits is to the books; its ``sequence`` is its place among the credit's.

    None if it moves nothing, and for what payments has asked for: that is in the journal of a schedule.
    """
    fields = dict[str, object]()
    match body:
        case credits.CreditGranted() | credits.GiftCardIssued():
            fields = {"kind": "credit_sold", "contract": body.contract}
        case credits.CreditIssued(origin="deposit"):
            fields = {"kind": "deposit", "method": body.method, "on": body.received_on or body.effective_on}
        case credits.CreditIssued(origin="staff"):
            fields = {"kind": "credit_given"}
        case credits.CreditIssued(origin="imported"):
            fields = {"kind": "credit_imported"}
        case credits.CreditAdjusted():
            fields = {"kind": "credit_adjusted"}
        case credits.CreditRemoved():
            removed = body.amount if body.removed is None else body.removed
            fields = {"kind": "credit_removed", "contract": body.contract, "amount": removed}
        case credits.DepositReversed():
            fields = {"kind": "deposit_reversed", "beyond": body.amount - body.taken, "method": body.method}
        case credits.CreditTakenBack():
            kind = "credit_taken_back" if body.payment else "due_recovered"
            fields = {"kind": kind, "contract": body.contract}
        case credits.DepositDueSettled():
            fields = {"kind": "due_paid" if body.how == "paid" else "due_waived", "method": body.method}
        case _:
            return None
    given: Mapping[str, object] = {"amount": body.amount, "on": body.effective_on, **fields}
    move = CreditMove.model_validate(
        {
            "id": f"{body.credit}:{sequence}",
            "organisation": organisation,
            "credit": body.credit,
            "account": body.account,
            "at": now,
            **given,
        }
    )
    return move if move.amount else None


@dataclass(frozen=True, slots=True)
class Booked:
    """Something that is booked, with when and for which day it was entered."""

    id: str
    at: datetime
    on: date
    """The organisation's date on which it happened."""
    what: Event | CreditMove

    @property
    def account(self) -> str | None:
        """The client account; None for a bank deposit, which has takings of many."""
        account: str | None = getattr(self.what, "account", None)
        return account

    @property
    def contract(self) -> str | None:
        """The contract, where there is one."""
        contract: str | None = getattr(self.what, "contract", None)
        return contract


BOOKED_EVENTS: tuple[type[Event], ...] = (
    published.PaymentVoided,
    published.PaymentReversed,
    published.CreditUseCompleted,
    published.CreditGivenBack,
    published.RefundLineSettled,
    published.RefundFailed,
    published.SettlementVoided,
    published.LossResolved,
    published.InvoiceIssued,
    published.InvoiceCancelled,
)
"""The events of payments that are booked, on their ``effective_on``; a payment that was collected is one more, booked
on the day on which it was received, and so are bank deposits (PAY-7), on their day and on that of their undoing."""
