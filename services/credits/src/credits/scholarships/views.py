"""What the API answers about scholarships: dates are the organisation's."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.catalog import Kind
from carnet.events.scholarships import ScholarshipRefusal
from carnet.money import Money
from carnet.tolerance import Tolerant
from credits.scholarships.domain.fund import Fund
from credits.scholarships.domain.scholarship import Scholarship, Use
from credits.scholarships.domain.using import DETAILS, Held, Planned


class FundView(Tolerant):
    """A scholarship fund (CRE-11): of its ``budget``, ``awarded`` is set apart in scholarships, ``used`` is spent."""

    id: str
    name: str
    budget: Money = Field(description="The most that can be awarded from it.")
    awarded: Money = Field(description="What was awarded from it: the sum of its scholarships.")
    used: Money = Field(description="What its scholarships cover of purchases by now.")
    kinds: tuple[Kind, ...] = Field(description="The kinds of product that it is for.")
    products: tuple[str, ...] = Field(
        description="The products that it is for; with no kinds either, all that a scholarship can cover."
    )
    first_day: date = Field(description="The first day on which its scholarships can be used.")
    last_day: date | None = Field(description="The last such day; null if it has no end.")
    version: int

    @classmethod
    def of(cls, fund: Fund, used: int = 0) -> Self:
        """The view of a fund of which ``used`` is spent, in minor units."""
        plain = cls.model_fields.keys() & Fund.model_fields.keys() - {"budget", "awarded"}
        return cls(
            budget=Money(amount=fund.budget, currency=fund.currency),
            awarded=Money(amount=fund.awarded, currency=fund.currency),
            used=Money(amount=used, currency=fund.currency),
            **{name: getattr(fund, name) for name in plain},
        )


class ScholarshipView(Tolerant):
    """A scholarship (CRE-11)."""

    id: str
    fund: str
    fund_name: str
    account: str = Field(description="The account that it was awarded to.")
    member: str | None = Field(description="For whom it is; null if it is for the whole account.")
    amount: Money = Field(description="What was awarded, and adjusted since.")
    left: Money = Field(description="What can be used of it.")
    awarded_on: date
    kinds: tuple[Kind, ...] = Field(description="The kinds of product that its fund is for.")
    products: tuple[str, ...] = Field(
        description="The products that its fund is for; with no kinds either, all that a scholarship can cover."
    )
    first_day: date = Field(description="The first day on which it can be used.")
    last_day: date | None = Field(description="The last such day; null if it has no end.")
    note: str | None = Field(
        description="What staff wrote about it. It is shown to staff, until people of the account are erased."
    )
    version: int

    @classmethod
    def of(cls, scholarship: Scholarship, fund: Fund, *, for_staff: bool = True) -> Self:
        """The view of a scholarship of that fund."""
        return cls(
            id=scholarship.id,
            fund=fund.id,
            fund_name=fund.name,
            account=scholarship.account,
            member=scholarship.member,
            amount=Money(amount=scholarship.amount, currency=scholarship.currency),
            left=Money(amount=scholarship.left, currency=scholarship.currency),
            awarded_on=scholarship.awarded_on,
            kinds=fund.kinds,
            products=fund.products,
            first_day=fund.first_day,
            last_day=fund.last_day,
            note=scholarship.note if for_staff else None,
            version=scholarship.version,
        )


class ScholarshipUseView(Tolerant):
    """What a scholarship covers of a purchase (CRE-11)."""

    line: str = Field(description="The line of the contract that it covers a part of.")
    contract: str
    scholarship: str
    fund: str
    account: str
    member: str | None = Field(description="Who takes part in what is bought; null if it is for nobody in particular.")
    product: str
    name: str = Field(description="What is bought, as it was bought.")
    kind: str = Field(description="The kind of the product: `course`.")
    amount: Money = Field(description="What it covers by now: zero once all of it came back.")
    used_on: date = Field(description="The day of the purchase.")

    @classmethod
    def of(cls, use: Use) -> Self:
        """The view of a use."""
        plain = cls.model_fields.keys() & Use.model_fields.keys() - {"amount"}
        amount = Money(amount=use.amount, currency=use.currency)
        return cls(line=use.id, amount=amount, **{name: getattr(use, name) for name in plain})


class UseCheckedView(Tolerant):
    """Whether a scholarship covers a part of a line, as things are."""

    line: str
    scholarship: str
    fund: str | None = Field(description="The name of its fund; null if the account has no such scholarship.")
    usable: bool = Field(description="Whether it covers that, as things are.")
    why: ScholarshipRefusal | None = Field(description="Why not.")
    detail: str | None = Field(description="What to do then, in English.")
    left: Money | None = Field(description="What is left of it then; null where it is not usable.")

    @classmethod
    def of(cls, planned: Planned, held: Held | None) -> Self:
        """The view of a use that was planned."""
        known = None if planned.why in ("unknown", "other-account") else held
        usable = planned.why is None and known is not None
        return cls(
            line=planned.use.line,
            scholarship=planned.use.scholarship,
            fund=known.fund.name if known else None,
            usable=usable,
            why=planned.why,
            detail=DETAILS[planned.why] if planned.why else None,
            left=Money(amount=planned.left, currency=known.scholarship.currency) if usable and known else None,
        )


class UsesCheckedView(Tolerant):
    """Whether scholarships cover the parts of lines that were asked, in the order of the request."""

    uses: list[UseCheckedView]
