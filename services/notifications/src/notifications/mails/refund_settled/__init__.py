"""A part of a refund line was settled (PAY-4): refunded, converted, on site or waived, and what is left of it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.contracts import Mode
from carnet.events.payments import RecordedMethod, RefundLineSettled, SettledHow
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts
from notifications.mails.samples import CONTRACT, TODAY
from notifications.mails.views import Contract
from notifications.mails.views import View as BaseView
from notifications.templates.values import Sum, Term


class Facts(ContractFacts):
    """A refund line was settled, in part or whole (PAY-4)."""

    kind: Literal["refund_settled"] = "refund_settled"
    mode: Mode
    amount: PositiveAmount
    how: SettledHow
    left: Amount
    """The part of the refund line that is not settled yet."""
    credit: Id | None
    """The client credit that it was converted to."""
    effective_on: date
    method: RecordedMethod | None = None
    """Of what was refunded on site: how, if that is known."""
    by_transfer: Amount = 0
    """The part of it that waits for a transfer that the bank does not have yet (PAY-18)."""


@dataclass(frozen=True, slots=True)
class Refund:
    """A part of a refund line that was settled; ``left`` is the rest, ``credit`` the credit it became, or empty.

    Of what is refunded to the payment method, ``at_once`` is what was refunded, ``by_transfer`` what is going to be, by
    a transfer to the bank account that was debited. ``method`` is how it was given back on site, or empty.
    """

    amount: Sum
    at_once: Sum
    by_transfer: Sum
    how: Term
    method: Term
    left: Sum
    credit: str
    settled_on: date


@dataclass(frozen=True, slots=True)
class View(BaseView):
    """The variables of its templates."""

    contract: Contract
    refund: Refund


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    refund = known.part(
        Refund,
        facts,
        at_once=known.sum(facts.amount - facts.by_transfer),
        method=Term(facts.method or ""),
        settled_on=facts.effective_on,
    )
    return known.view(View, facts, refund=refund)


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        contract=CONTRACT,
        mode="online",
        currency=currency,
        amount=4_000,
        how="refunded",
        left=2_000,
        credit=None,
        effective_on=TODAY,
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={RefundLineSettled: Facts.of})
