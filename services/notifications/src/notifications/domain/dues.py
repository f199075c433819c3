"""Which events make a mail due by themselves (NOT-1); openings and changes go through their dossier instead."""

from collections.abc import Sequence

from carnet.events.credits import CreditGranted, CreditIssued, CreditRestored, CreditUsed
from carnet.events.payments import (
    ContractPaid,
    Instalment,
    PaymentCollected,
    PaymentFailed,
    PaymentMethodMissing,
    PaymentReversed,
    RefundFailed,
    RefundLineCreated,
    RefundLineSettled,
)
from notifications.domain.content import (
    Content,
    ContractPaidContent,
    CreditGrantedContent,
    CreditRestoredContent,
    CreditUsedContent,
    Kind,
    MethodMissingContent,
    PaymentFailedContent,
    PaymentReceivedContent,
    PaymentReversedContent,
    RefundAwaitingContent,
    RefundFailedContent,
    RefundSettledContent,
)

Telling = (
    PaymentCollected
    | PaymentFailed
    | PaymentMethodMissing
    | PaymentReversed
    | ContractPaid
    | RefundLineCreated
    | RefundLineSettled
    | RefundFailed
    | CreditGranted
    | CreditIssued
    | CreditUsed
    | CreditRestored
)
"""The events that are mailed about as they come."""

BY_PAYMENTS: dict[type[Telling], Kind] = {
    PaymentCollected: "payment_received",
    PaymentFailed: "payment_failed",
    PaymentMethodMissing: "method_missing",
    PaymentReversed: "payment_reversed",
    ContractPaid: "contract_paid",
    RefundLineCreated: "refund_awaiting",
    RefundLineSettled: "refund_settled",
    RefundFailed: "refund_failed",
}
BY_CREDITS: dict[type[Telling], Kind] = {
    CreditGranted: "credit_granted",
    CreditIssued: "credit_granted",
    CreditUsed: "credit_used",
    CreditRestored: "credit_restored",
}
KIND_OF = {**BY_PAYMENTS, **BY_CREDITS}
"""The kind of the mail about each of these events."""


def content_of(event: Telling) -> Content | None:
    """What the mail about this event tells, or none where no mail is due.

    A refund line on site is refunded on the spot: only online does support get a mail (PAY-3).
    """
    match event:
        case ContractPaid():
            return ContractPaidContent(contract=event.contract, currency=event.currency, total=event.total)
        case RefundLineCreated() | RefundLineSettled() | RefundFailed():
            return _of_refund(event)
        case CreditGranted() | CreditIssued() | CreditUsed() | CreditRestored():
            return _of_credit(event)
        case _:
            return _of_payment(event)


def _of_payment(event: PaymentCollected | PaymentFailed | PaymentMethodMissing | PaymentReversed) -> Content:
    match event:
        case PaymentCollected():
            return PaymentReceivedContent(
                contract=event.contract,
                mode=event.mode,
                currency=event.currency,
                amount=event.amount,
                method=event.method,
                received_on=event.received_on,
                balance=event.balance,
                instalments=event.instalments,
                online=event.attempt is not None,
            )
        case PaymentFailed():
            return PaymentFailedContent(
                contract=event.contract,
                mode=event.mode,
                currency=event.currency,
                amount=event.amount,
                method=event.method,
                due=event.due,
                reason=event.reason,
                next_try=event.next_try,
                left=_left_of(event.instalment, event.instalments),
                balance=event.balance,
                instalments=event.instalments,
            )
        case PaymentMethodMissing():
            return MethodMissingContent(
                contract=event.contract,
                mode=event.mode,
                currency=event.currency,
                amount=event.amount,
                due=event.due,
                balance=event.balance,
                instalments=event.instalments,
            )
        case PaymentReversed():
            return PaymentReversedContent(
                contract=event.contract,
                mode=event.mode,
                currency=event.currency,
                amount=event.amount,
                method=event.method,
                reason=event.reason,
                effective_on=event.effective_on,
                balance=event.balance,
                instalments=event.instalments,
                beyond=event.beyond,
            )


def _left_of(instalment: str, instalments: Sequence[Instalment]) -> int:
    return next((each.amount for each in instalments if each.id == instalment), 0)


def _of_refund(event: RefundLineCreated | RefundLineSettled | RefundFailed) -> Content | None:
    match event:
        case RefundLineCreated():
            if event.mode == "on_site":
                return None
            return RefundAwaitingContent(
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                effective_on=event.effective_on,
            )
        case RefundLineSettled():
            return RefundSettledContent(
                contract=event.contract,
                mode=event.mode,
                currency=event.currency,
                amount=event.amount,
                how=event.how,
                left=event.left,
                credit=event.credit,
                effective_on=event.effective_on,
            )
        case RefundFailed():
            return RefundFailedContent(
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                payment=event.payment,
                reason=event.reason,
                refund_due=event.balance.refund_due,
                effective_on=event.effective_on,
            )


def _of_credit(event: CreditGranted | CreditIssued | CreditUsed | CreditRestored) -> Content:
    match event:
        case CreditGranted():
            return CreditGrantedContent(
                credit=event.credit, contract=event.contract, currency=event.currency, amount=event.amount
            )
        case CreditIssued():
            return CreditGrantedContent(
                credit=event.credit,
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                origin=event.origin,
            )
        case CreditUsed():
            return CreditUsedContent(
                credit=event.credit,
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                left=event.left,
                effective_on=event.effective_on,
            )
        case CreditRestored():
            return CreditRestoredContent(
                credit=event.credit,
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                left=event.left,
                effective_on=event.effective_on,
            )
