"""A scholarship fund: money for certain purchases, between two days, from which scholarships are awarded (CRE-11).

What is awarded is set apart: the scholarships of a fund never add up to more than its budget, and none is used beyond
what it is. So nothing that is used can be above the fund, and uses of different scholarships need no common document.
"""

from dataclasses import dataclass
from datetime import date

from carnet.decisions import Context, Decision, State
from carnet.events import scholarships as published
from carnet.events.catalog import Kind
from carnet.money import Amount, Currency, PositiveAmount
from carnet.refusals import conflict


class Fund(State):
    """A scholarship fund; amounts in minor units of ``currency``, days in the organisation's time zone."""

    name: str
    budget: PositiveAmount
    """The most that can be awarded from it."""
    awarded: Amount = 0
    """What was awarded from it: the sum of its scholarships."""
    currency: Currency
    kinds: tuple[Kind, ...] = ()
    products: tuple[str, ...] = ()
    """What it is for: these products, and products of these kinds; all that a scholarship can cover if both are
    empty."""
    first_day: date
    last_day: date | None = None
    """The days on which its scholarships can be used; without an end if None."""

    def is_for(self, product: str, kind: str) -> bool:
        """Whether its scholarships may cover a part of that product."""
        return (not self.kinds and not self.products) or product in self.products or kind in self.kinds


@dataclass(frozen=True, slots=True)
class WriteFund:
    """A fund as staff writes it, whole."""

    name: str
    budget: int
    kinds: tuple[Kind, ...]
    products: tuple[str, ...]
    first_day: date
    last_day: date | None


def open_fund(written: WriteFund, organisation: str, currency: str, context: Context) -> Decision[Fund]:
    """Open a fund (CRE-11)."""
    fund = Fund(
        id=context.new_id(),
        organisation=organisation,
        name=written.name,
        budget=written.budget,
        currency=currency,
        kinds=written.kinds,
        products=written.products,
        first_day=written.first_day,
        last_day=written.last_day,
    )
    return Decision(fund, (_published(published.ScholarshipFundOpened, fund, context.today),))


def change_fund(fund: Fund, written: WriteFund, on: date) -> Decision[Fund]:
    """Write a fund anew (CRE-11): what its scholarships cover already stays covered.

    Raises ``fund-budget-below-awarded``.
    """
    if written.budget < fund.awarded:
        raise conflict(
            "fund-budget-below-awarded",
            f"{fund.awarded} minor units were awarded from the fund: give it a budget of at least that, or take back "
            "first what is left of its scholarships.",
            rule="CRE-11",
            fund=fund.id,
            budget=written.budget,
            awarded=fund.awarded,
            currency=fund.currency,
        )
    changed = fund.model_copy(
        update={
            "name": written.name,
            "budget": written.budget,
            "kinds": written.kinds,
            "products": written.products,
            "first_day": written.first_day,
            "last_day": written.last_day,
        }
    )
    if changed == fund:
        return Decision(fund)
    return Decision(changed, (_published(published.ScholarshipFundChanged, changed, on),))


def take(fund: Fund, amount: int) -> Fund:
    """The fund once ``amount`` more is awarded from it, or less where that is below zero.

    Raises ``fund-used-up``.
    """
    awarded = fund.awarded + amount
    if awarded > fund.budget:
        raise conflict(
            "fund-used-up",
            f"{fund.budget - fund.awarded} minor units can still be awarded from the fund: award less, or raise its "
            "budget first.",
            rule="CRE-11",
            fund=fund.id,
            amount=amount,
            left=fund.budget - fund.awarded,
            currency=fund.currency,
        )
    return fund.model_copy(update={"awarded": awarded})


def _published(event: type[published.FundEvent], fund: Fund, on: date) -> published.FundEvent:
    return event(
        fund=fund.id,
        name=fund.name,
        budget=fund.budget,
        awarded=fund.awarded,
        currency=fund.currency,
        kinds=fund.kinds,
        products=fund.products,
        first_day=fund.first_day,
        last_day=fund.last_day,
        effective_on=on,
    )
