"""What a mail tells: amounts, dates, ids and names of products, never a person (those are looked up at sending)."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from carnet.events.contracts import Mode
from carnet.events.credits import Origin
from carnet.events.payments import (
    Balance,
    FailureReason,
    Instalment,
    Method,
    OnlineMethod,
    ReversalReason,
    SettledHow,
)
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount

Kind = Literal[
    "contract_opened",
    "contract_changed",
    "payment_received",
    "contract_paid",
    "refund_awaiting",
    "credit_granted",
    "payment_failed",
    "method_missing",
    "payment_reversed",
    "refund_settled",
    "refund_failed",
    "credit_used",
    "credit_restored",
]
"""What a mail is about (NOT-1)."""

KINDS: tuple[Kind, ...] = get_args(Kind)

SUPPORT_KINDS: frozenset[Kind] = frozenset({"refund_awaiting", "refund_failed"})
"""The kinds that go to the organisation's support address; the others go to the account's owner."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AddedLine(_Fact):
    """A purchase that was added, at its price in minor units."""

    line: Id
    name: str
    format: str | None = None
    tariff: str | None = None
    participant: Id | None = None
    price: Amount


class PlacedDiscount(_Fact):
    """A discount that was placed and what it takes off, in minor units."""

    line: Id
    name: str
    amount: Amount


class CancelledLine(_Fact):
    """A line that was cancelled and what the total loses by it: negative for a discount."""

    line: Id
    name: str
    participant: Id | None = None
    amount: SignedAmount


class EditedLine(_Fact):
    """A purchase whose price staff edited (CON-11), in minor units."""

    line: Id
    name: str
    price_before: Amount
    price_after: Amount


class Lines(_Fact):
    """What one opening or change did to the lines of a contract, in the order told."""

    added: tuple[AddedLine, ...] = ()
    discounts: tuple[PlacedDiscount, ...] = ()
    cancelled: tuple[CancelledLine, ...] = ()
    edited: tuple[EditedLine, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.discounts or self.cancelled or self.edited)


class ContractOpenedContent(_Fact):
    """A contract was opened, with its first schedule (CON-9)."""

    kind: Literal["contract_opened"] = "contract_opened"
    contract: Id
    mode: Mode
    currency: Currency
    effective_on: date
    lines: Lines
    total: Amount
    balance: Balance
    instalments: tuple[Instalment, ...]


class ContractChangedContent(_Fact):
    """A contract was changed, with the schedule that answers the change (EVT-1)."""

    kind: Literal["contract_changed"] = "contract_changed"
    contract: Id
    mode: Mode
    currency: Currency
    effective_on: date
    lines: Lines
    contract_cancelled: bool
    """True where the change cancelled the whole contract (CON-22)."""
    total_before: Amount
    total: Amount
    balance: Balance
    instalments: tuple[Instalment, ...]


class PaymentReceivedContent(_Fact):
    """A payment was received, with the schedule as it then is."""

    kind: Literal["payment_received"] = "payment_received"
    contract: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    method: Method
    received_on: date
    balance: Balance
    instalments: tuple[Instalment, ...]
    online: bool = False
    """True where it was collected online; staff recorded the others."""


class PaymentFailedContent(_Fact):
    """An instalment could not be collected online, with the schedule as it then is (PAY-6)."""

    kind: Literal["payment_failed"] = "payment_failed"
    contract: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    method: OnlineMethod
    due: date
    reason: FailureReason
    next_try: date | None
    left: Amount
    """What of the instalment is due still; zero where the contract changed meanwhile and it is gone."""
    balance: Balance
    instalments: tuple[Instalment, ...]


class MethodMissingContent(_Fact):
    """An instalment is due and the account has no payment method to collect it by (PAY-12)."""

    kind: Literal["method_missing"] = "method_missing"
    contract: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    due: date
    balance: Balance
    instalments: tuple[Instalment, ...]


class PaymentReversedContent(_Fact):
    """The bank took a payment back, with the schedule as it then is (PAY-13)."""

    kind: Literal["payment_reversed"] = "payment_reversed"
    contract: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    method: Method
    reason: ReversalReason
    effective_on: date
    balance: Balance
    instalments: tuple[Instalment, ...]
    beyond: Amount = 0
    """What of it had been settled before, so that the contract had it no longer."""


class ContractPaidContent(_Fact):
    """A contract became fully paid (PAY-8)."""

    kind: Literal["contract_paid"] = "contract_paid"
    contract: Id
    currency: Currency
    total: Amount


class RefundAwaitingContent(_Fact):
    """A refund line of an online contract awaits correction by support (PAY-3)."""

    kind: Literal["refund_awaiting"] = "refund_awaiting"
    contract: Id
    currency: Currency
    amount: PositiveAmount
    effective_on: date


class RefundSettledContent(_Fact):
    """A refund line was settled, in part or whole (PAY-4)."""

    kind: Literal["refund_settled"] = "refund_settled"
    contract: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    how: SettledHow
    left: Amount
    """What of the refund line is not settled yet."""
    credit: Id | None
    """The client credit that it was converted to."""
    effective_on: date


class RefundFailedContent(_Fact):
    """The provider could not refund a payment, so that its amount is to be given back again (PAY-4)."""

    kind: Literal["refund_failed"] = "refund_failed"
    contract: Id
    currency: Currency
    amount: PositiveAmount
    payment: Id
    reason: FailureReason
    refund_due: Amount
    """The refund line as it then is."""
    effective_on: date


class CreditGrantedContent(_Fact):
    """A client credit was granted to the account (CRE-1)."""

    kind: Literal["credit_granted"] = "credit_granted"
    credit: Id
    contract: Id | None = None
    """The contract that sold it, or whose refund line became the credit."""
    currency: Currency
    amount: PositiveAmount
    origin: Origin | None = None
    """Where it comes from; none where a line sold it."""


class CreditUsedContent(_Fact):
    """A client credit paid a part of a contract (CRE-3)."""

    kind: Literal["credit_used"] = "credit_used"
    credit: Id
    contract: Id
    currency: Currency
    amount: PositiveAmount
    left: Amount
    """What is left of the credit."""
    effective_on: date


class CreditRestoredContent(_Fact):
    """What a client credit had paid of a contract came back to it (CRE-6)."""

    kind: Literal["credit_restored"] = "credit_restored"
    credit: Id
    contract: Id
    currency: Currency
    amount: PositiveAmount
    left: Amount
    """What is left of the credit."""
    effective_on: date


Content = Annotated[
    ContractOpenedContent
    | ContractChangedContent
    | PaymentReceivedContent
    | ContractPaidContent
    | RefundAwaitingContent
    | CreditGrantedContent
    | PaymentFailedContent
    | MethodMissingContent
    | PaymentReversedContent
    | RefundSettledContent
    | RefundFailedContent
    | CreditUsedContent
    | CreditRestoredContent,
    Field(discriminator="kind"),
]
"""The facts of a mail by its kind."""
