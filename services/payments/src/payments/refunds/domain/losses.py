"""PAY-9, PAY-13: what the bank took back that the contract no longer had, until somebody has dealt with it."""

from dataclasses import dataclass

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.receipts.domain.receiving import Correction, Payment, Resolution
from payments.schedules.domain.schedule import Schedule, balanced


@dataclass(frozen=True, slots=True)
class Resolved:
    """A loss that was dealt with: the schedule with its event, and the payment as it then is."""

    decision: Decision[Schedule]
    payment: Payment


def resolve_loss(schedule: Schedule, payment: Payment, reason: str, context: Context) -> Resolved:
    """Support has dealt with all that is lost of a payment, outside the balance: ``reason`` says how (PAY-9).

    Raises:
        Refusal: ``nothing-lost`` where nothing of it is lost, or it was dealt with before.
    """
    amount = payment.lost
    if not amount:
        raise conflict(
            "nothing-lost",
            "Of this payment nothing is lost that has not been dealt with: there is nothing to do.",
            rule="PAY-9",
            payment=payment.id,
        )
    return _resolved(
        schedule, payment, Resolution(amount=amount, **Correction.of(reason, context).model_dump()), context
    )


def recover_loss(schedule: Schedule, payment: Payment, taken: int, credit: str, context: Context) -> Resolved:
    """``taken`` of what is lost of a payment was taken from what was left of a credit that came from it (PAY-13).

    Nothing if it was dealt with before.
    """
    amount = min(taken, payment.lost)
    if not amount:
        return Resolved(Decision(schedule, ()), payment)
    who = Correction(reason=None, on=context.today, at=context.now, by=str(context.actor))
    return _resolved(schedule, payment, Resolution(amount=amount, credit=credit, **who.model_dump()), context)


def _resolved(schedule: Schedule, payment: Payment, resolution: Resolution, context: Context) -> Resolved:
    after = balanced(schedule.but(lost=max(schedule.lost - resolution.amount, 0)))
    event = published.LossResolved(
        contract=schedule.id,
        account=schedule.account,
        currency=schedule.currency,
        payment=payment.id,
        amount=resolution.amount,
        left=after.lost,
        effective_on=context.today,
        credit=resolution.credit,
    )
    changes = {"resolved": payment.resolved + resolution.amount, "resolutions": (*payment.resolutions, resolution)}
    return Resolved(Decision(after, (event,)), payment.model_copy(update=changes))


def make_good(payment: Payment, amount: int) -> tuple[Payment, int]:
    """The payment once ``amount`` of what had been settled before its reversal was not settled after all.

    As far as the bank had taken it beyond what the contract had, it left what is paid with the
    reversal (PAY-13). Returns how much of ``lost`` that was: what nobody had dealt with goes first.
    """
    from_lost = min(payment.lost, amount)
    changes = {
        "reversed": payment.reversed + amount,
        "beyond": payment.beyond - amount,
        "resolved": payment.resolved - (amount - from_lost),
    }
    return payment.model_copy(update=changes), from_lost
