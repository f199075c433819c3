"""PAY-6, CRE-3: attempts: an instalment at the provider, a credit being used, and how they end."""

from carnet.decisions import Context
from carnet.refusals import conflict, unknown
from payments.schedules.domain.covering import cover
from payments.schedules.domain.schedule import Attempt, CreditUse, Schedule, Taken, balanced
from payments.schedules.domain.taking import put_back, take


def collect(schedule: Schedule, instalment_id: str, attempt_id: str) -> Schedule:
    """The schedule once an online instalment is at the provider: it is processing (PAY-6).

    Raises:
        Refusal: ``unknown-instalment``, or ``not-collectable`` on site and for a held cheque.
    """
    instalment = schedule.instalment(instalment_id)
    if schedule.mode != "online" or instalment.held:
        raise conflict(
            "not-collectable",
            "Only an online instalment that is no cheque is collected. Record its payment instead.",
            rule="PAY-6",
            instalment=instalment_id,
        )
    attempt = Attempt(id=attempt_id, taken=(Taken(instalment=instalment, amount=instalment.amount),))
    rest = (each for each in schedule.instalments if each.id != instalment_id)
    return balanced(schedule.but(instalments=rest, attempts=(*schedule.attempts, attempt)))


def use_credit(schedule: Schedule, credit: str, amount: int, attempt_id: str, *, card: bool = False) -> Schedule:
    """The schedule once ``amount`` of a credit, or of a gift card, is being used on it (CRE-3).

    Raises:
        Refusal: ``more-than-due`` where less than ``amount`` is left to pay; ``card-buys-card`` where a gift card
            would pay what sells gift cards (CRE-8).
    """
    if card:
        _refuse_card_for_card(schedule, amount)
    taking = take(schedule, amount)
    if taking.missing:
        raise conflict(
            "more-than-due",
            "The amount exceeds what is left to pay. Use no more than that.",
            rule="CRE-3",
            amount=amount,
            due=amount - taking.missing,
        )
    attempt = Attempt(id=attempt_id, credit=credit, card=card, unscheduled=taking.unscheduled, taken=taking.taken)
    return balanced(taking.schedule.but(attempts=(*schedule.attempts, attempt)))


def _refuse_card_for_card(schedule: Schedule, amount: int) -> None:
    under_way = sum(attempt.amount for attempt in schedule.attempts if attempt.card)
    most = schedule.for_cards - schedule.by_cards - under_way
    if schedule.cards and amount > most:
        raise conflict(
            "card-buys-card",
            f"A gift card never buys a gift card: cards can pay {max(most, 0)} minor units of this contract. Pay what "
            "sells gift cards another way.",
            rule="CRE-8",
            amount=amount,
            most=max(most, 0),
        )


def succeeded(schedule: Schedule, attempt_id: str, context: Context) -> Schedule:
    """The schedule once the attempt brought its amount: it is paid.

    Where there is a refund line, a credit just used gets its part of it back (CRE-6).

    Raises:
        Refusal: ``unknown-attempt``.
    """
    attempt, others = _ended(schedule, attempt_id)
    uses = schedule.credit_uses
    if attempt.credit is not None:
        uses = (*uses, CreditUse(credit=attempt.credit, amount=attempt.amount, card=attempt.card))
    return cover(schedule.but(attempts=others, paid=schedule.paid + attempt.amount, credit_uses=uses), context)


def failed(schedule: Schedule, attempt_id: str, context: Context) -> Schedule:
    """The schedule once the attempt failed: what it took is where it was, then PAY-2 for what changed since (PAY-6).

    Raises:
        Refusal: ``unknown-attempt``.
    """
    attempt, others = _ended(schedule, attempt_id)
    return cover(put_back(schedule, attempt).but(attempts=others), context)


def _ended(schedule: Schedule, attempt_id: str) -> tuple[Attempt, tuple[Attempt, ...]]:
    for attempt in schedule.attempts:
        if attempt.id == attempt_id:
            return attempt, tuple(each for each in schedule.attempts if each is not attempt)
    raise unknown("attempt", attempt_id)
