"""A refund line of an online contract that awaits correction by support grew (PAY-2, PAY-3)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import RefundLineChanged
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(ContractFacts):
    """A refund line of an online contract that awaits correction by support grew (PAY-2, PAY-3)."""

    kind: Literal["refund_grew"] = "refund_grew"
    amount_before: PositiveAmount
    amount_after: PositiveAmount
    effective_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    amount_before: Sum
    amount: Sum
    effective_on: date


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, amount=known.sum(facts.amount_after))


def grew_online(event: RefundLineChanged) -> bool:
    """Whether the line grew, and support corrects it: on site, the refund is handed over."""
    return event.amount_after > event.amount_before and event.mode == "online"


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        amount_before=6_000,
        amount_after=9_000,
        effective_on=TODAY,
    )


MAIL = MailKind(
    to="support",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={RefundLineChanged: Facts.of},
    when=grew_online,
)
