"""A subscription renews soon, unless it is cancelled (CON-21): the notice before the end of its term.

If it is cancelled, or a pause moves it, before the mail is sent, it does not go; the renewal is announced again for its
new day.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.subscriptions import SubscriptionRenewalAnnounced
from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts, ContractNow
from notifications.mails.samples import CONTRACT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(ContractFacts):
    """The term of a subscription renews unless it is cancelled."""

    kind: Literal["subscription_renewal"] = "subscription_renewal"
    name: str
    participant: str | None = None
    """The member who takes part; None if it is for nobody in particular."""
    period: int
    """The period with which it renews."""
    term_ends_on: date
    renews_on: date
    last_day: date
    """The last day of that period."""
    price: Amount

    def is_overtaken(self, contract: ContractNow) -> bool:
        """Whether it was cancelled or moved by a pause since, so that this does not take place as it is said."""
        return (contract.renewal, contract.renews_on) != (self.period, self.renews_on)


@dataclass(frozen=True, slots=True)
class RenewalView(ContractView):
    """The variables of its templates."""

    name: str
    participant: str
    term_ends_on: date
    renews_on: date
    last_day: date
    price: Sum


def compose(facts: Facts, known: Known) -> RenewalView:
    """The variables."""
    return known.view(RenewalView, facts, participant=known.name(facts.participant))


def sample(currency: str) -> Facts:
    """A year that renews."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        name="Studio",
        period=13,
        term_ends_on=date(2027, 3, 4),
        renews_on=date(2027, 3, 5),
        last_day=date(2027, 4, 4),
        price=4_500,
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=RenewalView,
    compose=compose,
    sample=sample,
    due={SubscriptionRenewalAnnounced: Facts.of},
)
