"""What a template of each kind may say: the variables, their parts and their types.

The types are what a template is checked against when it is saved, branch by branch, so
each field here is part of what organisations rely on: only ever extend.
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
    """An instalment to come; ``held`` where it is a post-dated cheque."""

    due: date
    amount: Sum
    held: bool


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
    """A payment that was received."""

    amount: Sum
    method: Term
    received_on: date


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
class ContractNamed:
    """The contract that the mail is about, by its id alone."""

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
class Credit:
    """A client credit that was granted."""

    id: str
    amount: Sum


@dataclass(frozen=True, slots=True)
class CreditGrantedView:
    """What the mail about a credit may say."""

    organisation: Organisation
    client: Client
    contract: ContractNamed
    credit: Credit


View = (
    ContractOpenedView
    | ContractChangedView
    | PaymentReceivedView
    | ContractPaidView
    | RefundAwaitingView
    | CreditGrantedView
)

VIEWS: dict[Kind, type[View]] = {
    "contract_opened": ContractOpenedView,
    "contract_changed": ContractChangedView,
    "payment_received": PaymentReceivedView,
    "contract_paid": ContractPaidView,
    "refund_awaiting": RefundAwaitingView,
    "credit_granted": CreditGrantedView,
}
