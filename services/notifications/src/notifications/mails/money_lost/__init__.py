"""The bank took back what the contract no longer had: it was settled, or became a credit, before (PAY-13)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import Method, PaymentReversed, ReversalReason
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT, TODAY
from notifications.mails.views import ContractView
from notifications.templates.values import Sum, Term


class Facts(ContractFacts):
    """The bank took back what the contract no longer had: it was settled, or became a credit, before (PAY-13)."""

    kind: Literal["money_lost"] = "money_lost"
    amount: PositiveAmount
    beyond: PositiveAmount
    """The part that the contract no longer had."""
    method: Method
    reason: ReversalReason
    effective_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that the bank took back, and ``beyond``, the part that the contract no longer had."""

    amount: Sum
    beyond: Sum
    method: Term
    reason: Term
    reversed_on: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    payment: Payment


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, payment=known.part(Payment, facts, reversed_on=facts.effective_on))


def is_beyond(event: PaymentReversed) -> bool:
    """Whether the contract had not all of it any more."""
    return bool(event.beyond)


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        currency=currency,
        amount=18_000,
        beyond=6_000,
        method="card",
        reason="chargeback",
        effective_on=TODAY,
    )


MAIL = MailKind(
    to="support",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={PaymentReversed: Facts.of},
    when=is_beyond,
)
