"""The account statement that staff sends: its PDF goes with the mail, attached and as a link that expires (PAY-16)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import StatementSendingRequested
from carnet.ids import Id
from carnet.money import SignedAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.facts import Paper
from notifications.mails.samples import STATEMENT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(BaseFacts):
    """A statement of all contracts of an account."""

    kind: Literal["account_statement"] = "account_statement"
    contract: Id | None = None
    """None: it is about the account."""
    statement: Id
    since: date | None = None
    until: date
    closing: SignedAmount
    """What the account owes; below zero it is owed to the account."""

    @property
    def paper(self) -> Paper:
        """Its PDF, which payments makes as the statement was then."""
        end = f"-{self.until.isoformat()}.pdf"
        return Paper("payments", "statement", (self.statement,), f"statement{end}", french=f"releve{end}")


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement. Of ``to_pay`` and ``in_favour`` at least one is zero.

    ``since`` is nothing if it is from the beginning; ``link`` leads to its PDF until the day ``link_until``.
    """

    since: date | None
    until: date
    to_pay: Sum
    in_favour: Sum
    link: str
    link_until: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    statement: Statement


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    statement = known.part(
        Statement,
        facts,
        to_pay=known.sum(max(facts.closing, 0)),
        in_favour=known.sum(max(-facts.closing, 0)),
        link=known.link.address,
        link_until=known.link.until,
    )
    return known.view(View, facts, statement=statement)


def sample(currency: str) -> Facts:
    """A season of which something is to pay."""
    since, until = date(2026, 9, 1), date(2026, 12, 31)
    return Facts(statement=STATEMENT, since=since, until=until, closing=18_000, currency=currency)


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={StatementSendingRequested: Facts.of},
    about="statement",
)
