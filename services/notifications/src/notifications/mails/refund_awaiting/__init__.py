"""A refund line of an online contract awaits correction by support (PAY-3)."""

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


def facts_of(event: RefundLineCreated) -> Facts | None:
    """The facts of the event; None on site, where the refund is handed over."""
    return None if event.mode == "on_site" else Facts.of(event)


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        amount=6_000,
        effective_on=TODAY,
    )


MAIL = MailKind(to="support", facts=Facts, view=View, compose=compose, sample=sample, due={RefundLineCreated: facts_of})
