"""Invoices: the marks that payments asks of contracts, and what is issued."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Topic
from carnet.events.payments.schedules import SCHEDULES
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount


class InvoiceMarkRequested(Event):
    """Purchases are to be invoiced: contracts is asked to mark them first, all or none (INV-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    request: Id
    lines: tuple[Id, ...] = ()
    """The purchases; empty for all that are paid and have no invoice."""
    left_out: tuple[Id, ...] = ()
    """Purchases that are left out where ``lines`` is empty: a credit note has cancelled their invoice (INV-3)."""
    deposit: bool = False
    """True for a deposit invoice, of the purchase that is paid in part; ``lines`` is then empty."""
    paid: Amount
    """What is paid of the contract, in minor units: it decides which purchases are paid (PAY-14)."""
    effective_on: date


class InvoiceIssued(Event):
    """An invoice was issued: it has its number, and never changes (INV-1, INV-2)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    request: Id
    """The request by which the lines were marked."""
    invoice: Id
    number: str
    """Such as ``FA-2026-000001``."""
    lines: tuple[Id, ...]
    total: PositiveAmount
    """In minor units, VAT included."""
    deposit: bool = False
    """True for a deposit invoice: it bears what was paid in advance of its line."""
    deposits: tuple[Id, ...] = ()
    """The deposit invoices that it deducts, which bear nothing any more."""
    deducted: Amount = 0
    """What they bore, in minor units; ``total`` is before it is deducted."""
    issued_on: date
    effective_on: date


class InvoiceNotIssued(Event):
    """Lines that were marked are not invoiced after all: their marks are void (INV-4)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    request: Id
    """The request by which the lines were marked."""
    lines: tuple[Id, ...]
    problem: str
    """Why, as the type of a problem: ``lines-not-paid``."""
    effective_on: date


class InvoiceCancelled(Event):
    """A credit note cancelled an invoice, whole or some of its lines (INV-3)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    invoice: Id
    """The invoice that is cancelled."""
    number: str
    """Its number."""
    credit_note: Id
    credit_note_number: str
    """Such as ``AV-2026-000001``."""
    lines: tuple[Id, ...]
    """The lines that the credit note cancels; no live invoice bears them any more."""
    total: PositiveAmount
    """What the credit note takes back, in minor units, VAT included."""
    whole: bool
    """True if nothing is left of the invoice."""
    issued_on: date
    """The day of the credit note."""
    effective_on: date


class InvoiceReady(Event):
    """The PDF of an invoice or of a credit note is made and kept (INV-5); in the sequence of the invoice."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    invoice: Id
    number: str
    credit_note: bool = False
    """True for a credit note."""
    total: PositiveAmount
    """In minor units, VAT included."""
    issued_on: date
    effective_on: date
    deposit: bool = False
    """True for a deposit invoice: of what was paid in advance."""


class PaymentMatched(Event):
    """Staff matched a payment to an invoice of the same contract by hand (INV-6). No money moves."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    match: Id
    """The match, by which it is undone."""
    payment: Id
    invoice: Id
    number: str
    """The invoice's number."""
    amount: PositiveAmount
    """In minor units: it pays no more of the invoice than is still left of both."""
    effective_on: date


class PaymentUnmatched(Event):
    """A match by hand was undone: what it matched is matched automatically again, oldest first (INV-6)."""

    topic: ClassVar[Topic] = SCHEDULES

    contract: Id
    account: Id
    currency: Currency
    match: Id
    """The match, by which it is undone."""
    payment: Id
    invoice: Id
    number: str
    """The invoice's number."""
    amount: PositiveAmount
    """What had been matched, in minor units."""
    effective_on: date


class InvoiceSettingsChanged(Event):
    """What the organisation's invoices say of it was changed (INV-1); in a sequence of the settings."""

    topic: ClassVar[Topic] = SCHEDULES

    automatic: bool
    """True if a contract is invoiced automatically once it is paid."""
