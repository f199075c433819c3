"""A gift card: a client credit that belongs to the person who presents its code (CRE-8).

It is granted, used, restored, suspended and removed as any credit (``movements``, ``removing``); here is what is its
own: it is issued with a code, presented, and sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.decisions import Decision
from carnet.events import credits as published
from carnet.money import LARGEST
from carnet.refusals import conflict, invalid
from credits.domain.credit import Card, Credit
from credits.domain.movements import adjust
from credits.domain.selling import SellingContract, SoldCredit, credit_of
from credits.domain.sending_days import later_than

CardRefusal = Literal["removed", "suspended", "used-up"]
"""Why nothing can be paid with a gift card: the line that sold it was cancelled, the contract that sold it is not paid
any more, or nothing is left of it."""


@dataclass(frozen=True, slots=True)
class PresentedCard:
    """A gift card that is presented, and whether the contract that sold it is not paid any more (CRE-2)."""

    credit: Credit
    suspended: bool = False

    @property
    def why_not(self) -> CardRefusal | None:
        """Why nothing can be paid with it; None if something can."""
        if self.credit.status == "removed":
            return "removed"
        if self.suspended:
            return "suspended"
        return None if self.credit.left else "used-up"


DETAILS: Mapping[CardRefusal, str] = {
    "removed": "The sale of the gift card was cancelled, so nothing can be paid with it.",
    "suspended": "The sale of the gift card is not paid any more. It can be used once it is paid again.",
    "used-up": "Nothing is left of the gift card. Pay another way.",
}
"""What to do where nothing can be paid with a gift card, in English."""


def issue_card(selling: SellingContract, sold: SoldCredit, code: str, on: date) -> Decision[Credit]:
    """The contract is paid, so the gift card that its line sold exists (CRE-8)."""
    credit = credit_of(selling, sold, granted_on=on)
    card = _card(credit)
    card = card.model_copy(update={"code": code, "send_on": later_than(on, card.send_on)})
    event = published.GiftCardIssued(
        credit=credit.id,
        account=credit.account,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        contract=selling.id,
        line=sold.line,
        name=card.name,
        recipient=card.recipient,
        code=code,
        effective_on=on,
        send_on=card.send_on,
    )
    return Decision(credit.model_copy(update={"card": card}), (event,))


def send_card_again(credit: Credit, on: date) -> Decision[Credit]:
    """Send the gift card to its recipient, now and perhaps once more (CRE-8).

    Raises the refusals of ``card_to_give``.
    """
    card = card_to_give(credit)
    event = published.GiftCardSendingRequested(
        credit=credit.id,
        account=credit.account,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        contract=credit.contract or "",
        name=card.name,
        recipient=card.recipient,
        code=card.code or "",
        effective_on=on,
    )
    return Decision(credit.model_copy(update={"card": card.model_copy(update={"send_on": None})}), (event,))


def adjust_card(credit: Credit, amount: int, on: date) -> Decision[Credit]:
    """Adjust a gift card as any credit; a refusal does not say what is left of it (CRE-7, CRE-8).

    Raises:
        Refusal: ``card-removed``, ``more-than-on-card`` or ``card-too-large``.
    """
    if credit.status == "removed":
        raise conflict(
            "card-removed",
            "The sale of the gift card was cancelled, so there is nothing left to give. Sell another one.",
            rule="CRE-8",
            card=credit.id,
        )
    if credit.left + amount < 0:
        raise conflict(
            "more-than-on-card",
            "Less is left of the gift card than that. Look its code up to see what is left, and take off no more.",
            rule="CRE-7",
            card=credit.id,
        )
    if credit.left + credit.used + amount > LARGEST:
        raise invalid(
            "card-too-large",
            f"A gift card is of {LARGEST} minor units at most, what it pays of contracts included. Check the amount.",
            rule="MON-1",
            amount=amount,
        )
    return adjust(credit, amount, on)


def card_to_give(credit: Credit) -> Card:
    """The gift card, if it can still be given to somebody.

    Raises:
        Refusal: ``card-removed`` and ``card-used``, where there is nothing left to give, or somebody has it already.
    """
    card = _card(credit)
    if credit.status == "removed" or card.code is None:
        raise conflict(
            "card-removed",
            "The sale of the gift card was cancelled, so there is nothing left to give. Sell another one.",
            rule="CRE-8",
            card=credit.id,
        )
    if not credit.untouched:
        raise conflict(
            "card-used",
            "Somebody has paid with the gift card already, so it is not given again. The person who has its code "
            "goes on paying with it.",
            rule="CRE-8",
            card=credit.id,
        )
    return card


def _card(credit: Credit) -> Card:
    if credit.card is None:
        raise ValueError(f"credit {credit.id} is no gift card")
    return credit.card
