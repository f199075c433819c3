"""A subscription has another price from a period on (CON-21), once the change and its schedule are known.

It takes the place of ``contract_changed``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of, instalments_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum


class Facts(ScheduleFacts):
    """A subscription has another price from a period on."""

    kind: Literal["subscription_price"] = "subscription_price"
    effective_on: date
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    begins_on: date | None = None
    """The first day of the first period that has it; None while that waits for an open pause to be lifted."""
    price_before: Amount
    price_after: Amount
    """Of a period, in minor units."""
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    effective_on: date
    name: str
    participant: str
    begins_on: date | None
    """The first day of the first period that has the new price; absent while the subscription is paused openly."""
    price_before: Sum
    price_after: Sum


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, participant=known.name(facts.participant))


def sample(currency: str) -> Facts:
    """A subscription that costs more from the next period on."""
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        effective_on=TODAY,
        name="Studio",
        begins_on=date(2027, 9, 1),
        price_before=4_500,
        price_after=4_900,
        total=22_900,
        balance=balance_of(22_900, 18_000),
        instalments=instalments_of(4_900),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample)
