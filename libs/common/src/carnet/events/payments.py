"""What payments tells: how a contract's schedule moves, what is paid, collected and given back."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts import Mode
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount

SCHEDULES = Topic("payments.schedules", "facts")

RecordedMethod = Literal["cash", "cheque", "transfer", "card"]
"""How staff received a payment (PAY-7)."""

OnlineMethod = Literal["card", "direct_debit"]
"""How an online instalment is collected (PAY-12)."""

Method = Literal["cash", "cheque", "transfer", "card", "direct_debit"]
"""How a payment came: as staff received it, or online."""

FailureReason = Literal[
    "insufficient_funds",
    "refused",
    "expired",
    "authentication_required",
    "account_closed",
    "mandate_revoked",
    "unknown_method",
    "other",
]
"""Why the provider did not collect an instalment, or did not refund (PAY-6, PAY-4)."""

ReversalReason = Literal["returned_debit", "chargeback", "bounced_cheque", "other"]
"""Why the bank took a payment back (PAY-13)."""

SettledHow = Literal["refunded", "converted", "on_site", "waived"]
"""How a part of a refund line was settled (PAY-4): to the payment method, to a client credit, on site, or waived."""

CreditRefusal = Literal[
    "unknown-credit",
    "removed",
    "other-account",
    "other-currency",
    "more-than-left",
    "sold-by-this-contract",
]
"""Why a client credit could not be used (CRE-3)."""


class Balance(Part):
    """The balance of a contract in minor units: total = paid + processing + planned + unscheduled − refund_due."""

    total: Amount
    paid: Amount
    processing: Amount
    planned: Amount
    unscheduled: Amount
    refund_due: Amount

    @property
    def all_paid(self) -> bool:
        """Whether nothing is planned, unscheduled or processing: with a live line, the contract is paid (PAY-8)."""
        return self.planned == self.unscheduled == self.processing == 0


class Instalment(Part):
    """A planned instalment: its due date in the organisation's time zone and its amount in minor units."""

    id: Id
    due: date
    amount: PositiveAmount
    fixed: bool = False
    """True where staff fixed the amount (PAY-5)."""
    held: bool = False
    """True for a post-dated cheque that is held until its due date (PAY-7)."""
    method: RecordedMethod | None = None
    """How it is to be paid, where staff said so (PAY-5)."""
    on_request: bool = False
    """True for what the bank took back: it is not collected by itself (PAY-13)."""
    next_try: date | None = None
    """The date of its next attempt, where one has failed (PAY-6)."""
    gave_up: bool = False
    """True after its last attempt: it is not collected by itself any more (PAY-6)."""
    waits_for_method: bool = False
    """True where it was due and the account had no usable payment method (PAY-12)."""
    line: Id | None = None
    """The line of the contract whose charge it is, where that is due on a date of its own (PAY-15)."""


class ScheduleCreated(Event):
    """The schedule of a contract that was opened (EVT-1)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    effective_on: date
    change: Id
    """The opening that it answers."""
    covers: int
    """The version of the contract that it covers."""
    balance: Balance
    instalments: tuple[Instalment, ...]


class ScheduleAdjusted(Event):
    """The schedule after a change of the contract, even where nothing moved (EVT-1), or moved by staff or by itself."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    effective_on: date
    change: Id | None
    """The change of the contract that it answers; None if staff moved the schedule itself, or it moved by itself: a
    payment method arrived, or a part of an instalment that the payment provider cannot write went to another one."""
    covers: int
    """The version of the contract that it covers."""
    balance: Balance
    balance_before: Balance
    instalments: tuple[Instalment, ...]
    instalments_before: tuple[Instalment, ...] | None = None
    """The instalments before, where staff moved the schedule itself (PAY-5), so that the client is informed; None if
    a change of the contract did, if it moved by itself, and in events from before this field."""


class PaymentCollected(Event):
    """Money was received, with the schedule as it then is."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    payment: Id
    amount: PositiveAmount
    method: Method
    received_on: date
    covers: int
    balance: Balance
    instalments: tuple[Instalment, ...]
    attempt: Id | None = None
    """The attempt that brought it online (PAY-6); None if staff recorded it."""


class ContractPaid(Event):
    """The contract passed from not fully paid to fully paid (PAY-8)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    covers: int
    """The version of the contract that is fully paid."""
    total: Amount
    effective_on: date


class ContractReopened(Event):
    """The contract is no longer fully paid (PAY-8)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    covers: int
    total: Amount
    effective_on: date


class RefundLineCreated(Event):
    """A refund line now stands in the schedule (PAY-2); online it awaits correction by support (PAY-3)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it; None if a payment of too much did."""


class RefundLineChanged(Event):
    """The refund line is another amount (PAY-2, PAY-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount_before: PositiveAmount
    amount_after: PositiveAmount
    effective_on: date
    change: Id | None


class RefundLineDropped(Event):
    """The refund line is gone without having been settled: nothing is owed any more (PAY-2)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    amount_before: PositiveAmount
    effective_on: date
    change: Id | None


class ScheduleMoved(Event):
    """What every event tells that moves a schedule by something else than a change of its contract."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    mode: Mode
    currency: Currency
    effective_on: date
    covers: int
    """The version of the contract that the schedule covers."""
    balance: Balance
    """The balance as it then is."""
    instalments: tuple[Instalment, ...]


class CollectionStarted(ScheduleMoved):
    """An online instalment is at the payment provider: its amount is processing (PAY-6)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    number: Annotated[int, Field(ge=1)]
    """Which attempt of this instalment it is, from 1."""


class PaymentFailed(ScheduleMoved):
    """The provider did not collect an instalment: its amount is back where it was (PAY-6)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    reason: FailureReason
    next_try: date | None
    """When it is attempted again; none after the last attempt, and where nothing is left of it."""


class PaymentMethodMissing(ScheduleMoved):
    """An online instalment is due and its account has no usable payment method: it is not attempted (PAY-12)."""

    instalment: Id
    due: date
    amount: PositiveAmount


class CreditUseRequested(ScheduleMoved):
    """A client credit is to pay a part of the contract: its amount is processing until credits answers (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount


class CreditUseCompleted(ScheduleMoved):
    """The amount that a client credit was asked for is paid (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount


class CreditUseReturned(ScheduleMoved):
    """Credits refused the use: its amount is back where it was (CRE-3)."""

    request: Id
    credit: Id
    amount: PositiveAmount
    reason: CreditRefusal
    suspended: bool = False
    """As in ``CreditUseRefused``: the contract that sold the credit is not paid (CRE-2)."""


class CreditGivenBack(Event):
    """A part of what a client credit had paid goes back to it, since less is left to cover (CRE-6)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    credit: Id
    amount: PositiveAmount
    effective_on: date
    change: Id | None
    """The change of the contract that caused it, where one did."""


class PaymentReturned(Part):
    """What goes back of one payment, in minor units."""

    payment: Id
    amount: PositiveAmount


class RefundLineSettled(ScheduleMoved):
    """A part of the refund line, or all of it, is settled: it has left what is paid (PAY-4)."""

    settlement: Id
    amount: PositiveAmount
    how: SettledHow
    left: Amount
    """What of the refund line is not settled yet."""
    credit: Id | None = None
    """The client credit that it was converted to."""
    payments: tuple[PaymentReturned, ...] = ()
    """Which payments are refunded, the latest first."""


class RefundFailed(ScheduleMoved):
    """The provider could not refund a payment: the amount is paid again (PAY-4)."""

    settlement: Id
    payment: Id
    amount: PositiveAmount
    reason: FailureReason
    recovered: Amount = 0
    """What of it makes good what the bank had taken of the payment beyond what the contract had (PAY-13), in minor
    units: only the rest is paid again."""


class PaymentReversed(ScheduleMoved):
    """The bank took a payment back, or a part of it (PAY-13)."""

    payment: Id
    amount: PositiveAmount
    method: Method
    reason: ReversalReason
    beyond: Amount = 0
    """What of it the contract had no longer, since it was settled before: only the rest has left what is paid."""


class PaymentVoided(ScheduleMoved):
    """A payment that staff had recorded was a wrong entry: what it took is back where it was (PAY-19).

    It never was received: unlike a reversal, nothing was taken back.
    """

    payment: Id
    amount: PositiveAmount
    """What had been entered, in minor units: all of it has left what is paid."""
    method: Method
    received_on: date
    """The day on which it had been entered as received."""


class SettlementVoided(ScheduleMoved):
    """A settlement on site, or waived, was a wrong entry: its amount is paid again, then PAY-2 applies (PAY-19)."""

    settlement: Id
    amount: PositiveAmount
    """What had been entered, in minor units: all of it is paid again."""
    how: SettledHow
    settled_on: date
    """The day on which it had been entered."""
    recovered: tuple[PaymentReturned, ...] = ()
    """What of it makes good what the bank had taken of these payments beyond what the contract had (PAY-13), in minor
    units: only the rest is paid again."""


class ReversalConfirmed(Event):
    """The provider has published a reversal that staff had recorded before it: the two are one (PAY-13)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    payment: Id
    reversal: Id
    """The reversal that staff recorded."""
    amount: PositiveAmount
    """What of it the provider has confirmed, in minor units."""
    effective_on: date


class LossResolved(Event):
    """What the bank took back of a payment beyond what its contract still had was dealt with (PAY-9, PAY-13).

    Somebody did, in a way that the organisation alone knows, or it was taken from a client credit. The schedule does
    not move.
    """

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    payment: Id
    amount: PositiveAmount
    """What was dealt with, in minor units: all that was lost of the payment (``beyond`` of ``PaymentReversed``), or
    what the credit had left of it."""
    left: Amount
    """What the contract has lost that is not dealt with yet, in minor units."""
    effective_on: date
    credit: Id | None = None
    """The client credit that it was taken from; None if somebody dealt with it."""


class PaymentMethodAdded(Event):
    """An account can be collected from by another payment method (PAY-12); told in the sequence of the account."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id
    provider: str
    kind: OnlineMethod
    default: bool
    """Whether it is the one that instalments are collected by."""


class PaymentMethodPreferred(Event):
    """Another payment method of an account is the default one (PAY-12)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id


class PaymentMethodRemoved(Event):
    """A payment method of an account was removed (PAY-12)."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    method: Id
    default: Id | None
    """The default one after that; None if no method is left."""


class CollectionCalendarChanged(Event):
    """When an organisation's instalments are collected, and when again (PAY-6); told in the organisation's sequence."""

    topic: ClassVar[Topic] = SCHEDULES

    hour: Annotated[int, Field(ge=0, le=23)] | None
    """The hour of the day, on the organisation's clock, from which what is due is collected; None if nothing is
    collected by itself."""
    retry_after: tuple[Annotated[int, Field(ge=1, le=90)], ...]
    """How many days after each failed attempt the next one is made; after the last of them there is none."""


class CollectionAsked(Event):
    """Staff asked to collect what is due, whatever the hour (PAY-6); told in the organisation's sequence."""

    topic: ClassVar[Topic] = SCHEDULES

    on: date
    """The organisation's date until which what is due is collected."""


class InvoiceMarkRequested(Event):
    """Purchases are to be invoiced: contracts is asked to mark them first, all or none (INV-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    request: Id
    lines: tuple[Id, ...] = ()
    """The purchases; empty for all that are paid and have no invoice."""
    paid: Amount
    """What is paid of the contract, in minor units: it tells which purchases are paid (PAY-14)."""
    effective_on: date


class InvoiceIssued(Event):
    """An invoice was issued: it has its number, and never changes (INV-1, INV-2)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    request: Id
    """The request by which the lines were marked."""
    invoice: Id
    number: str
    """Such as ``FA-2026-000001``."""
    lines: tuple[Id, ...]
    total: PositiveAmount
    """In minor units, VAT included."""
    issued_on: date
    effective_on: date


class InvoiceNotIssued(Event):
    """Lines that were marked are not invoiced after all: their marks are void (INV-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    request: Id
    """The request by which the lines were marked."""
    lines: tuple[Id, ...]
    problem: str
    """Why, as the type of a problem: ``lines-not-paid``."""
    effective_on: date


class InvoiceCancelled(Event):
    """A credit note cancelled an invoice, whole or some of its lines (INV-3)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    invoice: Id
    """The invoice that is cancelled."""
    number: str
    """Its number."""
    credit_note: Id
    credit_note_number: str
    """Such as ``AV-2026-000001``."""
    lines: tuple[Id, ...]
    """The lines that the credit note cancels; no live invoice bears them any more."""
    total: PositiveAmount
    """What the credit note takes back, in minor units, VAT included."""
    whole: bool
    """True if nothing is left of the invoice."""
    issued_on: date
    """The day of the credit note."""
    effective_on: date


class InvoiceReady(Event):
    """The PDF of an invoice or of a credit note is made and kept (INV-5); in the sequence of the invoice."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    invoice: Id
    number: str
    credit_note: bool = False
    """True for a credit note."""
    total: PositiveAmount
    """In minor units, VAT included."""
    issued_on: date
    effective_on: date


class InvoiceSettingsChanged(Event):
    """What the organisation's invoices say of it was changed (INV-1); in a sequence of the settings."""

    topic: ClassVar[Topic] = SCHEDULES

    automatic: bool
    """True if a contract is invoiced by itself once it is paid."""


EVENTS: tuple[type[Event], ...] = (
    ScheduleCreated,
    ScheduleAdjusted,
    PaymentCollected,
    ContractPaid,
    ContractReopened,
    RefundLineCreated,
    RefundLineChanged,
    RefundLineDropped,
    CollectionStarted,
    PaymentFailed,
    PaymentMethodMissing,
    CreditUseRequested,
    CreditUseCompleted,
    CreditUseReturned,
    CreditGivenBack,
    RefundLineSettled,
    RefundFailed,
    PaymentReversed,
    PaymentVoided,
    SettlementVoided,
    ReversalConfirmed,
    LossResolved,
    PaymentMethodAdded,
    PaymentMethodPreferred,
    PaymentMethodRemoved,
    CollectionCalendarChanged,
    CollectionAsked,
    InvoiceMarkRequested,
    InvoiceIssued,
    InvoiceNotIssued,
    InvoiceCancelled,
    InvoiceReady,
    InvoiceSettingsChanged,
)
