"""A gift voucher is given: its code goes to its recipient, when it is issued and when staff sends it again (CRE-9)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.credits import VoucherIssued, VoucherSendingRequested
from carnet.ids import Id
from carnet.money import Currency
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Paper
from notifications.mails.given import GivenFacts, first_name, is_given, is_sent_now
from notifications.mails.samples import CONTRACT, VOUCHER
from notifications.mails.views import ContractView


class Facts(GivenFacts):
    """A gift voucher, and the person of the account to whom it is given; the owner where there is none."""

    kind: Literal["voucher_given"] = "voucher_given"
    voucher: Id
    currency: Currency = "XXX"
    """No currency, by ISO 4217: a voucher is no amount (CRE-8)."""

    @property
    def paper(self) -> Paper:
        """The voucher to print, which credits makes."""
        end = f"-{self.code[:4]}.pdf"
        return Paper("credits", "voucher", (self.voucher,), f"voucher{end}", french=f"bon-cadeau{end}")


@dataclass(frozen=True, slots=True)
class Voucher:
    """The gift voucher: what it is a right to, and the code by which it is redeemed.

    ``link`` leads to the voucher to print, until the day ``link_until``.
    """

    name: str
    code: str
    link: str
    link_until: date


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates. ``given`` is true if it goes to another person than the client who bought it."""

    voucher: Voucher
    first_name: str
    given: bool


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View,
        facts,
        voucher=known.part(Voucher, facts, link=known.link.address, link_until=known.link.until),
        first_name=first_name(facts, known),
        given=is_given(facts, known),
    )


def sample(currency: str) -> Facts:
    """The facts that the templates are previewed with."""
    return Facts(
        voucher=VOUCHER, contract=CONTRACT, currency=currency, name="Pottery workshop", code="7K3M-Q2XA-V9TB-4HDN-C6RX"
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={VoucherIssued: Facts.of, VoucherSendingRequested: Facts.of},
    when=is_sent_now,
    about="voucher",
)
