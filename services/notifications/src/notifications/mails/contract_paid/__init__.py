"""A contract became fully paid (PAY-8)."""

from dataclasses import dataclass
from typing import Literal

from carnet.events.payments import ContractPaid
from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(ContractFacts):
    """A contract became fully paid (PAY-8)."""

    kind: Literal["contract_paid"] = "contract_paid"
    total: Amount


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    total: Sum


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts)


def is_news(event: ContractPaid) -> bool:
    """Whether it was not said already in another system (IMP-3), and no next period follows (CON-21)."""
    return not event.imported and not event.charged


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        total=54_000,
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={ContractPaid: Facts.of},
    when=is_news,
)
