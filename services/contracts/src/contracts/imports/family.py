"""A family as it comes from another system (IMP-1). Amounts are minor units of the organisation's currency."""

from dataclasses import dataclass
from datetime import date

from carnet.events.catalog import Language
from carnet.events.contracts import Mode
from carnet.events.imports import PaidBy, ToPayBy
from contracts.accounts.domain import MOST_MEMBERS, MemberFields

MOST_PEOPLE = MOST_MEMBERS
MOST_CONTRACTS = 60
MOST_LINES = 200
MOST_PAID = 200
MOST_PLANNED = 120
MOST_CREDITS = 60
MOST_PACKS = 40
"""How much of each a family, or a contract of it, can have in an import: it is one transaction."""


@dataclass(frozen=True, slots=True)
class PersonToImport:
    """A person of the family."""

    key: str
    fields: MemberFields


@dataclass(frozen=True, slots=True)
class LineToImport:
    """What was bought: its price less discounts, VAT included, and for whom, by the person's key."""

    name: str
    price: int
    vat_rate: int
    """In basis points."""
    participant: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class PaidToImport:
    """A payment that the other system received."""

    amount: int
    method: PaidBy
    received_on: date


@dataclass(frozen=True, slots=True)
class PlannedToImport:
    """An instalment that is still to be paid."""

    due: date
    amount: int
    method: ToPayBy | None = None


@dataclass(frozen=True, slots=True)
class ContractToImport:
    """A running contract."""

    key: str
    mode: Mode
    signed_on: date
    lines: tuple[LineToImport, ...]
    paid: tuple[PaidToImport, ...] = ()
    planned: tuple[PlannedToImport, ...] = ()

    @property
    def total(self) -> int:
        """What it comes to."""
        return sum(each.price for each in self.lines)


@dataclass(frozen=True, slots=True)
class CreditToImport:
    """What the family has left of a client credit."""

    key: str
    amount: int


@dataclass(frozen=True, slots=True)
class PackToImport:
    """A session pack of which something is left (CRE-10)."""

    key: str
    name: str
    sessions: int | None = None
    """How many are left; None if they are unlimited."""
    valid_until: date | None = None
    """Its last day; None if it has no end."""
    member: str | None = None
    """The key of the person who takes its sessions; None if the family shares it."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family with all that is imported of it. ``owner`` is the key of one of its people."""

    key: str
    language: Language
    owner: str
    people: tuple[PersonToImport, ...]
    contracts: tuple[ContractToImport, ...] = ()
    credits: tuple[CreditToImport, ...] = ()
    packs: tuple[PackToImport, ...] = ()
    tags: tuple[str, ...] = ()
    notes: str | None = None

    @property
    def opened(self) -> int:
        """How many contracts its import opens: one more bears its session packs."""
        return len(self.contracts) + bool(self.packs)

    @property
    def owner_fields(self) -> MemberFields:
        """The owner of the account."""
        return next(each.fields for each in self.people if each.key == self.owner)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a family comes to, to be checked against the other system: total = paid + planned + unscheduled."""

    total: int = 0
    paid: int = 0
    planned: int = 0
    credit: int = 0
    sessions: int = 0
    """How many sessions are left of its packs; unlimited ones count as none."""

    @property
    def unscheduled(self) -> int:
        """What is due on no date."""
        return self.total - self.paid - self.planned

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.total + other.total,
            self.paid + other.paid,
            self.planned + other.planned,
            self.credit + other.credit,
            self.sessions + other.sessions,
        )


def totals_of(family: Family) -> Totals:
    """The sums of a family."""
    return Totals(
        total=sum(each.total for each in family.contracts),
        paid=sum(paid.amount for each in family.contracts for paid in each.paid),
        planned=sum(planned.amount for each in family.contracts for planned in each.planned),
        credit=sum(each.amount for each in family.credits),
        sessions=sum(each.sessions or 0 for each in family.packs),
    )
