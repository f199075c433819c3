"""The decisions on a subscription once it is sold: its next period is billed (CON-21)."""

from dataclasses import replace

from carnet.decisions import Context, Decision
from contracts.contracts.domain.changes import changed, whole
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft


def bill_next(contract: Contract, context: Context) -> Decision[Contract]:
    """Add the next period of the contract's subscription, if it is billed by ``context.today`` (CON-21).

    One decision adds one period. It takes effect on the day from which the period is billed, however late that is: so
    each period has its own day after an outage too (MON-5). Nothing is decided if none is due.
    """
    on = contract.bill_on
    if on is None or on > context.today:
        return Decision(contract)
    own = replace(context, today=on)
    draft = Draft(contract, own)
    draft.add_period()
    after = whole(draft)
    return Decision(after, (*draft.events, changed(contract, after, draft, 1, own)))
