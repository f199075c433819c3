"""A scholarship: what was awarded from a fund to one member, or to a whole account (CRE-11)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.decisions import Context, Decision, State
from carnet.events import scholarships as published
from carnet.money import Amount, Currency
from carnet.refusals import conflict
from credits.scholarships.domain.fund import Fund, take


class Scholarship(State):
    """A scholarship; amounts in minor units of ``currency``.

    ``left`` is ``amount`` less what its uses cover. While a change waits for the answer of another service, what the
    change gives back is counted as used still, also where the same change uses it (``Use.moved``).
    """

    fund: str
    account: str
    member: str | None = None
    """For whom it is; None if it is for the whole account."""
    amount: Amount
    """What was awarded, and adjusted since."""
    left: Amount
    currency: Currency
    awarded_on: date
    note: str | None = None
    """What staff wrote about it; erased with the people of the account (ORG-4)."""

    @property
    def used(self) -> int:
        """What its uses cover, in minor units."""
        return self.amount - self.left


class Use(State):
    """What a scholarship covers of a line; ``id`` is the line's."""

    scholarship: str
    fund: str
    account: str
    member: str | None = None
    """Who takes part in what is bought; None if it is for nobody in particular."""
    contract: str
    product: str
    name: str
    """What is bought, as it was bought."""
    kind: str
    amount: Amount
    """What it covers by now, in minor units; 0 once all of it came back."""
    currency: Currency
    used_on: date
    request: str
    moved: Amount = 0
    """The part of ``amount`` that goes over to a line which the same contract is about to add: that change gives it
    back."""
    takes_over: tuple[tuple[str, Amount], ...] = ()
    """From which lines it took over what, in minor units, when it was granted."""


class RefusedScholarshipUse(State):
    """A request of contracts that was refused (CRE-11); ``id`` is that of the request."""

    contract: str
    line: str
    why: published.ScholarshipRefusal


@dataclass(frozen=True, slots=True)
class Award:
    """A scholarship to award: to one member of the account, or to all of it; ``amount`` in minor units."""

    account: str
    member: str | None
    amount: int
    note: str | None


def award(fund: Fund, awarded: Award, context: Context) -> tuple[Fund, Decision[Scholarship]]:
    """Award a scholarship from a fund (CRE-11): the fund by then, and the scholarship.

    Raises ``fund-used-up``.
    """
    scholarship = Scholarship(
        id=context.new_id(),
        organisation=fund.organisation,
        fund=fund.id,
        account=awarded.account,
        member=awarded.member,
        amount=awarded.amount,
        left=awarded.amount,
        currency=fund.currency,
        awarded_on=context.today,
        note=awarded.note,
    )
    event = published.ScholarshipAwarded(**shared(scholarship, context.today), amount=awarded.amount)
    return take(fund, awarded.amount), Decision(scholarship, (event,))


def adjust(scholarship: Scholarship, fund: Fund, amount: int, on: date) -> tuple[Fund, Decision[Scholarship]]:
    """Award more, or take back what has not been used where ``amount`` is below zero (CRE-11).

    Raises ``fund-used-up`` and ``scholarship-below-used``.
    """
    if scholarship.left + amount < 0:
        raise conflict(
            "scholarship-below-used",
            f"{scholarship.left} minor units are left of the scholarship: take back that much, or less.",
            rule="CRE-11",
            scholarship=scholarship.id,
            amount=amount,
            left=scholarship.left,
            currency=scholarship.currency,
        )
    adjusted = scholarship.model_copy(update={"amount": scholarship.amount + amount, "left": scholarship.left + amount})
    event = published.ScholarshipAdjusted(**shared(adjusted, on), amount=amount)
    return take(fund, amount), Decision(adjusted, (event,))


def shared(scholarship: Scholarship, on: date) -> dict[str, Any]:
    """The fields that every event of a scholarship has."""
    return {
        "scholarship": scholarship.id,
        "fund": scholarship.fund,
        "account": scholarship.account,
        "member": scholarship.member,
        "left": scholarship.left,
        "currency": scholarship.currency,
        "effective_on": on,
    }
