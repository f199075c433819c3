"""A contract was changed (EVT-1), once the change and the schedule that answers it are known."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.lines import (
    AddedLine,
    Cancelled,
    CancelledLine,
    CoveredPart,
    Discount,
    Edited,
    EditedLine,
    Lines,
    PlacedDiscount,
    Purchase,
    Scholarship,
    variables_of,
)
from notifications.mails.samples import CHILD, CONTRACT, LINE, OWNER, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum


class Facts(ScheduleFacts):
    """A contract was changed."""

    kind: Literal["contract_changed"] = "contract_changed"
    effective_on: date
    lines: Lines
    contract_cancelled: bool
    """True if the change cancelled the whole contract (CON-22)."""
    total_before: Amount
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    added: tuple[Purchase, ...]
    discounts: tuple[Discount, ...]
    cancelled: tuple[Cancelled, ...]
    edited: tuple[Edited, ...]
    scholarships: tuple[Scholarship, ...]
    contract_cancelled: bool
    total_before: Sum
    total: Sum
    total_change: Sum
    """What the change adds to the total: below zero if the total falls."""


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    change = known.sum(facts.total - facts.total_before)
    return known.view(View, facts, **variables_of(facts.lines, known), total_change=change)


def sample(currency: str) -> Facts:
    """One purchase in the place of another, half of it covered by a scholarship, a discount, another price."""
    lines = Lines(
        added=(AddedLine(line=LINE.format(4), name="Tango", format="1 h", participant=OWNER, price=12_000),),
        discounts=(PlacedDiscount(line=LINE.format(5), name="5 %", amount=600),),
        cancelled=(CancelledLine(line=LINE.format(1), name="Ballet", participant=CHILD, amount=30_000),),
        edited=(EditedLine(line=LINE.format(2), name="Jazz", price_before=30_000, price_after=28_000),),
        scholarships=(CoveredPart(line=LINE.format(4), name="Tango", amount_before=0, amount_after=6_000),),
    )
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        lines=lines,
        contract_cancelled=False,
        total_before=54_000,
        total=27_400,
        balance=balance_of(27_400, 18_000),
        instalments=instalments_of(4_700, 4_700),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
