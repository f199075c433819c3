"""A refund on site, or a refund line waived, was a wrong entry (PAY-19)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import SettledHow, SettlementVoided
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ScheduleFacts
from notifications.mails.samples import CONTRACT, TODAY, balance_of
from notifications.mails.views import ScheduleView
from notifications.templates.values import Sum, Term


class Facts(ScheduleFacts):
    """A refund on site, or a refund line waived, was a wrong entry (PAY-19)."""

    kind: Literal["settlement_voided"] = "settlement_voided"
    amount: PositiveAmount
    how: SettledHow
    settled_on: date
    """The day on which it had been entered."""
    effective_on: date


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that had been entered by mistake, and when the entry was corrected."""

    amount: Sum
    how: Term
    settled_on: date
    corrected_on: date


@dataclass(frozen=True, slots=True)
class View(ScheduleView):
    """The variables of its templates."""

    refund: Refund


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, refund=known.part(Refund, facts, corrected_on=facts.effective_on))


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        amount=4_000,
        how="on_site",
        settled_on=TODAY,
        effective_on=TODAY,
        contract=CONTRACT,
        mode="on_site",
        currency=currency,
        balance=balance_of(50_000, 54_000, planned=0, refund_due=4_000),
        instalments=(),
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={SettlementVoided: Facts.of})
