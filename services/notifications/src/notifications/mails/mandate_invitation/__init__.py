"""Staff invites a family to sign a direct debit mandate in its browser, by a link that expires (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import MandateInvitationRequested
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.facts import LinkedPage
from notifications.mails.samples import SAMPLE_ACCOUNT, STATEMENT
from notifications.mails.views import ContractView


class Facts(BaseFacts):
    """An invitation to sign. Anyone who has its link may sign, so no fact contains the link."""

    kind: Literal["mandate_invitation"] = "mandate_invitation"
    contract: Id | None = None
    """None: it is about the account."""
    account: Id
    invitation: Id
    creditor: str
    notice_days: int

    @property
    def page(self) -> LinkedPage:
        """The page on which the mandate is signed."""
        return LinkedPage("payments", "mandate-links", "mandate", (self.account,))


@dataclass(frozen=True, slots=True)
class Invitation:
    """The invitation, by the name of the creditor that the mandate has.

    ``notice_days`` before each debit the family is informed; zero where that is the day before, or the same one.
    ``link`` leads to the page until the day ``link_until``.
    """

    creditor: str
    notice_days: int
    link: str
    link_until: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    invitation: Invitation


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    days = facts.notice_days if facts.notice_days > 1 else 0
    invitation = known.part(Invitation, facts, notice_days=days, link=known.link.address, link_until=known.link.until)
    return known.view(View, facts, invitation=invitation)


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        account=SAMPLE_ACCOUNT.id,
        invitation=STATEMENT,
        creditor="École de danse du Nord",
        notice_days=14,
        currency=currency,
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={MandateInvitationRequested: Facts.of},
    about="invitation",
)
