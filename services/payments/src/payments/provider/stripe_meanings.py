"""What Stripe's objects, codes and amounts mean here; nothing here calls Stripe (``docs/operations/stripe.md``)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from carnet.events.payments import FailureReason, ReversalReason
from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
from payments.collection.domain.steps import step_of

ORDER = "carnet_order"
"""The name of the field of Stripe's metadata that has our order's id."""

# Amounts. Stripe's minor unit is that of ISO 4217, but for these.

_FACTORS = {"ISK": 100, "UGX": 100}
"""Without decimals in ISO 4217, written with two zeros at Stripe."""

_DIVISORS = {"MGA": 100}
"""With decimals in ISO 4217, without at Stripe."""


def to_stripe(amount: int, currency: str) -> int | None:
    """An amount of ISO 4217's minor units as Stripe counts it; None if it can't be written there (``step_of``)."""
    if amount % step_of("stripe", currency):
        return None
    return amount * _FACTORS.get(currency, 1) // _DIVISORS.get(currency, 1)


def from_stripe(amount: int, currency: str) -> int:
    """An amount as Stripe counts it, in ISO 4217's minor units."""
    code = currency.upper()
    return amount * _DIVISORS.get(code, 1) // _FACTORS.get(code, 1)


# Tokens

_TOKEN = re.compile(r"(cus_[A-Za-z0-9]+)/((?:pm|card|src|ba)_[A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Token:
    """A payment method that is kept for a customer of the Stripe account."""

    customer: str
    method: str


def token_of(written: str) -> Token | None:
    """The customer and the payment method in ``cus_.../pm_...``; None if it is not that."""
    found = _TOKEN.fullmatch(written)
    return Token(found[1], found[2]) if found else None


# Codes

REASONS: Mapping[str, FailureReason] = {
    "insufficient_funds": "insufficient_funds",
    "withdrawal_count_limit_exceeded": "insufficient_funds",
    "card_velocity_exceeded": "insufficient_funds",
    "expired_card": "expired",
    "expired_or_canceled_card": "expired",
    "authentication_required": "authentication_required",
    "offline_pin_required": "authentication_required",
    "account_closed": "account_closed",
    "bank_account_closed": "account_closed",
    "no_account": "account_closed",
    "debit_not_authorized": "mandate_revoked",
    "mandate_invalid": "mandate_revoked",
    "stop_payment_order": "mandate_revoked",
    "revocation_of_authorization": "mandate_revoked",
    "revocation_of_all_authorizations": "mandate_revoked",
    "bank_account_invalid_details": "unknown_method",
    "incorrect_number": "unknown_method",
    "invalid_number": "unknown_method",
    "invalid_account": "unknown_method",
    "resource_missing": "unknown_method",
    "payment_method_not_available": "unknown_method",
    "payment_method_unexpected_state": "unknown_method",
    "payment_method_customer_decline": "refused",
    "card_declined": "refused",
    "generic_decline": "refused",
    "do_not_honor": "refused",
    "fraudulent": "refused",
    "lost_card": "refused",
    "stolen_card": "refused",
    "lost_or_stolen_card": "refused",
    "pickup_card": "refused",
    "restricted_card": "refused",
    "bank_account_restricted": "refused",
    "transaction_not_allowed": "refused",
    "call_issuer": "refused",
    "declined": "refused",
}
"""What a code of a decline, a debit or a refund means; ``failed`` says what an unknown one does."""

LASTING = frozenset(
    {
        "amount_too_small",
        "amount_too_large",
        "charge_already_refunded",
        "charge_disputed",
        "charge_expired_for_capture",
        "payment_method_not_available",
        "payment_method_unexpected_state",
        "resource_missing",
    }
)
"""Codes of requests that Stripe can't take because of the order itself: it is refused for good.

Any other bad request is a fault of Carnet or of the account's settings: the order waits until that is corrected.
"""

_DEBIT_DISPUTES = frozenset(
    {
        "bank_cannot_process",
        "customer_initiated",
        "debit_not_authorized",
        "incorrect_account_details",
        "insufficient_funds",
    }
)
"""The reasons of disputes by which debits are returned."""


def reversal_reason(dispute: str) -> ReversalReason:
    """Why the bank took money back (PAY-13)."""
    return "returned_debit" if dispute in _DEBIT_DISPUTES else "chargeback"


def failed(code: str | None, decline: str | None, reference: str | None) -> Failed:
    """A failure by its code, and that of the bank's decline, which says more."""
    given = decline or code or "unknown"
    reason = REASONS.get(given) or ("refused" if code == "card_declined" else "other")
    return Failed(reason, given, reference)


# Objects, of which only what matters here is read


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Problem(_Read):
    """Why the last attempt to pay failed."""

    code: str | None = None
    decline_code: str | None = None


class PaymentIntent(_Read):
    """A charge."""

    id: str
    status: str
    metadata: dict[str, str] = {}
    last_payment_error: Problem | None = None

    @property
    def order(self) -> str | None:
        """The id of our order; None if the charge is not ours."""
        return self.metadata.get(ORDER)

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        match self.status:
            case "succeeded":
                return Succeeded(self.id)
            case "processing":
                return Pending(self.id)
            case "requires_action" | "requires_confirmation":
                # Nobody is there to confirm it: it was asked for without the client.
                return Failed("authentication_required", self.status, self.id)
            case _:
                problem = self.last_payment_error or Problem(code=self.status)
                return failed(problem.code, problem.decline_code, self.id)


class StripeRefund(_Read):
    """A refund."""

    id: str
    status: str | None = None
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None

    @property
    def order(self) -> str | None:
        """The id of our order; None if the refund is not ours."""
        return (self.metadata or {}).get(ORDER)

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        match self.status:
            case "succeeded":
                return Succeeded(self.id)
            case "failed" | "canceled":
                # Not a client's lack of money, whatever the word: it is the Stripe account's.
                reason = self.failure_reason or self.status
                return (
                    Failed("other", reason, self.id)
                    if reason == "insufficient_funds"
                    else failed(reason, None, self.id)
                )
            case _:
                return Pending(self.id)


class Dispute(_Read):
    """What the bank took back, in Stripe's minor units."""

    id: str
    amount: int
    currency: str
    reason: str
    payment_intent: str | None = None


class EventData(_Read):
    """What an event is about."""

    object: dict[str, object]


class StripeEvent(_Read):
    """The body of a webhook."""

    type: str
    data: EventData
