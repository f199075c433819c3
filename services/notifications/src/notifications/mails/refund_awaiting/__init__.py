"""A refund line of an online contract awaits correction by support (PAY-3); on site the refund is handed over."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import RefundLineCreated
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(ContractFacts):
    """A refund line of an online contract awaits correction by support (PAY-3)."""

    kind: Literal["refund_awaiting"] = "refund_awaiting"
    amount: PositiveAmount
    effective_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    amount: Sum
    effective_on: date


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts)


def is_online(event: RefundLineCreated) -> bool:
    """Whether support corrects it: on site, the refund is handed over."""
    return event.mode != "on_site"


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        amount=6_000,
        effective_on=TODAY,
    )


MAIL = MailKind(
    to="support",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={RefundLineCreated: Facts.of},
    when=is_online,
)
