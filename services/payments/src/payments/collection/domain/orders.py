"""What is asked of a payment provider: to charge an instalment, to refund a payment (PAY-6, PAY-4).

asked ──answer──▶ succeeded | failed
  │        └────▶ pending ──webhook, or asked again──▶ succeeded | failed
  └──no answer──▶ asked: found at the provider, or asked again with the same key and body

An order is saved before the provider is called, with the schedule that it moves. Its id is the
idempotency key, so that asking again never charges twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events.payments import FailureReason, OnlineMethod
from payments.refunds.domain.reversing import TakenBack

OrderKind = Literal["charge", "refund"]
"""To collect an instalment, or to refund a payment."""

ORDER_KINDS: tuple[OrderKind, ...] = get_args(OrderKind)

Status = Literal["asked", "pending", "succeeded", "failed", "withdrawn"]
"""``withdrawn``: it was taken back before the bank was asked (PAY-18)."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The provider has done it; ``reference`` is the provider's own id of it."""

    reference: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider works on it, and reports the outcome by webhook, perhaps days later."""

    reference: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider does not do it: why, and the provider's own ``code`` for that."""

    reason: FailureReason
    code: str
    reference: str | None = None


Outcome = Succeeded | Pending | Failed


class Order(State):
    """One order to a provider; its id is the idempotency key. Amounts are in minor units.

    ``check_at`` is the instant from which a worker may take it: the end of the claim while the provider is being asked,
    the next look while it is unanswered or pending. It is None once the order is over, and for an order that is handed
    to the bank by file: files of the bank, or staff, report its outcome.
    """

    kind: OrderKind
    """An older worker keeps a kind that only a newer release has, and leaves the order to that release's workers."""
    contract: str
    account: str
    amount: int
    currency: str
    provider: str
    method: str
    """The payment method's id."""
    method_kind: OnlineMethod
    token: str
    """The provider's token of the payment method: shown to nobody."""
    instalment: str | None = None
    """Of a charge: the instalment that is collected."""
    due: date | None = None
    """Of a charge: the date of that instalment."""
    number: int = 1
    """Of a charge: which attempt of the instalment it is."""
    payment: str | None = None
    """Of a refund: the payment that is given back."""
    charge: str | None = None
    """Of a refund: the provider's reference of that payment."""
    settlement: str | None = None
    """Of a refund: the settlement that it belongs to."""
    remittance: str | None = None
    """Of a direct debit that is handed to the bank by file: the remittance that it is in (PAY-18)."""
    to_transfer: bool = False
    """Of a refund of a direct debit: whether it waits for a file of transfers (PAY-18)."""
    refund_file: str | None = None
    """Of one: the file of transfers that it is in."""
    status: Status = "asked"
    slot: int
    check_at: Instant | None
    claim: str | None = None
    asks: int = 0
    """How many times the provider was asked: to do it, or what became of it."""
    made_at: Instant
    request: str | None = None
    """The id of the HTTP request that made it, by which its outcomes are traced; None if the run collected it."""
    ended_at: Instant | None = None
    reference: str | None = None
    reason: FailureReason | None = None
    code: str | None = None
    """The provider's own code of why it failed."""
    credited_by: str | None = None
    """Of an order in a file: the line of a bank's file that says that it was carried out (PAY-18)."""
    returned_by: str | None = None
    """Of one: the line that says that it was rejected or came back."""
    taken_back: tuple[TakenBack, ...] = ()
    """Of a charge: what the bank took back of it, reported before its success was (PAY-13)."""

    @property
    def over(self) -> bool:
        """Whether its outcome is known for good."""
        return self.status in ("succeeded", "failed", "withdrawn")


LAST_WORD: Mapping[OrderKind, Status] = {"charge": "succeeded", "refund": "failed"}
"""An outcome that is final even if another one was reported before: a charge that brought money, and a refund that did
not go through after all."""


def is_news(order: Order, outcome: Succeeded | Failed) -> bool:
    """Whether this outcome moves the order: its first one, or a final one for an order that had ended otherwise."""
    reported: Status = "succeeded" if isinstance(outcome, Succeeded) else "failed"
    return not order.over or (reported != order.status and reported == LAST_WORD[order.kind])


def ended(order: Order, outcome: Succeeded | Failed, now: datetime) -> Order:
    """The order once its outcome is known for good."""
    known = {"check_at": None, "claim": None, "ended_at": now, "reference": outcome.reference or order.reference}
    match outcome:
        case Succeeded():
            return order.model_copy(update={**known, "status": "succeeded", "reason": None, "code": None})
        case Failed(reason=reason, code=code):
            return order.model_copy(update={**known, "status": "failed", "reason": reason, "code": code})


def waiting(order: Order, outcome: Pending, next_look: datetime) -> Order:
    """The order while it is pending at the provider: it is looked at again from ``next_look`` if no webhook comes."""
    return order.model_copy(
        update={"status": "pending", "reference": outcome.reference, "claim": None, "check_at": next_look}
    )


def unanswered(order: Order, next_look: datetime) -> Order:
    """The order where the provider's answer did not come: from ``next_look`` it is asked what became of it."""
    return order.model_copy(update={"claim": None, "check_at": next_look})


def in_file(order: Order) -> Order:
    """The order once the file that it is in was handed to the bank."""
    return order.model_copy(update={"status": "pending", "reference": end_to_end(order.id)})


def in_refund_file(order: Order, file: str) -> Order:
    """A refund once it is in a file of transfers, and in no other (PAY-18)."""
    return order.model_copy(update={"refund_file": file, "to_transfer": False})


def out_of_refund_file(order: Order) -> Order:
    """A refund once the file that it was in was taken back: it waits for the next one (PAY-18)."""
    return order.model_copy(update={"refund_file": None, "to_transfer": True})


def withdraw(order: Order, now: datetime) -> Order:
    """The order once it was taken back before the bank was asked (PAY-18)."""
    return order.model_copy(update={"status": "withdrawn", "check_at": None, "claim": None, "ended_at": now})


def end_to_end(order_id: str) -> str:
    """How a bank calls an order in a file: its id without dashes, as SEPA allows 35 characters."""
    return order_id.replace("-", "")
