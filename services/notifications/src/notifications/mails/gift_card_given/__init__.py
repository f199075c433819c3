"""A gift card is given: its code goes to its recipient, when it is issued and when staff sends it again (CRE-8)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.credits import GiftCardIssued, GiftCardSendingRequested
from carnet.ids import Id
from carnet.money import PositiveAmount
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Paper
from notifications.mails.given import GivenFacts, first_name, is_given, is_sent_now
from notifications.mails.samples import CONTRACT, CREDIT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(GivenFacts):
    """A gift card, and the person of the account to whom it is given; the owner where there is none."""

    kind: Literal["gift_card_given"] = "gift_card_given"
    credit: Id
    """The gift card."""
    amount: PositiveAmount

    @property
    def paper(self) -> Paper:
        """The gift card to print, which credits makes."""
        end = f"-{self.code[:4]}.pdf"
        return Paper("credits", "gift_card", (self.credit,), f"gift-card{end}", french=f"carte-cadeau{end}")


@dataclass(frozen=True, slots=True)
class GiftCard:
    """The gift card: what it was sold as, what it is worth, and the code with which it pays.

    ``link`` leads to the card to print, until the day ``link_until``.
    """

    name: str
    amount: Sum
    code: str
    link: str
    link_until: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates. ``given`` is true if it goes to another person than the client who bought it."""

    gift_card: GiftCard
    first_name: str
    given: bool


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View,
        facts,
        gift_card=known.part(GiftCard, facts, link=known.link.address, link_until=known.link.until),
        first_name=first_name(facts, known),
        given=is_given(facts, known),
    )


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        credit=CREDIT,
        contract=CONTRACT,
        currency=currency,
        amount=5_000,
        name="Gift card",
        code="7K3M-Q2XA-V9TB-4HDN-C6RX",
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={GiftCardIssued: Facts.of, GiftCardSendingRequested: Facts.of},
    when=is_sent_now,
    about="credit",
)
