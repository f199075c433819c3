"""What a template of each kind may say: the variables, their parts and their types.

The types are what a template is checked against when it is saved, branch by branch, so
each field here is part of what organisations rely on: only ever extend. A date that may
be missing is written as nothing, and false where a template asks ``if``.
"""

from dataclasses import dataclass
from datetime import date

from notifications.domain.content import Kind
from notifications.templates.values import Sum, Term


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation that writes; empty text where it gave none."""

    name: str
    email: str
    phone: str
    website: str
    address: str


@dataclass(frozen=True, slots=True)
class Client:
    """The account's owner; empty text where the person was erased."""

    name: str
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract that the mail is about."""

    id: str
    mode: Term


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase that was added; ``participant`` is empty where it is for nobody in particular."""

    name: str
    format: str
    tariff: str
    participant: str
    price: Sum


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that was placed and what it takes off."""

    name: str
    amount: Sum


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A line that was cancelled and what the total loses by it."""

    name: str
    participant: str
    amount: Sum


@dataclass(frozen=True, slots=True)
class Edited:
    """A purchase whose price was edited."""

    name: str
    price_before: Sum
    price_after: Sum


@dataclass(frozen=True, slots=True)
class Instalment:
    """An instalment to come; ``held`` where it is a post-dated cheque, the others where collecting has met a hitch."""

    due: date
    amount: Sum
    held: bool
    next_try: date | None
    gave_up: bool
    on_request: bool
    waits_for_method: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of the contract."""

    total: Sum
    paid: Sum
    processing: Sum
    planned: Sum
    unscheduled: Sum
    refund_due: Sum


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was received; ``online`` where it was collected."""

    amount: Sum
    method: Term
    received_on: date
    online: bool


@dataclass(frozen=True, slots=True)
class FailedPayment:
    """A payment that could not be collected, and ``left``, what of it is due still."""

    amount: Sum
    method: Term
    due: date
    reason: Term
    next_try: date | None
    left: Sum


@dataclass(frozen=True, slots=True)
class UnmetPayment:
    """A payment that is due and that nothing is there to collect by."""

    amount: Sum
    due: date


@dataclass(frozen=True, slots=True)
class ReversedPayment:
    """A payment that the bank took back; ``beyond`` is what of it had been settled before."""

    amount: Sum
    method: Term
    reason: Term
    reversed_on: date
    beyond: Sum


@dataclass(frozen=True, slots=True)
class ContractOpenedView:
    """What the mail about an opening may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    effective_on: date
    added: tuple[Purchase, ...]
    discounts: tuple[Discount, ...]
    total: Sum
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class ContractChangedView:
    """What the mail about a change may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    effective_on: date
    added: tuple[Purchase, ...]
    discounts: tuple[Discount, ...]
    cancelled: tuple[Cancelled, ...]
    edited: tuple[Edited, ...]
    contract_cancelled: bool
    total_before: Sum
    total: Sum
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class PaymentReceivedView:
    """What the mail about a payment may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    payment: Payment
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class PaymentFailedView:
    """What the mail about a payment that could not be collected may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    payment: FailedPayment
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class MethodMissingView:
    """What the mail about a payment method that is missing may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    payment: UnmetPayment
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class PaymentReversedView:
    """What the mail about a payment that the bank took back may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    payment: ReversedPayment
    balance: Balance
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class ContractNamed:
    """The contract that the mail is about, by its id alone; empty where there is none."""

    id: str


@dataclass(frozen=True, slots=True)
class ContractPaidView:
    """What the mail about a contract fully paid may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    total: Sum


@dataclass(frozen=True, slots=True)
class RefundAwaitingView:
    """What the mail to support about a refund line may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    amount: Sum
    effective_on: date


@dataclass(frozen=True, slots=True)
class Refund:
    """A part of a refund line that was settled, ``left`` what is not yet; ``credit`` is what it became, or empty."""

    amount: Sum
    how: Term
    left: Sum
    credit: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class RefundSettledView:
    """What the mail about a refund line that was settled may say."""

    organisation: Organisation
    client: Client
    contract: Contract
    refund: Refund


@dataclass(frozen=True, slots=True)
class FailedRefund:
    """A refund that the provider could not make, and ``due``, the refund line as it then is."""

    amount: Sum
    payment: str
    reason: Term
    due: Sum
    failed_on: date


@dataclass(frozen=True, slots=True)
class RefundFailedView:
    """What the mail to support about a refund that failed may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    refund: FailedRefund


@dataclass(frozen=True, slots=True)
class Credit:
    """A client credit that was granted; its origin is ``sold``, ``refund``, ``deposit`` or ``staff``."""

    id: str
    amount: Sum
    origin: Term


@dataclass(frozen=True, slots=True)
class CreditGrantedView:
    """What the mail about a credit may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    credit: Credit


@dataclass(frozen=True, slots=True)
class MovedCredit:
    """A client credit of which ``amount`` was used or came back, and what is left of it."""

    id: str
    amount: Sum
    left: Sum
    moved_on: date


@dataclass(frozen=True, slots=True)
class CreditMovedView:
    """What the mails about a credit that was used or restored may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    credit: MovedCredit


View = (
    ContractOpenedView
    | ContractChangedView
    | PaymentReceivedView
    | PaymentFailedView
    | MethodMissingView
    | PaymentReversedView
    | ContractPaidView
    | RefundAwaitingView
    | RefundSettledView
    | RefundFailedView
    | CreditGrantedView
    | CreditMovedView
)

VIEWS: dict[Kind, type[View]] = {
    "contract_opened": ContractOpenedView,
    "contract_changed": ContractChangedView,
    "payment_received": PaymentReceivedView,
    "contract_paid": ContractPaidView,
    "refund_awaiting": RefundAwaitingView,
    "credit_granted": CreditGrantedView,
    "payment_failed": PaymentFailedView,
    "method_missing": MethodMissingView,
    "payment_reversed": PaymentReversedView,
    "refund_settled": RefundSettledView,
    "refund_failed": RefundFailedView,
    "credit_used": CreditMovedView,
    "credit_restored": CreditMovedView,
}
