"""What is going to be debited from a family's bank account, and when (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import DebitsAnnounced
from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Fact
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.samples import CONTRACT, SAMPLE_ACCOUNT, SAMPLE_NUMBER, STATEMENT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class AnnouncedDebit(Fact):
    """An instalment that is going to be debited."""

    contract: str
    number: str | None = None
    due: date
    amount: Amount


class Facts(BaseFacts):
    """A debit of an account's bank account that is to come."""

    kind: Literal["debit_announced"] = "debit_announced"
    contract: Id | None = None
    """None: it is about the account."""
    account: Id
    mandate: Id
    reference: str
    creditor: str
    iban_ending: str
    remittance: Id
    collect_on: date
    replaces: date | None = None
    amount: PositiveAmount
    debits: tuple[AnnouncedDebit, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment that is going to be debited: of the contract of that number, which may be empty."""

    number: str
    due: date
    amount: Sum


@dataclass(frozen=True, slots=True)
class Debit:
    """The debit: its day and amount, and what identifies it.

    ``replaces`` is the day for which it was announced before, or nothing. ``creditor`` is the school's creditor
    identifier, ``reference`` that of the mandate, ``iban_ending`` the last four characters of the account; ``lines``
    are the instalments in it.
    """

    collect_on: date
    replaces: date | None
    amount: Sum
    creditor: str
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


def facts_of(event: DebitsAnnounced) -> Facts:
    """The facts of the event."""
    return Facts.of(event, debits=tuple(map(AnnouncedDebit.of_part, event.debits)))


def sample(currency: str) -> Facts:
    """Two instalments in one debit."""
    first = AnnouncedDebit(contract=CONTRACT, number=SAMPLE_NUMBER, due=date(2027, 2, 5), amount=18_000)
    return Facts(
        account=SAMPLE_ACCOUNT.id,
        mandate=STATEMENT,
        reference="DANSE-0042",
        creditor="FR72ZZZ123456",
        iban_ending="0189",
        remittance=STATEMENT,
        collect_on=date(2027, 2, 5),
        replaces=date(2027, 2, 3),
        amount=22_500,
        debits=(first, first.model_copy(update={"number": "2027-0051", "amount": 4_500})),
        currency=currency,
    )


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={DebitsAnnounced: facts_of})
