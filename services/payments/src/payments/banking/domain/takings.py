"""PAY-7: takings: what staff took on site by cash or cheque, until it is at the bank."""

from datetime import date
from typing import Self, get_args

from carnet.dates import Instant
from carnet.decisions import State
from carnet.events import credits
from carnet.events.payments import BankedMethod
from carnet.refusals import conflict, invalid
from payments.receipts.domain.receiving import Payment
from payments.refunds.domain.settling import Settlement
from payments.schedules.domain.schedule import Part, Schedule

BANKED: tuple[str, ...] = get_args(BankedMethod)
"""The methods of payment that go to the bank by hand."""


class PaperCheque(Part):
    """What a cheque says of itself; each is None if nobody has noted it."""

    number: str | None = None
    bank: str | None = None
    holder: str | None = None
    """Whose cheque it is; None too once a person of the account was erased (ORG-4)."""


class Taking(State):
    """What was taken on site, in minor units; or below zero, cash that was given back out of the till.

    Its id is that of the payment; where it came as a deposit without a contract, of the client credit; where it pays
    what was due of one, of its receipt; and of cash that was given back, of the settlement.
    """

    contract: str | None
    """None for a deposit without a contract."""
    number: str | None = None
    """The contract's number for people."""
    account: str
    method: BankedMethod
    amount: int
    currency: str
    received_on: date
    recorded_at: Instant
    cheque: PaperCheque | None = None
    bank_deposit: str | None = None
    """The bank deposit that it is in; None while it waits for one."""
    deposited: int | None = None
    """How much of it is in that one; None, too, where an older release has put it there: all of it."""
    returned: int = 0
    """The part of it that the bank took back (PAY-13)."""
    voided: bool = False
    """Whether it was a wrong entry (PAY-19)."""

    @property
    def left(self) -> int:
        """The part that has not come back: what it adds to the till, or what it took from it if it is below zero."""
        return self.amount - self.returned

    @property
    def waits(self) -> bool:
        """Whether it is to be deposited: it is in no bank deposit, was no wrong entry, and has not come back whole."""
        return self.bank_deposit is None and not self.voided and self.left != 0

    @property
    def inside(self) -> int:
        """How much of it is, or was last, in a bank deposit."""
        return self.amount if self.deposited is None else self.deposited

    @classmethod
    def of_credit(cls, issued: credits.CreditIssued, organisation: str, at: Instant) -> Self | None:
        """The taking of a deposit without a contract; None if it is none, or neither cash nor a cheque."""
        if issued.origin != "deposit" or issued.method not in BANKED:
            return None
        return cls(
            id=issued.credit,
            organisation=organisation,
            contract=None,
            account=issued.account,
            method=issued.method,
            amount=issued.amount,
            currency=issued.currency,
            received_on=issued.received_on or issued.effective_on,
            recorded_at=at,
        )

    @classmethod
    def of_due(cls, settled: credits.DepositDueSettled, organisation: str, at: Instant) -> Self | None:
        """The taking of what a family paid of a deposit that had come back; None if it is neither cash nor a cheque."""
        if settled.how != "paid" or settled.method not in BANKED or settled.receipt is None:
            return None
        return cls(
            id=settled.receipt,
            organisation=organisation,
            contract=None,
            account=settled.account,
            method=settled.method,
            amount=settled.amount,
            currency=settled.currency,
            received_on=settled.effective_on,
            recorded_at=at,
        )

    @classmethod
    def given_back(cls, settlement: Settlement, number: str | None) -> Self | None:
        """What a settlement took out of the till; None if nothing was given back in cash."""
        if settlement.how != "on_site" or settlement.method not in (None, "cash"):
            return None
        return cls(
            id=settlement.id,
            organisation=settlement.organisation,
            contract=settlement.contract,
            number=number,
            account=settlement.account,
            method="cash",
            amount=-settlement.amount,
            currency=settlement.currency,
            received_on=settlement.settled_on,
            recorded_at=settlement.settled_at,
        )

    def undone(self) -> Self:
        """It was a wrong entry."""
        return self.model_copy(update={"voided": True})

    def following(self, payment: Payment) -> Self:
        """What became of the payment: what the bank took back, or that it was a wrong entry."""
        returned = payment.reversed + payment.beyond
        return self.model_copy(update={"returned": returned, "voided": payment.voided is not None})

    def taken_back(self, amount: int) -> Self:
        """The bank took so much of it back."""
        return self.model_copy(update={"returned": min(self.returned + amount, self.amount)})


def taking_of(payment: Payment, schedule: Schedule, cheque: PaperCheque | None) -> Taking | None:
    """The taking of a payment that staff records on ``schedule``; None if it is neither cash nor a cheque.

    Of a cheque that was held until now, its bank and holder are known.

    Raises:
        Refusal: ``not-a-cheque`` where something is said of a cheque and it is none.
    """
    if cheque is not None and payment.method != "cheque":
        raise invalid(
            "not-a-cheque",
            "Only a cheque has a number, a bank and a drawer. Leave 'cheque' out, or record it as a cheque.",
            rule="PAY-7",
            field="cheque",
        )
    if payment.method not in BANKED:
        return None
    held = next((each.cheque for each in schedule.instalments if each.id == payment.instalment), None)
    if held is not None:
        cheque = cheque or PaperCheque()
        cheque = cheque.model_copy(update={"bank": cheque.bank or held.bank, "holder": cheque.holder or held.holder})
    return Taking(
        id=payment.id,
        organisation=payment.organisation,
        contract=payment.contract,
        number=schedule.number,
        account=payment.account,
        method=payment.method,
        amount=payment.amount,
        currency=payment.currency,
        received_on=payment.received_on,
        recorded_at=payment.recorded_at,
        cheque=cheque,
    )


def describe(taking: Taking, cheque: PaperCheque) -> Taking:
    """Note what the cheque says.

    Raises:
        Refusal: ``taken-in-cash``, or ``already-deposited``: its slip says it as it was.
    """
    if taking.method != "cheque":
        raise conflict(
            "taken-in-cash",
            "This was taken in cash: only a cheque has a number, a bank and a drawer.",
            rule="PAY-7",
            taking=taking.id,
        )
    free(taking)
    return taking.model_copy(update={"cheque": cheque.keeping(taking.cheque)})


def free(taking: Taking) -> None:
    """Refuse (``already-deposited``) a taking that is in a bank deposit."""
    if taking.bank_deposit is not None:
        raise conflict(
            "already-deposited",
            "This is in a bank deposit. Undo that bank deposit first if the bank did not get it.",
            rule="PAY-7",
            taking=taking.id,
            bank_deposit=taking.bank_deposit,
        )
