"""What the templates of every mail may say: the variables that they share, their parts and their types.

The types are what a template is checked against when it is saved, branch by branch, so
each field is part of what organisations rely on: only ever extend. A date that may
be missing is written as nothing, and false where a template asks ``if``.
"""

from dataclasses import dataclass
from datetime import date

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
    number: str = ""
    """The number of the account that people say (CON-27); empty where it has none."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract that the mail is about."""

    id: str
    mode: Term
    number: str = ""
    """The number that people say, such as 2027-0042 (CON-27); empty where it has none."""


@dataclass(frozen=True, slots=True)
class ContractNamed:
    """The contract that the mail is about, whatever its mode; empty where there is none."""

    id: str
    number: str = ""


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
class View:
    """What every mail may say."""

    organisation: Organisation
    client: Client


@dataclass(frozen=True, slots=True)
class ContractView(View):
    """What a mail about a contract may say."""

    contract: ContractNamed


@dataclass(frozen=True, slots=True)
class ScheduleView(View):
    """What a mail about a contract may say that shows its schedule."""

    contract: Contract
    balance: Balance
    instalments: tuple[Instalment, ...]
