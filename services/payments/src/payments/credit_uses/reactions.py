"""What credits answers to the uses that payments asked for (CRE-3)."""

from typing import Any

from carnet.envelope import Received
from carnet.events import credits
from carnet.mongo import Unit, Wanted
from carnet.organisations import reaction_context
from carnet.reactions import Reactions
from carnet.refusals import unknown
from payments.banking.domain.takings import Taking
from payments.banking.store import TAKINGS
from payments.books.store import keep_move
from payments.credit_uses.domain import KnownCredit, UseRequest, complete_use, return_use
from payments.credit_uses.store import KNOWN_CREDITS, USE_REQUESTS
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.losses import recover_loss
from payments.refunds.store import keep_resolved
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, save

SERVICE = "payments"

CREDITS = Reactions(credits.CREDITS)


def _known_credit(event: Received[Any]) -> Wanted:
    return [(KNOWN_CREDITS, event.body.credit)]


def _receipt(event: Received[credits.DepositDueSettled]) -> Wanted:
    return [(TAKINGS, event.body.receipt)] if event.body.receipt else []


@CREDITS.on(credits.CreditGranted, loads=_known_credit)
def credit_granted(event: Received[credits.CreditGranted], unit: Unit) -> None:
    """Keep a credit that a contract sells: others can be paid with it."""
    _know(event, unit, sold_by=event.body.contract)


@CREDITS.on(
    credits.CreditIssued, loads=lambda event: [(KNOWN_CREDITS, event.body.credit), (TAKINGS, event.body.credit)]
)
def credit_issued(event: Received[credits.CreditIssued], unit: Unit) -> None:
    """Keep a credit that no contract sells; what was received for it goes to the bank (PAY-7)."""
    _know(event, unit, sold_by=None)
    taking = Taking.of_credit(event.body, event.organisation, event.time)
    if taking is not None and unit.get(TAKINGS, taking.id) is None:
        unit.put(TAKINGS, taking)


@CREDITS.on(credits.DepositReversed, loads=lambda event: [(TAKINGS, event.body.credit)])
def deposit_reversed(event: Received[credits.DepositReversed], unit: Unit) -> None:
    """The bank took a deposit without a contract back: there is so much less to hand to it (PAY-7)."""
    keep_move(event, unit)
    taking = unit.get(TAKINGS, event.body.credit)
    if taking is not None:
        unit.put(TAKINGS, taking.taken_back(event.body.amount))


@CREDITS.on(credits.DepositDueSettled, loads=_receipt)
def deposit_due_settled(event: Received[credits.DepositDueSettled], unit: Unit) -> None:
    """What came in cash or by cheque of a deposit that had come back goes to the bank like any other (PAY-7)."""
    keep_move(event, unit)
    taking = Taking.of_due(event.body, event.organisation, event.time)
    if taking is not None and unit.get(TAKINGS, taking.id) is None:
        unit.put(TAKINGS, taking)


@CREDITS.on(credits.GiftCardIssued, loads=_known_credit)
def gift_card_issued(event: Received[credits.GiftCardIssued], unit: Unit) -> None:
    """Keep a gift card: others can be paid with it, by anyone who presents its code (CRE-8)."""
    _know(event, unit, sold_by=event.body.contract, card=True)


def _know(
    event: Received[credits.CreditGranted] | Received[credits.CreditIssued] | Received[credits.GiftCardIssued],
    unit: Unit,
    sold_by: str | None,
    *,
    card: bool = False,
) -> None:
    credit = KnownCredit(
        id=event.body.credit,
        organisation=event.organisation,
        version=event.sequence,
        account=event.body.account,
        currency=event.body.currency,
        sold_by=sold_by,
        card=card,
    )
    unit.put(KNOWN_CREDITS, credit.keeping(unit.get(KNOWN_CREDITS, credit.id)))
    keep_move(event, unit)


def _requested(event: Received[credits.CreditUsed | credits.CreditUseRefused]) -> Wanted:
    contract = event.body.contract
    return [(USE_REQUESTS, event.body.request), (SCHEDULES, contract)]


@CREDITS.on(credits.CreditUsed, loads=_requested)
def credit_used(event: Received[credits.CreditUsed], unit: Unit) -> None:
    """What was asked of the credit is paid (CRE-3)."""
    request, schedule = _waiting(event, unit)
    if request.status == "requested":
        context = reaction_context(event, SERVICE, event.body.effective_on)
        save(unit, complete_use(schedule, request, context), context)
        unit.put(USE_REQUESTS, request.granted(context))


@CREDITS.on(credits.CreditUseRefused, loads=_requested)
def credit_use_refused(event: Received[credits.CreditUseRefused], unit: Unit) -> None:
    """What was asked of the credit is back where it was (CRE-3)."""
    request, schedule = _waiting(event, unit)
    if request.status == "requested":
        context = reaction_context(event, SERVICE, event.body.effective_on)
        reason, suspended = event.body.reason, event.body.suspended
        save(unit, return_use(schedule, request, reason, context, suspended=suspended), context)
        unit.put(USE_REQUESTS, request.refused(reason, context, suspended=suspended, refusal=event.body.refusal))


def _reversed(event: Received[credits.CreditTakenBack]) -> Wanted:
    contract, payment = event.body.contract, event.body.payment
    if contract is None or payment is None:
        return []
    return [(PAYMENTS, payment), (SCHEDULES, contract)]


@CREDITS.on(credits.CreditTakenBack, loads=_reversed)
def credit_taken_back(event: Received[credits.CreditTakenBack], unit: Unit) -> None:
    """What was left of a credit covers what the bank took of the payment that it came from (PAY-13)."""
    keep_move(event, unit)
    body = event.body
    if body.contract is None or body.payment is None:
        return  # the deposit of a credit was taken back: no contract had it
    payment, schedule = unit.get(PAYMENTS, body.payment), unit.get(SCHEDULES, body.contract)
    if payment is None or schedule is None:
        raise unknown("payment", body.payment)
    context = reaction_context(event, SERVICE, body.effective_on)
    recovered = recover_loss(schedule, payment, body.amount, body.credit, context)
    if recovered.decision.events:
        keep_resolved(unit, recovered, context)


def _waiting(event: Received[credits.CreditUsed | credits.CreditUseRefused], unit: Unit) -> tuple[UseRequest, Schedule]:
    """The request that credits answers, with its schedule; an answer to nothing is a fault, which has to be seen."""
    request = unit.get(USE_REQUESTS, event.body.request)
    schedule = unit.get(SCHEDULES, event.body.contract)
    if request is None or schedule is None:
        raise unknown("request", event.body.request)
    return request, schedule
