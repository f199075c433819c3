"""SEPA direct debits: mandates, and the remittances by which instalments are collected (PAY-18)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Topic
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


class CollectionWithdrawn(ScheduleMoved):
    """An attempt ended before the bank was asked: its amount is back where it was, and nothing failed (PAY-18)."""

    attempt: Id
    instalment: Id
    due: date
    amount: PositiveAmount
    method: OnlineMethod
    remittance: Id
