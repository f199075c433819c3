"""PAY-18: a family's mandate: the right to debit its bank account, signed on paper or in a browser."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Self

from carnet.dates import Instant, months_after, write_instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, invalid
from carnet.search import folded
from payments.payment_methods.domain import PaymentMethod
from payments.schedules.domain.schedule import Part

SEPA = "sepa"
"""How payment methods and orders name direct debits that are handed to the bank by file."""

UNUSED_MONTHS = 36
"""A mandate lapses when it was not used for so many months (SEPA rulebook)."""

CURRENCY = "EUR"
"""SEPA knows no other."""


class Proof(Part):
    """What proves that a mandate was signed in a browser."""

    text: str
    """The mandate as it was shown, whole."""
    signer: str
    """The name that was typed as a signature."""
    at: Instant
    by: str
    """Whose token it was; the client if it was signed by a link."""
    request: str | None = None
    """The HTTP request."""
    address: str | None = None
    """The IP address that it came from."""
    agent: str | None = None
    """The browser, as it names itself."""
    digest: str | None = None
    """What ``digest_of`` gives; it is published too, so that a change of the proof is found."""

    def sealed(self) -> Self:
        """The same with its digest."""
        return self.model_copy(update={"digest": digest_of(self.text, self.signer, self.at, self.address)})


def digest_of(text: str, signer: str, at: datetime, address: str | None) -> str:
    """The SHA-256, in hexadecimal, of what was signed, by whom, when and from where: a line each."""
    return sha256("\n".join((text, signer, write_instant(at), address or "")).encode()).hexdigest()


class Announced(Part):
    """A debit of which the family was informed (PAY-18)."""

    contract: str
    due: date
    amount: int
    collect_on: date
    on: date
    """The day on which it was informed."""
    number: str | None = None
    """The contract's number for people."""
    called_off: bool = False
    """Whether its remittance was taken back, and no other one has it."""
    instalment: str | None = None
    """Which one it is; None in what older releases announced."""


class Mandate(State):
    """A mandate; its id is that of the payment method that it is.

    ``holder``, ``sealed_iban`` and ``proof`` are personal: they are None once the person was erased (ORG-4).
    """

    account: str
    reference: str
    """The unique mandate reference: unique among the mandates of the organisation."""
    creditor: str
    """The creditor identifier that it was given to."""
    holder: str | None
    """Whose bank account it is."""
    holder_key: str | None = None
    """The holder's name as names are compared."""
    sealed_iban: str | None
    """The IBAN, encrypted."""
    iban_ending: str
    signed_on: date
    signed_at: str | None = None
    """The place."""
    how: published.SignedHow
    proof: Proof | None = None
    last_used_on: date | None = None
    """The collection date of the last remittance that was sent with it."""
    announced: tuple[Announced, ...] = ()
    """What the family was informed of, of collections that are to come, and what was called off."""
    inform_at: Instant | None = None
    """From when it is informed of what was called off; None while there is nothing."""
    ended_on: date | None = None
    ended_why: published.MandateEnd | None = None

    @property
    def usable_until(self) -> date:
        """The last day on which it can be used, if it is not used before."""
        used = max(self.last_used_on or self.signed_on, self.signed_on)
        return months_after(used, UNUSED_MONTHS, used.day)

    def collectable(self, on: date) -> bool:
        """Whether a debit of that day can be based on it."""
        return self.ended_on is None and self.sealed_iban is not None and on <= self.usable_until


@dataclass(frozen=True, slots=True)
class Signature:
    """When, where and how a mandate was signed, and its reference where the paper has one."""

    on: date
    at: str | None
    how: published.SignedHow
    reference: str | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Whose bank account is debited: the holder, the encrypted IBAN, and what is shown of it."""

    holder: str
    sealed_iban: str
    iban_ending: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A mandate that was signed, and the payment method that it is."""

    decision: Decision[Mandate]
    method: PaymentMethod


@dataclass(frozen=True, slots=True)
class GivenTo:
    """Who gives a mandate to whom: the account, the organisation, and its creditor identifier."""

    organisation: str
    account: str
    creditor: str


def sign(mandate_id: str, given_to: GivenTo, debited: BankAccount, signature: Signature, context: Context) -> Signed:
    """Keep a mandate that a family has signed (PAY-18).

    Raises:
        Refusal: ``signed-in-future``, or ``mandate-lapsed`` where it was signed too long ago.
    """
    if signature.on > context.today:
        raise invalid(
            "signed-in-future",
            "The mandate can't be signed on a day to come. Correct the date.",
            rule="PAY-18",
            signed_on=signature.on.isoformat(),
        )
    mandate = Mandate(
        id=mandate_id,
        organisation=given_to.organisation,
        account=given_to.account,
        reference=signature.reference or mandate_id.replace("-", "").upper(),
        creditor=given_to.creditor,
        holder=debited.holder,
        holder_key=folded(debited.holder),
        sealed_iban=debited.sealed_iban,
        iban_ending=debited.iban_ending,
        signed_on=signature.on,
        signed_at=signature.at,
        how=signature.how,
        proof=signature.proof,
    )
    if not mandate.collectable(context.today):
        raise conflict(
            "mandate-lapsed",
            f"A mandate that was not used for {UNUSED_MONTHS} months has lapsed. Have a new one signed.",
            rule="PAY-18",
            months=UNUSED_MONTHS,
        )
    event = published.MandateSigned(
        account=mandate.account,
        mandate=mandate.id,
        reference=mandate.reference,
        signed_on=mandate.signed_on,
        how=mandate.how,
        iban_ending=mandate.iban_ending,
        digest=mandate.proof.digest if mandate.proof else None,
    )
    method = PaymentMethod(
        id=mandate.id,
        provider=SEPA,
        kind="direct_debit",
        token=mandate.id,
        label=f"IBAN •••• {mandate.iban_ending}",
        added_at=context.now,
    )
    return Signed(Decision(mandate, (event,)), method)


def end_mandate(mandate: Mandate, why: published.MandateEnd, context: Context) -> Decision[Mandate]:
    """A mandate is not used any more; nothing happens where it has ended before."""
    if mandate.ended_on is not None:
        return Decision(mandate)
    event = published.MandateEnded(account=mandate.account, mandate=mandate.id, why=why, ended_on=context.today)
    return Decision(mandate.model_copy(update={"ended_on": context.today, "ended_why": why}), (event,))


def refuse_currency(currency: str) -> None:
    """Refuse (``sepa-currency``) an organisation whose currency is not the euro."""
    if currency != CURRENCY:
        raise conflict(
            "sepa-currency",
            f"SEPA direct debits are in euros only, and this organisation's currency is {currency}. Use another "
            "payment method.",
            rule="PAY-18",
            currency=currency,
        )


def refuse_known(reference: str) -> None:
    """Refuse a reference that another mandate of the organisation has."""
    raise conflict(
        "mandate-reference-known",
        f"Another mandate has the reference {reference}. Give this one a reference of its own.",
        rule="PAY-18",
        reference=reference,
    )
