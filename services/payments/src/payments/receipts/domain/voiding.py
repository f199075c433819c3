"""PAY-19: a payment that staff recorded by mistake is voided."""

from dataclasses import dataclass

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.receipts.domain.receiving import Correction, Payment
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Attempt, Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to
from payments.schedules.domain.taking import put_back


@dataclass(frozen=True, slots=True)
class PaymentUndone:
    """A payment that was voided: the schedule with its events, and the payment as it then is."""

    decision: Decision[Schedule]
    payment: Payment


def without(schedule: Schedule, payment: Payment, context: Context) -> Schedule:
    """The schedule once a payment that staff recorded never was: what it took is where it was, then PAY-2 (PAY-19).

    Raises:
        Refusal: ``left-again`` where less than the payment is left of what was paid in money; ``payment-matched``
            where staff matched it to an invoice; ``payment-invoiced`` where invoices bear more than would be paid.
    """
    by_payments = schedule.paid - sum(use.amount for use in schedule.credit_uses)
    if payment.amount > by_payments:
        raise conflict(
            "left-again",
            f"{payment.amount - by_payments} minor units of this payment have left the contract again by a settlement "
            "or a reversal. Void that settlement first if it is a wrong entry too; otherwise record what was received.",
            rule="PAY-19",
            payment=payment.id,
            amount=payment.amount,
            left=by_payments,
        )
    _refuse_matched(schedule, payment)
    _refuse_invoiced(schedule, payment)
    back = put_back(schedule, _as_lines_now_say(payment.took, schedule)) if payment.took else schedule
    return cover(back.but(paid=schedule.paid - payment.amount), context)


def _refuse_matched(schedule: Schedule, payment: Payment) -> None:
    """Staff matched the payment to an invoice: that was built on it (PAY-19, INV-6)."""
    for match in schedule.invoicing.matches:
        if match.payment == payment.id:
            raise conflict(
                "payment-matched",
                "This payment is matched to an invoice by hand. Undo that match first, then void the payment.",
                rule="PAY-19",
                payment=payment.id,
                match=match.id,
                invoice=match.invoice,
            )


def _refuse_invoiced(schedule: Schedule, payment: Payment) -> None:
    """An invoice was built on the payment: what live invoices bear stays paid (PAY-19, INV-3)."""
    left = schedule.paid - payment.amount
    if schedule.invoicing.invoiced > left:
        raise conflict(
            "payment-invoiced",
            f"Invoices bear {schedule.invoicing.invoiced} minor units of this contract, and {left} would be paid. "
            "Cancel the invoices of what was not paid by credit notes first, then void the payment.",
            rule="PAY-19",
            payment=payment.id,
            invoiced=schedule.invoicing.invoiced,
            left=left,
        )


def void_payment(
    schedule: Schedule, payment: Payment, reason: str, context: Context, *, spent: str | None = None
) -> PaymentUndone:
    """Void a payment that staff recorded by mistake (PAY-19).

    ``spent`` is a client credit that the contract sells and that pays something elsewhere, or is
    about to: where the contract is paid no more, that has been built on this payment.

    Raises:
        Refusal: ``not-recorded-by-staff`` for one that a provider collected, ``payment-imported``,
            ``already-voided``, ``payment-reversed``, ``credit-spent``, or as ``without``.
    """
    _refuse_others(payment)
    after = without(schedule, payment, context)
    if spent is not None and schedule.fully_paid and not after.fully_paid:
        raise conflict(
            "credit-spent",
            "This payment paid for a client credit that has been used. Cancel first what that credit pays.",
            rule="PAY-19",
            payment=payment.id,
            credit=spent,
        )
    voided = published.PaymentVoided(
        **as_it_is(after, context),
        payment=payment.id,
        amount=payment.amount,
        method=payment.method,
        received_on=payment.received_on,
    )
    return PaymentUndone(
        decision=Decision(after, (voided, *led_to(schedule, after, context))),
        payment=payment.model_copy(update={"voided": Correction.of(reason, context)}),
    )


def _as_lines_now_say(took: Attempt, schedule: Schedule) -> Attempt:
    """What was taken of a charge returns to the date that its line now has (PAY-15)."""
    dates = {charge.line: charge.due for charge in schedule.charges}
    taken = []
    for part in took.taken:
        due = dates.get(part.instalment.line or "", part.instalment.due)
        taken.append(part.model_copy(update={"instalment": part.instalment.model_copy(update={"due": due})}))
    return took.model_copy(update={"taken": tuple(taken)})


def _refuse_others(payment: Payment) -> None:
    if payment.provider is not None:
        raise conflict(
            "not-recorded-by-staff",
            "A provider collected this payment: it is no entry of staff. Give it back by a settlement of the refund "
            "line, or record a reversal if the bank took it back.",
            rule="PAY-19",
            payment=payment.id,
        )
    if payment.imported:
        raise conflict(
            "payment-imported",
            "This payment was received in another system and imported with its contract: it is no entry made here. "
            "Where it is wrong, correct the contract: its price, or its cancellation and a new one.",
            rule="IMP-3",
            payment=payment.id,
        )
    if payment.voided is not None:
        raise conflict("already-voided", "This payment is voided already.", rule="PAY-19", payment=payment.id)
    if payment.reversed or payment.beyond:
        raise conflict(
            "payment-reversed",
            "The bank took this payment back, so it was received. Leave it as it is.",
            rule="PAY-19",
            payment=payment.id,
        )
