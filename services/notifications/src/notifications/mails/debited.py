"""Debits of a family's bank account: what the mails about them, announced and called off, have in common (PAY-18)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.ids import Id
from carnet.money import Amount, PositiveAmount
from notifications.mails.facts import Fact, Facts
from notifications.mails.samples import CONTRACT, SAMPLE_ACCOUNT, SAMPLE_NUMBER, STATEMENT
from notifications.templates.values import Sum


class DebitedPart(Fact):
    """An instalment in a debit."""

    contract: str
    number: str | None = None
    due: date
    amount: Amount


class DebitFacts(Facts):
    """Debits of the bank account of an account."""

    contract: Id | None = None
    """None: it is about the account."""
    account: Id
    mandate: Id
    reference: str
    iban_ending: str
    amount: PositiveAmount


@dataclass(frozen=True, slots=True)
class DebitLine:
    """An instalment in a debit: of the contract of that number, which may be empty."""

    number: str
    due: date
    amount: Sum


@dataclass(frozen=True, slots=True)
class DebitShown:
    """The sum of a debit, the reference of its mandate, and the last four characters of the account."""

    amount: Sum
    reference: str
    iban_ending: str


PART: dict[str, Any] = {"contract": CONTRACT, "number": SAMPLE_NUMBER, "due": date(2027, 2, 5), "amount": 18_000}
"""The facts of an instalment; the one that is debited with it differs in these."""
OTHER: dict[str, Any] = {"number": "2027-0051", "amount": 4_500}


def sampled(currency: str) -> dict[str, Any]:
    """The facts of a debit of two instalments."""
    return {
        "account": SAMPLE_ACCOUNT.id,
        "mandate": STATEMENT,
        "reference": "DANSE-0042",
        "iban_ending": "0189",
        "amount": 22_500,
        "currency": currency,
    }
