"""What every decision on a schedule publishes: the schedule as it then is, and what the move has led to."""

from typing import Any

from carnet.decisions import Context
from carnet.events import payments as published
from carnet.events.base import Event
from payments.schedules.domain.schedule import Schedule


def published_instalments(schedule: Schedule) -> tuple[published.Instalment, ...]:
    """The instalments as they are published: nothing of a cheque's holder leaves the service."""
    paused = schedule.paused
    return tuple(
        published.Instalment(
            id=each.id,
            due=each.due,
            amount=each.amount,
            fixed=each.fixed,
            held=each.held,
            method=each.method,
            on_request=each.on_request,
            next_try=each.next_try,
            gave_up=each.gave_up,
            waits_for_method=each.waits_for_method,
            line=each.line,
            paused=each.id in paused,
        )
        for each in schedule.instalments
    )


def as_it_is(schedule: Schedule, context: Context) -> dict[str, Any]:
    """The fields of ``ScheduleMoved``: the schedule as it is once it has moved, on the date of ``context``."""
    return {
        "contract": schedule.id,
        "account": schedule.account,
        "mode": schedule.mode,
        "currency": schedule.currency,
        "effective_on": context.today,
        "covers": schedule.covers,
        "balance": schedule.balance,
        "instalments": published_instalments(schedule),
    }


def adjusted(
    before: Schedule, after: Schedule, context: Context, *, answering: str | None = None, by_staff: bool = False
) -> published.ScheduleAdjusted:
    """The schedule as it moved; ``answering`` is the change of the contract that it answers, if any (EVT-1).

    The instalments before are published ``by_staff`` only: the client is informed of what staff moved (PAY-5).
    """
    return published.ScheduleAdjusted(
        contract=after.id,
        account=after.account,
        mode=after.mode,
        currency=after.currency,
        effective_on=context.today,
        change=answering,
        covers=after.covers,
        balance=after.balance,
        balance_before=before.balance,
        instalments=published_instalments(after),
        instalments_before=published_instalments(before) if by_staff else None,
    )


def led_to(
    before: Schedule, after: Schedule, context: Context, *, change: str | None = None, settled: int = 0
) -> tuple[Event, ...]:
    """What a move has led to, if anything: credits given back, a refund line, a passage to fully paid or back.

    ``change`` is the change of the contract that it answers. ``settled`` is the part of the refund line that the move
    itself has settled, in minor units: only what else happened to the line is published.
    """
    unsettled = before.model_copy(update={"refund_due": before.refund_due - settled})
    return (
        *given_back(before, after, context, change),
        *_refund_line(unsettled, after, context, change),
        *passage(before, after, context),
    )


def given_back(before: Schedule, after: Schedule, context: Context, change: str | None) -> tuple[Event, ...]:
    """What goes back to each client credit, the latest use first (CRE-6)."""
    was, now = _by_credit(before), _by_credit(after)
    cards = {use.credit for use in before.credit_uses if use.card}
    return tuple(
        published.CreditGivenBack(
            contract=after.id,
            account=after.account,
            currency=after.currency,
            credit=credit,
            amount=amount - now.get(credit, 0),
            effective_on=context.today,
            change=change,
            card=credit in cards,
        )
        for credit, amount in reversed(was.items())
        if amount > now.get(credit, 0)
    )


def _by_credit(schedule: Schedule) -> dict[str, int]:
    """What each credit has paid of a schedule, in the order of their latest use."""
    paid: dict[str, int] = {}
    for use in schedule.credit_uses:
        paid[use.credit] = paid.pop(use.credit, 0) + use.amount
    return paid


def _refund_line(before: Schedule, after: Schedule, context: Context, change: str | None) -> tuple[Event, ...]:
    """What happened to the refund line, if anything did (PAY-2)."""
    was, now = before.refund_due, after.refund_due
    if was == now:
        return ()
    contract, account, mode, currency = after.id, after.account, after.mode, after.currency
    today = context.today
    if was == 0:
        return (
            published.RefundLineCreated(
                contract=contract,
                account=account,
                mode=mode,
                currency=currency,
                amount=now,
                effective_on=today,
                change=change,
            ),
        )
    if now == 0:
        return (
            published.RefundLineDropped(
                contract=contract,
                account=account,
                mode=mode,
                currency=currency,
                amount_before=was,
                effective_on=today,
                change=change,
            ),
        )
    return (
        published.RefundLineChanged(
            contract=contract,
            account=account,
            mode=mode,
            currency=currency,
            amount_before=was,
            amount_after=now,
            effective_on=today,
            change=change,
        ),
    )


def passage(before: Schedule | None, after: Schedule, context: Context) -> tuple[Event, ...]:
    """The passage to fully paid or back, published once each way (PAY-8)."""
    was_paid = before is not None and before.fully_paid
    if was_paid == after.fully_paid:
        return ()
    shown = {
        "contract": after.id,
        "account": after.account,
        "currency": after.currency,
        "covers": after.covers,
        "total": after.total,
        "effective_on": context.today,
    }
    if not after.fully_paid:
        return (published.ContractReopened.model_validate(shown),)
    return (published.ContractPaid.model_validate({**shown, "charged": bool(after.charges)}),)
