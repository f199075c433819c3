"""A client credit was granted to the account (CRE-1)."""

from dataclasses import dataclass
from typing import Literal

from carnet.events.credits import CreditGranted, CreditIssued, Origin
from carnet.ids import Id
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.samples import CONTRACT, CREDIT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum, Term


class Facts(BaseFacts):
    """A client credit was granted to the account (CRE-1)."""

    kind: Literal["credit_granted"] = "credit_granted"
    credit: Id
    contract: Id | None = None
    """The contract that sold it, or that had the refund line which became the credit."""
    amount: PositiveAmount
    origin: Origin | None = None
    """Where it comes from; None if a line sold it."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A client credit that was granted; its origin is ``sold``, ``refund``, ``deposit`` or ``staff``."""

    id: str
    amount: Sum
    origin: Term


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    credit: Credit


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View, facts, credit=known.part(Credit, facts, id=facts.credit, origin=Term(facts.origin or "sold"))
    )


def is_new(event: CreditGranted | CreditIssued) -> bool:
    """Whether the family did not have it in another system already (IMP-3)."""
    return not (isinstance(event, CreditIssued) and event.origin == "imported")


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        credit=CREDIT,
        contract=CONTRACT,
        currency=currency,
        amount=5_000,
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={CreditGranted: Facts.of, CreditIssued: Facts.of},
    when=is_new,
    about="credit",
)
