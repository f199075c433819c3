"""PAY-19: a settlement on site, or waived, that was a wrong entry is voided."""

from collections.abc import Sequence
from dataclasses import dataclass

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.receipts.domain.receiving import Correction, Payment, arrival
from payments.refunds.domain.losses import make_good
from payments.refunds.domain.settling import Settlement
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Schedule
from payments.schedules.domain.schedule_events import as_it_is, led_to


@dataclass(frozen=True, slots=True)
class SettlementUndone:
    """A settlement that was voided: the schedule with its events, the settlement and payments as they then are."""

    decision: Decision[Schedule]
    settlement: Settlement
    payments: tuple[Payment, ...]


def void_settlement(
    schedule: Schedule, settlement: Settlement, payments: Sequence[Payment], reason: str, context: Context
) -> SettlementUndone:
    """Void a settlement on site, or waived: its amount is paid again, then PAY-2 applies (PAY-19, PAY-4).

    ``payments`` are those of the contract of which the bank took something beyond what the
    contract had: as far as the settlement never was, that left what is paid with the reversal
    (PAY-13), the latest payment first.

    Raises:
        Refusal: ``settlement-handed-over`` where it was refunded or converted, or ``already-voided``.
    """
    if settlement.how not in ("on_site", "waived"):
        raise conflict(
            "settlement-handed-over",
            "Only what was settled on site or waived is voided: a provider or a client credit has this one. "
            "A refund that fails comes back automatically; staff can lower a credit that was not used.",
            rule="PAY-19",
            settlement=settlement.id,
            how=settlement.how,
        )
    if settlement.voided is not None:
        raise conflict("already-voided", "This settlement is voided already.", rule="PAY-19", settlement=settlement.id)
    rest, lost = settlement.amount, schedule.lost
    recovered: list[published.PaymentReturned] = []
    changed: list[Payment] = []
    for payment in sorted(payments, key=arrival, reverse=True):
        # The part that a refund explains stays in ``beyond``: that refund was made.
        taken = min(payment.beyond, payment.amount - payment.refunded - payment.reversed, rest)
        if taken:
            back, from_lost = make_good(payment, taken)
            changed.append(back)
            recovered.append(published.PaymentReturned(payment=payment.id, amount=taken))
            lost -= from_lost
            rest -= taken
    after = cover(schedule.but(paid=schedule.paid + rest, lost=max(lost, 0)), context)
    voided = published.SettlementVoided(
        **as_it_is(after, context),
        settlement=settlement.id,
        amount=settlement.amount,
        how=settlement.how,
        settled_on=settlement.settled_on,
        method=settlement.method,
        recovered=tuple(recovered),
    )
    return SettlementUndone(
        decision=Decision(after, (voided, *led_to(schedule, after, context))),
        settlement=settlement.model_copy(update={"voided": Correction.of(reason, context)}),
        payments=tuple(changed),
    )
