"""What a client credit had paid of a contract came back to it (CRE-6)."""

from typing import Literal

from carnet.events.credits import CreditRestored
from notifications.mails.definition import MailKind
from notifications.mails.moved_credit import MovedCreditFacts, MovedCreditView, compose
from notifications.mails.samples import CONTRACT, CREDIT, TODAY


class Facts(MovedCreditFacts):
    """What a client credit had paid of a contract came back to it (CRE-6)."""

    kind: Literal["credit_restored"] = "credit_restored"


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(credit=CREDIT, contract=CONTRACT, currency=currency, amount=4_000, left=5_000, effective_on=TODAY)


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=MovedCreditView,
    compose=compose,
    sample=sample,
    due={CreditRestored: Facts.of},
    about="credit",
)
