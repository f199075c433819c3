"""The variables of the templates: those that all mails share, their parts and their types.

The types are what a template is checked against when it is saved, branch by branch, so
each field is part of what organisations rely on: only ever extend. A date that may
be missing is written as nothing, and is false in an ``if``.
"""

from dataclasses import dataclass
from datetime import date

from notifications.templates.values import Sum, Term


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation that writes; parts that it has not given are empty."""

    name: str
    email: str
    phone: str
    website: str
    address: str


@dataclass(frozen=True, slots=True)
class Client:
    """The account's owner; the names are empty if the person was erased."""

    name: str
    first_name: str
    last_name: str
    number: str = ""
    """The number of the account that people say (CON-27); empty if it has none."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract that the mail is about."""

    id: str
    mode: Term
    number: str = ""
    """The number that people say, such as 2027-0042 (CON-27); empty if it has none."""


@dataclass(frozen=True, slots=True)
class ContractNamed:
    """The contract that the mail is about, whatever its mode; empty if there is none."""

    id: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Instalment:
    """An upcoming instalment; ``held`` if it is a post-dated cheque. The other parts say how collecting it failed."""

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
    """The variables of every mail."""

    organisation: Organisation
    client: Client


@dataclass(frozen=True, slots=True)
class ContractView(View):
    """The variables of a mail about a contract."""

    contract: ContractNamed


@dataclass(frozen=True, slots=True)
class ScheduleView(View):
    """The variables of a mail about a contract that shows its schedule."""

    contract: Contract
    balance: Balance
    instalments: tuple[Instalment, ...]
    """Those that have a date."""
    paused: Sum | None
    """What waits for an open pause of the subscription to be lifted, on no date (CON-18); absent if nothing does."""
