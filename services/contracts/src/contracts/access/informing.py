"""The client is informed that what plans open is withheld, or given back (CON-20)."""

from collections.abc import Sequence
from datetime import date

from carnet.decisions import Context, Decision
from carnet.events.contracts import PlansGivenBack, PlansWithheld, WithheldPlan
from contracts.access.domain import Access, Moved
from contracts.contracts.domain.contracts import Contract


def inform(contract: Contract, moved: Sequence[Moved], due_since: date | None, context: Context) -> Decision[Contract]:
    """Publish which plans of the contract do not open what they opened before, or open it again.

    ``contract`` is as it is now, ``moved`` are the accesses that this moves, ``due_since`` is the first due date of
    what is planned. Nothing is published if no plan has an effect, as it has ended or another one opens the same.
    """
    opened = {_opened_by(each.before if contract.withheld else each.after) for each in moved}
    plans = tuple(
        WithheldPlan(
            line=line.id, product=line.purchase.product, name=line.purchase.name, participant=line.purchase.participant
        )
        for line in contract.live
        if line.id in opened and line.purchase.participant is not None
    )
    if not plans:
        return Decision(contract)
    about = {"contract": contract.id, "account": contract.account, "currency": contract.currency}
    shown = {**about, "effective_on": context.today, "plans": plans}
    event = PlansWithheld(**shown, due_since=due_since) if contract.withheld else PlansGivenBack(**shown)
    return Decision(contract.model_copy(update={"last_whole": contract.whole_version}), (event,))


def _opened_by(access: Access) -> str | None:
    """The line that opens an access; None while it is closed."""
    return access.given.line if access.open and access.given is not None else None
