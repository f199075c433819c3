"""Events that a mail is due for."""

from datetime import date

from carnet.events.contracts import Mode
from carnet.events.credits import CreditGranted
from carnet.events.payments import (
    ContractPaid,
    Debt,
    InvoiceReady,
    PaymentCollected,
    PaymentsReminded,
    RefundLineCreated,
    RemindersEnded,
    StatementSendingRequested,
)
from carnet.ids import new_id
from tests.unit.notifications.notification_builders import ACCOUNT, CHANGE, CONTRACT, TODAY, balance, instalments


def paid(total: int = 54_000, contract: str = CONTRACT, account: str = ACCOUNT) -> ContractPaid:
    return ContractPaid(contract=contract, account=account, currency="EUR", covers=4, total=total, effective_on=TODAY)


def collected() -> PaymentCollected:
    return PaymentCollected(
        contract=CONTRACT,
        account=ACCOUNT,
        mode="on_site",
        currency="EUR",
        payment=new_id(),
        amount=18_000,
        method="cheque",
        received_on=date(2027, 1, 5),
        covers=4,
        balance=balance(54_000, 18_000),
        instalments=instalments(18_000, 18_000),
    )


def invoice_ready(invoice: str, *, credit_note: bool = False) -> InvoiceReady:
    return InvoiceReady(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        invoice=invoice,
        number="AV-2027-000007" if credit_note else "FA-2027-000007",
        credit_note=credit_note,
        total=54_000,
        issued_on=TODAY,
        effective_on=TODAY,
    )


def statement_sent(statement: str, closing: int = 18_000) -> StatementSendingRequested:
    return StatementSendingRequested(
        account=ACCOUNT, statement=statement, currency="EUR", until=TODAY, closing=closing, effective_on=TODAY
    )


DEBT = Debt(contract=CONTRACT, number="2027-0042", instalment=new_id(), kind="late", due=TODAY, amount=12_000)


def reminded(reminder: str, account: str = ACCOUNT, *, by_hand: bool = False) -> PaymentsReminded:
    return PaymentsReminded(
        account=account,
        reminders=new_id(),
        reminder=reminder,
        by_hand=by_hand,
        currency="EUR",
        debts=(DEBT,),
        effective_on=TODAY,
    )


def reminders_ended() -> RemindersEnded:
    return RemindersEnded(account=ACCOUNT, reminders=new_id(), currency="EUR", debts=(DEBT,), effective_on=TODAY)


def refund_line(mode: Mode = "online") -> RefundLineCreated:
    return RefundLineCreated(
        contract=CONTRACT,
        account=ACCOUNT,
        mode=mode,
        currency="EUR",
        amount=6_000,
        effective_on=TODAY,
        change=CHANGE,
    )


def granted() -> CreditGranted:
    return CreditGranted(
        credit=new_id(),
        account=ACCOUNT,
        amount=5_000,
        left=5_000,
        currency="EUR",
        contract=CONTRACT,
        line=new_id(),
        effective_on=TODAY,
    )
