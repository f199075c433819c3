"""Debits that were announced to a family do not take place (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import DebitsCalledOff
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Fact
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.samples import CONTRACT, SAMPLE_ACCOUNT, SAMPLE_NUMBER, STATEMENT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class CalledOffDebit(Fact):
    """An instalment that is not debited on the date for which it was announced."""

    contract: str
    number: str | None = None
    due: date
    amount: Amount
    collect_on: date


class Facts(BaseFacts):
    """Debits of an account's bank account that were announced, and are called off."""

    kind: Literal["debit_called_off"] = "debit_called_off"
    contract: Id | None = None
    """None: it is about the account."""
    account: Id
    mandate: Id
    reference: str
    iban_ending: str
    amount: PositiveAmount
    debits: tuple[CalledOffDebit, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment that was announced for a day: of the contract of that number, which may be empty."""

    number: str
    due: date
    amount: Sum
    collect_on: date


@dataclass(frozen=True, slots=True)
class Debit:
    """What is called off: its sum, the last four characters of the account, and the instalments in it."""

    amount: Sum
    reference: str
    iban_ending: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    debit: Debit


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    lines = tuple(known.part(Line, each) for each in facts.debits)
    return known.view(View, facts, debit=known.part(Debit, facts, lines=lines))


def facts_of(event: DebitsCalledOff) -> Facts:
    """The facts of the event."""
    return Facts.of(event, debits=tuple(map(CalledOffDebit.of_part, event.debits)))


def sample(currency: str) -> Facts:
    """Two instalments of one day."""
    day = date(2027, 2, 5)
    first = CalledOffDebit(contract=CONTRACT, number=SAMPLE_NUMBER, due=day, amount=18_000, collect_on=day)
    return Facts(
        account=SAMPLE_ACCOUNT.id,
        mandate=STATEMENT,
        reference="DANSE-0042",
        iban_ending="0189",
        amount=22_500,
        debits=(first, first.model_copy(update={"number": "2027-0051", "amount": 4_500})),
        currency=currency,
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={DebitsCalledOff: facts_of})
