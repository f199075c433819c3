"""What is going to be debited from a family's bank account, and when (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import DebitsAnnounced
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.debited import OTHER, PART, DebitedPart, DebitFacts, DebitLine, DebitShown, sampled
from notifications.mails.definition import MailKind
from notifications.mails.samples import STATEMENT
from notifications.mails.views import ContractView


class Facts(DebitFacts):
    """A debit of an account's bank account that is to come."""

    kind: Literal["debit_announced"] = "debit_announced"
    creditor: str
    remittance: Id
    collect_on: date
    replaces: date | None = None
    debits: tuple[DebitedPart, ...]


@dataclass(frozen=True, slots=True)
class Debit(DebitShown):
    """The debit: its day and amount, and what identifies it.

    ``replaces`` is the day for which it was announced before, or nothing. ``creditor`` is the school's creditor
    identifier; ``lines`` are the instalments in it.
    """

    collect_on: date
    replaces: date | None
    creditor: str
    lines: tuple[DebitLine, ...]


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    debit: Debit


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    lines = tuple(known.part(DebitLine, each) for each in facts.debits)
    return known.view(View, facts, debit=known.part(Debit, facts, lines=lines))


def facts_of(event: DebitsAnnounced) -> Facts:
    """The facts of the event."""
    return Facts.of(event, debits=tuple(map(DebitedPart.of_part, event.debits)))


def sample(currency: str) -> Facts:
    """Two instalments in one debit."""
    first = DebitedPart(**PART)
    return Facts(
        creditor="FR72ZZZ123456",
        remittance=STATEMENT,
        collect_on=date(2027, 2, 5),
        replaces=date(2027, 2, 3),
        debits=(first, first.model_copy(update=OTHER)),
        **sampled(currency),
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={DebitsAnnounced: facts_of},
    about="mandate",
)
