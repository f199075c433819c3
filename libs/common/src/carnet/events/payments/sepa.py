"""SEPA direct debits: mandates, and the remittances by which instalments are collected (PAY-18)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Part, Topic
from carnet.events.payments.schedules import SCHEDULES, OnlineMethod, ScheduleMoved
from carnet.ids import Id
from carnet.money import Currency, PositiveAmount

SignedHow = Literal["paper", "online"]
"""How a mandate was signed: on paper, or in a browser."""

MandateEnd = Literal["removed", "lapsed", "refused_by_bank"]
"""Why a mandate ended: it was removed, it was not used for 36 months, or its bank does not accept it any more."""


class SepaSettingsChanged(Event):
    """How the organisation collects by SEPA direct debit, in a sequence of its own (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    creditor: str
    """The SEPA creditor identifier: ``FR72ZZZ123456``."""
    account_ending: str
    """The last four characters of the IBAN of the account that is credited."""
    lead_days: Annotated[int, Field(ge=1, le=10)]
    """How many banking days before the collection date the bank has to have the file."""
    notice_days: Annotated[int, Field(ge=0, le=30)] = 14
    """How many days before the collection date a family is informed."""


class MandateSigned(Event):
    """A family allows its bank account to be debited (PAY-18); published in the sequence of the mandate."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    mandate: Id
    reference: str
    """The unique mandate reference."""
    signed_on: date
    how: SignedHow
    iban_ending: str
    """The last four characters of the IBAN that is debited."""
    digest: str | None = None
    """Of one signed in a browser: the SHA-256 of what was signed, by whom, when and from where; None on paper."""


class MandateInvitationRequested(Event):
    """Staff invites a family by mail to sign a mandate in its browser (PAY-18); in a sequence of its own.

    The mail has the link to the page, which is written when it is sent: no event has it.
    """

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    invitation: Id
    creditor: str
    """Who would collect: the name that the mandate has."""
    notice_days: Annotated[int, Field(ge=0, le=30)]
    """How many days before each debit the family is informed."""
    currency: Currency
    effective_on: date


class MandateEnded(Event):
    """A mandate cannot be used any more (PAY-18); published in the sequence of the mandate."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    mandate: Id
    why: MandateEnd
    ended_on: date


class RemittanceBuilt(Event):
    """Due instalments are in one file of direct debits (PAY-18); published in the sequence of the remittance."""

    topic: ClassVar[Topic] = SCHEDULES

    remittance: Id
    collect_on: date
    """The date on which the bank is asked to debit the families."""
    debits: Annotated[int, Field(ge=1)]
    """How many instalments are in it."""
    amount: PositiveAmount
    currency: Currency


class AnnouncedDebit(Part):
    """An instalment about which a family is informed before it is debited."""

    contract: Id
    number: str | None = None
    """The contract's number for people; None if it has none."""
    due: date
    amount: PositiveAmount
    """In minor units."""


class DebitsAnnounced(Event):
    """A family is to be informed by mail of what is going to be debited (PAY-18); in the sequence of its mandate."""

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    mandate: Id
    reference: str
    """The unique mandate reference."""
    creditor: str
    """The SEPA creditor identifier."""
    iban_ending: str
    """The last four characters of the IBAN that is debited."""
    remittance: Id
    """The remittance that it is in."""
    collect_on: date
    """The date on which the bank debits it."""
    replaces: date | None = None
    """The date for which it was announced before; None if it was not."""
    amount: PositiveAmount
    """The sum, in minor units."""
    currency: Currency
    debits: Annotated[tuple[AnnouncedDebit, ...], Field(min_length=1, max_length=500)]
    """Those of which the family was not informed before."""
    effective_on: date


class CalledOffDebit(Part):
    """An instalment that was announced for a date, and is not debited then."""

    contract: Id
    number: str | None = None
    """The contract's number for people; None if it has none."""
    due: date
    amount: PositiveAmount
    """In minor units."""
    collect_on: date
    """The date for which it was announced."""


class DebitsCalledOff(Event):
    """A family is to be informed by mail that debits which were announced do not take place (PAY-18).

    Published in the sequence of its mandate.
    """

    topic: ClassVar[Topic] = SCHEDULES

    account: Id
    mandate: Id
    reference: str
    """The unique mandate reference."""
    iban_ending: str
    """The last four characters of the IBAN that would have been debited."""
    amount: PositiveAmount
    """The sum, in minor units."""
    currency: Currency
    debits: Annotated[tuple[CalledOffDebit, ...], Field(min_length=1, max_length=500)]
    """What was announced, and is not debited."""
    effective_on: date


class RemittanceSent(Event):
    """The file of a remittance was handed to the bank: it cannot be taken back any more (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    remittance: Id
    sent_on: date


class RemittanceTakenBack(Event):
    """A remittance was taken back before it was sent: its instalments are where they were (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    remittance: Id
    effective_on: date


class RemittanceCollected(Event):
    """The bank has credited a remittance: what it did not refuse is paid (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    remittance: Id
    effective_on: date


class RefundFileBuilt(Event):
    """Refunds of direct debits are in one file of transfers (PAY-18); published in the sequence of the file."""

    topic: ClassVar[Topic] = SCHEDULES

    refund_file: Id
    execute_on: date
    """The date on which the bank is asked to make the transfers."""
    refunds: Annotated[int, Field(ge=1)]
    """How many refunds are in it."""
    amount: PositiveAmount
    currency: Currency


class RefundFileSent(Event):
    """A file of transfers was handed to the bank: it cannot be taken back any more (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    refund_file: Id
    sent_on: date


class RefundFileTakenBack(Event):
    """A file of transfers was taken back before it was sent: its refunds wait for the next one (PAY-18)."""

    topic: ClassVar[Topic] = SCHEDULES

    refund_file: Id
    effective_on: date


class RefundFileDone(Event):
    """The outcome of each refund in a file of transfers is known (PAY-18); one may still come back later (PAY-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    refund_file: Id
    effective_on: date


BankFileKind = Literal["pain.002", "camt.053", "camt.054"]
"""What a bank's file is: a payment status report, an account statement, or a notification of entries."""


class BankFileRead(Event):
    """A file of the bank was read; what its lines say of debits is published by these (PAY-18).

    Published in the sequence of the file.
    """

    topic: ClassVar[Topic] = SCHEDULES

    file: Id
    """The file: an id."""
    kind: BankFileKind
    """What it is."""
    lines: Annotated[int, Field(ge=0)]
    """How many lines were read of it."""
    debits: Annotated[int, Field(ge=0)]
    """How many of them are about debits of the organisation."""


class CollectionWithdrawn(ScheduleMoved):
    """An attempt ended before the bank was asked: its amount is back where it was, and nothing failed (PAY-18)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    remittance: Id
