"""What requests about imports look like, and the families that they are (IMP-1)."""

from typing import Annotated

from pydantic import Field

from carnet.dates import Day
from carnet.events.catalog import Language
from carnet.events.contracts import Mode
from carnet.events.imports import PaidBy, ToPayBy
from carnet.http import Body, MoneyIn, PositiveMoneyIn
from carnet.money import BasisPoints
from carnet.organisations import amount_in
from carnet.texts import Line
from contracts.accounts.domain import MemberFields, Notes, Tags
from contracts.imports.family import (
    MOST_CONTRACTS,
    MOST_CREDITS,
    MOST_LINES,
    MOST_PACKS,
    MOST_PAID,
    MOST_PEOPLE,
    MOST_PLANNED,
    ContractToImport,
    CreditToImport,
    Family,
    LineToImport,
    PackToImport,
    PaidToImport,
    PersonToImport,
    PlannedToImport,
)

Key = Annotated[
    Line, Field(max_length=80, description="What the other system calls it: the same one always gives the same object.")
]


class PersonIn(Body, MemberFields):
    """A person of the family."""

    key: Key

    def command(self) -> PersonToImport:
        """As the domain has it."""
        return PersonToImport(self.key, MemberFields.model_validate(self.model_dump(exclude={"key"})))


class LineIn(Body):
    """What was bought."""

    name: Line
    price: MoneyIn = Field(description="Less discounts, VAT included.")
    vat_rate: BasisPoints = Field(description="In basis points: 2000 is 20 %.")
    participant: Key | None = Field(default=None, description="The key of the person who takes part.")
    expires_on: Day | None = Field(default=None, description="The last day on which it is valid.")

    def command(self, currency: str) -> LineToImport:
        """As the domain has it; refused in another currency (MON-1)."""
        price = amount_in(self.price, currency)
        return LineToImport(self.name, price, self.vat_rate, self.participant, self.expires_on)


class PaidIn(Body):
    """A payment that the other system received."""

    amount: PositiveMoneyIn
    method: PaidBy
    received_on: Day

    def command(self, currency: str) -> PaidToImport:
        """As the domain has it; refused in another currency (MON-1)."""
        return PaidToImport(amount_in(self.amount, currency), self.method, self.received_on)


class PlannedIn(Body):
    """An instalment that is still to be paid."""

    due: Day
    amount: PositiveMoneyIn
    method: ToPayBy | None = Field(default=None, description="How it is to be paid; online as the account is, if null.")

    def command(self, currency: str) -> PlannedToImport:
        """As the domain has it; refused in another currency (MON-1)."""
        return PlannedToImport(self.due, amount_in(self.amount, currency), self.method)


class ContractIn(Body):
    """A running contract: payments and instalments never exceed what its lines come to; the rest is on no date."""

    key: Key
    mode: Mode
    signed_on: Day = Field(description="The day on which it was signed, today at the latest.")
    lines: Annotated[tuple[LineIn, ...], Field(min_length=1, max_length=MOST_LINES)]
    paid: Annotated[tuple[PaidIn, ...], Field(max_length=MOST_PAID)] = ()
    planned: Annotated[tuple[PlannedIn, ...], Field(max_length=MOST_PLANNED)] = ()

    def command(self, currency: str) -> ContractToImport:
        """As the domain has it; refused in another currency (MON-1)."""
        return ContractToImport(
            key=self.key,
            mode=self.mode,
            signed_on=self.signed_on,
            lines=tuple(each.command(currency) for each in self.lines),
            paid=tuple(each.command(currency) for each in self.paid),
            planned=tuple(each.command(currency) for each in self.planned),
        )


class CreditIn(Body):
    """What the family has left of a client credit."""

    key: Key
    amount: PositiveMoneyIn

    def command(self, currency: str) -> CreditToImport:
        """As the domain has it; refused in another currency (MON-1)."""
        return CreditToImport(self.key, amount_in(self.amount, currency))


class SessionPackIn(Body):
    """A session pack of which something is left."""

    key: Key
    name: Line
    sessions: Annotated[int, Field(strict=True, ge=1, le=1_000)] | None = Field(
        default=None, description="How many sessions are left; unlimited, if null."
    )
    valid_until: Day | None = Field(default=None, description="Its last day; it has no end, if null.")
    member: Key | None = Field(
        default=None, description="The key of the person who takes its sessions; the family shares it, if null."
    )

    def command(self) -> PackToImport:
        """As the domain has it."""
        return PackToImport(self.key, self.name, self.sessions, self.valid_until, self.member)


class FamilyIn(Body):
    """A family with all that is imported of it."""

    key: Key
    language: Language
    owner: Key = Field(description="The key of the person who owns the account, an adult.")
    people: Annotated[tuple[PersonIn, ...], Field(min_length=1, max_length=MOST_PEOPLE)]
    contracts: Annotated[tuple[ContractIn, ...], Field(max_length=MOST_CONTRACTS)] = ()
    credits: Annotated[tuple[CreditIn, ...], Field(max_length=MOST_CREDITS)] = ()
    packs: Annotated[tuple[SessionPackIn, ...], Field(max_length=MOST_PACKS)] = Field(
        default=(), description="What is left of its session packs: a contract of its own bears them, for nothing."
    )
    tags: Tags = ()
    notes: Notes | None = None

    def command(self, currency: str) -> Family:
        """As the domain has it; refused in another currency (MON-1)."""
        return Family(
            key=self.key,
            language=self.language,
            owner=self.owner,
            people=tuple(each.command() for each in self.people),
            contracts=tuple(each.command(currency) for each in self.contracts),
            credits=tuple(each.command(currency) for each in self.credits),
            packs=tuple(each.command() for each in self.packs),
            tags=self.tags,
            notes=self.notes,
        )
