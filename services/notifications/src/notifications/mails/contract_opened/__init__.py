"""A contract was opened, with its first schedule (CON-9), once both are known."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.lines import AddedLine, Discount, Lines, PlacedDiscount, Purchase, Scholarship, variables_of
from notifications.mails.samples import CHILD, CONTRACT, LINE, OWNER, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum


class Facts(ScheduleFacts):
    """A contract was opened."""

    kind: Literal["contract_opened"] = "contract_opened"
    effective_on: date
    lines: Lines
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    added: tuple[Purchase, ...]
    discounts: tuple[Discount, ...]
    scholarships: tuple[Scholarship, ...]
    total: Sum


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, **variables_of(facts.lines, known))


def sample(currency: str) -> Facts:
    """Two purchases with a discount of 10 %, in three instalments."""
    course = AddedLine(line=LINE.format(1), name="Ballet", format="1 h", tariff="A", participant=CHILD, price=30_000)
    workshop = AddedLine(line=LINE.format(2), name="Jazz", format="2 h", tariff="A", participant=OWNER, price=30_000)
    discount = PlacedDiscount(line=LINE.format(3), name="10 %", amount=6_000)
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        lines=Lines(added=(course, workshop), discounts=(discount,)),
        total=54_000,
        balance=balance_of(54_000, 0),
        instalments=instalments_of(18_000, 18_000, 18_000),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
