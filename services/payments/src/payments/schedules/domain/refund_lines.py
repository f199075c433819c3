"""PAY-3: a refund line keeps the day and the cause of its making until it is gone."""

from dataclasses import replace

from carnet.decisions import Context, Decision
from payments.schedules.domain.schedule import RefundCause, RefundLine, Schedule


def with_refund_line(before: Schedule | None, decision: Decision[Schedule], context: Context) -> Decision[Schedule]:
    """The same decision, whose schedule has its refund line: the one of ``before``, or one that is made now."""
    after = decision.state
    if not after.refund_due:
        line = None
    elif before is not None and before.refund_due:
        line = before.refund_line
    else:
        line = RefundLine(since=context.today, noted_at=context.now, cause=RefundCause.of(decision.events))
    return decision if line == after.refund_line else replace(decision, state=after.but(refund_line=line))
