"""Debits that were announced to a family do not take place (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import DebitsCalledOff
from notifications.mails.composing import Known
from notifications.mails.debited import OTHER, PART, DebitedPart, DebitFacts, DebitLine, DebitShown, sampled
from notifications.mails.definition import MailKind
from notifications.mails.views import ContractView


class CalledOffDebit(DebitedPart):
    """An instalment that is not debited on the date for which it was announced."""

    collect_on: date


class Facts(DebitFacts):
    """Debits of an account's bank account that were announced, and are called off."""

    kind: Literal["debit_called_off"] = "debit_called_off"
    debits: tuple[CalledOffDebit, ...]


@dataclass(frozen=True, slots=True)
class Line(DebitLine):
    """An instalment that was announced for a day."""

    collect_on: date


@dataclass(frozen=True, slots=True)
class Debit(DebitShown):
    """What is called off, and the instalments in it."""

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
    first = CalledOffDebit(**PART, collect_on=PART["due"])
    return Facts(debits=(first, first.model_copy(update=OTHER)), **sampled(currency))


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={DebitsCalledOff: facts_of},
    about="mandate",
)
