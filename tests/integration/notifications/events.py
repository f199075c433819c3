"""Events that a mail is due for."""

from datetime import date

from carnet.events.contracts import Mode, PlansGivenBack, PlansWithheld
from carnet.events.credits import CreditGranted
from carnet.events.payments import (
    AnnouncedDebit,
    CalledOffDebit,
    ContractPaid,
    DebitsAnnounced,
    DebitsCalledOff,
    Debt,
    InvoiceReady,
    MandateInvitationRequested,
    PaymentCollected,
    PaymentsReminded,
    RefundLineCreated,
    RemindersEnded,
    StatementSendingRequested,
)
from carnet.events.subscriptions import (
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionPauseLifted,
    SubscriptionRenewalAnnounced,
)
from carnet.ids import new_id
from tests.unit.notifications.notification_builders import ACCOUNT, CHANGE, CHILD, CONTRACT, TODAY, balance, instalments


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


def invoice_ready(invoice: str, *, credit_note: bool = False, deposit: bool = False) -> InvoiceReady:
    return InvoiceReady(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        invoice=invoice,
        number="AV-2027-000007" if credit_note else "FA-2027-000007",
        credit_note=credit_note,
        deposit=deposit,
        total=54_000,
        issued_on=TODAY,
        effective_on=TODAY,
    )


def statement_sent(statement: str, closing: int = 18_000) -> StatementSendingRequested:
    return StatementSendingRequested(
        account=ACCOUNT, statement=statement, currency="EUR", until=TODAY, closing=closing, effective_on=TODAY
    )


def invited(invitation: str, account: str = ACCOUNT) -> MandateInvitationRequested:
    return MandateInvitationRequested(
        account=account,
        invitation=invitation,
        creditor="Pas de Deux",
        notice_days=14,
        currency="EUR",
        effective_on=TODAY,
    )


DEBT = Debt(contract=CONTRACT, number="2027-0042", instalment=new_id(), kind="late", due=TODAY, amount=12_000)


def announced(account: str = ACCOUNT) -> DebitsAnnounced:
    """Two instalments that are going to be debited."""
    first = AnnouncedDebit(contract=CONTRACT, number="2027-0042", due=date(2027, 2, 5), amount=18_000)
    return DebitsAnnounced(
        account=account,
        mandate=(mandate := new_id()),
        reference=mandate.replace("-", "").upper(),
        creditor="FR72ZZZ123456",
        iban_ending="0189",
        remittance=new_id(),
        collect_on=date(2027, 2, 5),
        amount=22_500,
        currency="EUR",
        debits=(first, first.model_copy(update={"number": None, "amount": 4_500})),
        effective_on=date(2027, 1, 20),
    )


def called_off(account: str = ACCOUNT) -> DebitsCalledOff:
    """Two instalments that were announced and are not debited."""
    day = date(2027, 2, 5)
    first = CalledOffDebit(contract=CONTRACT, number="2027-0042", due=day, amount=18_000, collect_on=day)
    return DebitsCalledOff(
        account=account,
        mandate=(mandate := new_id()),
        reference=mandate.replace("-", "").upper(),
        iban_ending="0189",
        amount=22_500,
        currency="EUR",
        debits=(first, first.model_copy(update={"number": None, "amount": 4_500})),
        effective_on=date(2027, 1, 20),
    )


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


def reminders_ended(*debts: Debt, stopped: bool = False) -> RemindersEnded:
    return RemindersEnded(
        account=ACCOUNT,
        reminders=new_id(),
        currency="EUR",
        debts=debts or (DEBT,),
        effective_on=TODAY,
        stopped=stopped,
    )


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


_SUBSCRIPTION = {
    "contract": CONTRACT,
    "account": ACCOUNT,
    "currency": "EUR",
    "effective_on": TODAY,
    "product": new_id(),
    "name": "Studio",
}


def renews(period: int = 13) -> SubscriptionRenewalAnnounced:
    return SubscriptionRenewalAnnounced.model_validate(
        {
            **_SUBSCRIPTION,
            "period": period,
            "term_ends_on": date(2027, 3, 4),
            "renews_on": date(2027, 3, 5),
            "last_day": date(2027, 4, 4),
            "price": 4_500,
        }
    )


def unsubscribed(cancelled_from: date) -> SubscriptionCancelled:
    return SubscriptionCancelled.model_validate(
        {**_SUBSCRIPTION, "cancelled_from": cancelled_from, "ends_on": cancelled_from}
    )


_PLANS = {
    "contract": CONTRACT,
    "account": ACCOUNT,
    "currency": "EUR",
    "effective_on": TODAY,
    "plans": ({"line": new_id(), "product": new_id(), "name": "Harmony online", "participant": CHILD},),
}


def withheld() -> PlansWithheld:
    return PlansWithheld.model_validate({**_PLANS, "due_since": TODAY})


def given_back() -> PlansGivenBack:
    return PlansGivenBack.model_validate(_PLANS)


def lifted_from(period: int) -> SubscriptionPauseLifted:
    facts = {"paused_from": date(2027, 1, 5), "lifted_on": date(2027, 2, 5), "resumes_on": date(2027, 2, 5)}
    return SubscriptionPauseLifted.model_validate({**_SUBSCRIPTION, **facts, "period": period})


def on_pause(period: int) -> SubscriptionPaused:
    first = date(2027, 3, 5)
    return SubscriptionPaused.model_validate(
        {**_SUBSCRIPTION, "paused_from": first, "months": None, "period": period, "first_day": first}
    )
