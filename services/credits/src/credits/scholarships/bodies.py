"""What requests about scholarships look like."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from carnet.dates import Day
from carnet.events.scholarship_uses import ScholarshipPart, ScholarshipUse
from carnet.http import Body, PositiveMoneyIn
from carnet.ids import Id
from carnet.money import Money
from carnet.organisations import amount_in
from carnet.texts import Line
from credits.scholarships.domain.fund import WriteFund

AidedKind = Literal["course", "workshop", "licence", "membership", "item", "online_plan", "session_pack"]
"""The kinds of product that a scholarship can cover a part of (CRE-11)."""

MOST_USES = 100
"""Lines of one change at most."""


class FundBody(Body):
    """A scholarship fund, whole: its budget, what it is for, and when its scholarships can be used (CRE-11)."""

    name: Line
    budget: PositiveMoneyIn = Field(description="The most that can be awarded from it.")
    kinds: Annotated[tuple[AidedKind, ...], Field(max_length=20)] = Field(
        default=(), description="The kinds of product that it is for."
    )
    products: Annotated[tuple[Id, ...], Field(max_length=200)] = Field(
        default=(), description="The products that it is for; with no kinds either, all that a scholarship can cover."
    )
    first_day: Day = Field(description="The first day on which its scholarships can be used.")
    last_day: Day | None = Field(default=None, description="The last such day; null if it has no end.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("the last day comes before the first one: send a last_day from first_day on, or none")
        return self

    def written(self, budget: int) -> WriteFund:
        """What it asks of the domain; ``budget`` is its amount in the organisation's currency."""
        return WriteFund(self.name, budget, self.kinds, self.products, self.first_day, self.last_day)


class AwardBody(Body):
    """A scholarship to award from a fund: to one member of an account, or to all of it (CRE-11)."""

    account: Id
    member: Id | None = Field(default=None, description="For whom it is; for the whole account where it is left out.")
    amount: PositiveMoneyIn
    note: Line | None = Field(default=None, description="What staff notes about it, such as who decided.")


class ScholarshipAdjustmentBody(Body):
    """What is awarded more, or taken back of what has not been used where the amount is below zero."""

    amount: Annotated[Money, Field(description="Signed, and not zero.")]

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount.amount == 0:
            raise ValueError("an adjustment adds something or takes something back: write an amount that is not zero")
        return self


class UseAskedBody(Body):
    """A part of a line that a scholarship is to cover."""

    line: Id
    scholarship: Id
    product: Id
    kind: str = Field(pattern=r"^[a-z_]{1,40}$", description="The kind of the product: `course`.", examples=["course"])
    participant: Id | None = None
    amount: PositiveMoneyIn

    def asked(self, currency: str) -> ScholarshipUse:
        """The same as contracts asks it; refused in another currency (MON-1)."""
        amount = amount_in(self.amount, currency)
        return ScholarshipUse.model_validate({**self.model_dump(exclude={"amount"}), "name": "", "amount": amount})


class GivenBackBody(Body):
    """What a scholarship covers of a line and no longer does once the change is made."""

    line: Id
    scholarship: Id
    amount: PositiveMoneyIn

    def asked(self, currency: str) -> ScholarshipPart:
        """The same as contracts asks it; refused in another currency (MON-1)."""
        amount = amount_in(self.amount, currency)
        return ScholarshipPart(line=self.line, scholarship=self.scholarship, amount=amount)


class UsesCheckBody(Body):
    """What a change, or an opening, of an account's contract would have scholarships cover."""

    account: Id
    uses: Annotated[tuple[UseAskedBody, ...], Field(min_length=1, max_length=MOST_USES)]
    given_back: Annotated[tuple[GivenBackBody, ...], Field(max_length=500)] = Field(
        default=(), description="What the same change gives back, which its own lines may use."
    )
