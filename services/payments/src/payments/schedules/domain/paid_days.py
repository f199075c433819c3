"""INV-1: a schedule keeps the days that its invoices show, and from which they are due to be made."""

from dataclasses import replace

from carnet.decisions import Decision
from carnet.events import payments as published
from payments.schedules.domain.schedule import Schedule


def with_paid_days(decision: Decision[Schedule]) -> Decision[Schedule]:
    """The same decision, whose schedule knows when money was received last and since when it is fully paid."""
    days: dict[str, object] = {}
    for event in decision.events:
        match event:
            case published.PaymentCollected(received_on=day):
                days["paid_on"] = day
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
