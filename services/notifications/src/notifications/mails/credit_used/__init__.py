"""A client credit paid a part of a contract (CRE-3)."""

from typing import Literal

from carnet.events.credits import CreditUsed
from notifications.mails.definition import MailKind
from notifications.mails.moved_credit import MovedCreditFacts, MovedCreditView, compose
from notifications.mails.samples import CONTRACT, CREDIT, TODAY


class Facts(MovedCreditFacts):
    """A client credit paid a part of a contract (CRE-3)."""

    kind: Literal["credit_used"] = "credit_used"


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(credit=CREDIT, contract=CONTRACT, currency=currency, amount=4_000, left=1_000, effective_on=TODAY)


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=MovedCreditView,
    compose=compose,
    sample=sample,
    due={CreditUsed: Facts.of},
    about="credit",
)
