"""Which events make a mail due by themselves (NOT-1); openings and changes go through their dossier instead."""

from carnet.events.credits import CreditGranted
from carnet.events.payments import ContractPaid, PaymentCollected, RefundLineCreated
from notifications.domain.content import (
    Content,
    ContractPaidContent,
    CreditGrantedContent,
    PaymentReceivedContent,
    RefundAwaitingContent,
)

Telling = PaymentCollected | ContractPaid | RefundLineCreated | CreditGranted
"""The events that are mailed about as they come."""


def content_of(event: Telling) -> Content | None:
    """What the mail about this event tells, or none where no mail is due.

    A refund line on site is refunded on the spot: only online does support get a mail (PAY-3).
    """
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
            )
        case ContractPaid():
            return ContractPaidContent(contract=event.contract, currency=event.currency, total=event.total)
        case RefundLineCreated():
            if event.mode == "on_site":
                return None
            return RefundAwaitingContent(
                contract=event.contract,
                currency=event.currency,
                amount=event.amount,
                effective_on=event.effective_on,
            )
        case CreditGranted():
            return CreditGrantedContent(
                credit=event.credit, contract=event.contract, currency=event.currency, amount=event.amount
            )
