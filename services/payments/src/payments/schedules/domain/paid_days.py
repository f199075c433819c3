"""The days that a schedule keeps: for its invoices (INV-1), and since when something is on no date (NOT-4)."""

from dataclasses import replace

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from payments.schedules.domain.schedule import Schedule


def with_paid_days(decision: Decision[Schedule]) -> Decision[Schedule]:
    """The same decision, whose schedule knows when money was received last and since when it is fully paid."""
    days: dict[str, object] = {}
    for event in decision.events:
        match event:
            case published.PaymentCollected(received_on=day):
                days["paid_on"] = day
            case published.PaymentsImported(payments=payments):
                days["paid_on"] = max(each.received_on for each in payments)
            case published.CreditUseCompleted(effective_on=day):
                days["paid_on"] = day
            case published.ContractPaid(effective_on=day):
                days["whole_since"] = day
            case published.ContractReopened():
                days["whole_since"] = None
            case _:
                pass
    if not days:
        return decision
    after = decision.state
    return replace(decision, state=after.but(invoicing=after.invoicing.model_copy(update=days)))


def with_waiting_day(before: Schedule | None, decision: Decision[Schedule], context: Context) -> Decision[Schedule]:
    """The same decision, whose schedule knows since when something of it is on no date."""
    after = decision.state
    if not after.unscheduled:
        since = None
    elif before is not None and before.unscheduled:
        since = before.unscheduled_since
    else:
        since = context.today
    return decision if since == after.unscheduled_since else replace(decision, state=after.but(unscheduled_since=since))
