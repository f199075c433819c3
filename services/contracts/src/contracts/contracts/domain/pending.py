"""A change that cancels what sold client credits: credits is asked to remove them first (CRE-4, CRE-5, CON-8).

The change is decided whole and kept; it is told once all its credits are removed, or refused.
``changes`` decides it, and nothing here decides anything of it anew.
"""

from collections.abc import Iterable
from typing import Protocol

from carnet.decisions import Context, Decision
from carnet.events import Event
from carnet.events.contracts import ChangeRefused, ContractChanged, CreditRemovalRequested
from carnet.refusals import Refusal, conflict
from contracts.contracts.domain.contracts import Contract, Kept, Line, Pending, RefusedChange


class Refusing(Protocol):
    """What names the credit that stands in the way: of ``amount`` that was sold, ``left`` is left."""

    @property
    def credit(self) -> str: ...  # noqa: D102 # the class says it
    @property
    def amount(self) -> int: ...  # noqa: D102
    @property
    def left(self) -> int: ...  # noqa: D102


def credits_asked(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that a change cancels and that sold client credits: credits is asked about them first (CRE-4)."""
    live = {line.id for line in after.live}
    return tuple(line.id for line in before.live if line.purchase.kind == "client_credit" and line.id not in live)


def ask_credits(before: Contract, decided: Decision[Contract], context: Context) -> Decision[Contract]:
    """What a change that was ``decided`` on ``before`` comes to once it is confirmed.

    One that cancels no client credit is made as it is. Any other is pending: only the request
    to credits is told, and takes effect on the same day.
    """
    after = decided.state
    asked = credits_asked(before, after)
    if not asked:
        return decided
    pending = Pending(
        change=context.change,
        on=context.today,
        asked_at=context.now,
        by=context.actor,
        awaited=asked,
        lines=tuple(_touched(before, after)),
        cancelled_on=after.cancelled_on,
        events=tuple(Kept.of(event) for event in decided.events),
    )
    waiting = before.model_copy(
        update={"pending": pending, "refused_change": None, "last_whole": before.whole_version},
    )
    requested = CreditRemovalRequested(
        contract=before.id,
        account=before.account,
        request=context.change,
        lines=asked,
        effective_on=context.today,
    )
    return Decision(waiting, (requested,))


def credit_removed(contract: Contract, request: str, line: str) -> Decision[Contract]:
    """Credits removed what that line sold; once all are removed, the change is made as it was decided (CRE-4).

    Nothing comes of it where the contract does not wait for that: it was heard before.
    """
    pending = contract.pending
    if pending is None or pending.change != request or line not in pending.awaited:
        return Decision(contract)
    awaited = tuple(other for other in pending.awaited if other != line)
    if awaited:
        return Decision(contract.model_copy(update={"pending": pending.model_copy(update={"awaited": awaited})}))
    return Decision(made(contract, pending), tuple(_told(contract, pending)))


def removal_refused(contract: Contract, request: str, refusing: Refusing, context: Context) -> Decision[Contract]:
    """Credits removed nothing since one credit is not whole any more: the change is not made (CRE-5)."""
    if contract.pending is None or contract.pending.change != request:
        return Decision(contract)
    refused = RefusedChange(
        change=request, on=context.today, credit=refusing.credit, amount=refusing.amount, left=refusing.left
    )
    told = ChangeRefused(
        contract=contract.id,
        account=contract.account,
        request=request,
        credit=refused.credit,
        amount=refused.amount,
        left=refused.left,
        currency=contract.currency,
        effective_on=context.today,
    )
    return Decision(contract.model_copy(update={"pending": None, "refused_change": refused}), (told,))


def made(contract: Contract, pending: Pending) -> Contract:
    """The contract as the change that waits leaves it."""
    lines = {line.id: line for line in (*contract.lines, *pending.lines)}
    return contract.model_copy(
        update={
            "lines": tuple(lines.values()),
            "cancelled_on": pending.cancelled_on,
            "pending": None,
            "last_whole": None,
        }
    )


def refuse_pending(contract: Contract) -> None:
    """Refuse every other change while one waits for credits."""
    if contract.pending is not None:
        raise conflict(
            "change-pending",
            "A change of this contract waits until credits has answered whether client credits can be removed. "
            "Nothing else is changed on it meanwhile: try again in a moment.",
            rule="CRE-5",
            contract=contract.id,
            change=contract.pending.change,
        )


def credit_used(contract: Contract, change: str, refusing: Refusing) -> Refusal:
    """The refusal of a change that would cancel a client credit of which less is left than was sold (CRE-5)."""
    name = next((f"“{line.purchase.name}”" for line in contract.lines if line.id == refusing.credit), "the credit")
    return conflict(
        "credit-used",
        f"Of {name}, {refusing.left} of {refusing.amount} minor units are left: what sold a client credit is cancelled "
        "while the credit is whole. Change the contracts that it pays first, so that it comes back, or keep it.",
        rule="CRE-5",
        contract=contract.id,
        change=change,
        credit=refusing.credit,
        amount=refusing.amount,
        left=refusing.left,
        currency=contract.currency,
    )


def _touched(before: Contract, after: Contract) -> Iterable[Line]:
    known = {line.id: line for line in before.lines}
    return (line for line in after.lines if line != known.get(line.id))


def _told(contract: Contract, pending: Pending) -> Iterable[Event]:
    """What was decided. The request has raised the version since, so the version that it leads to is another."""
    version = contract.version + len(pending.events)
    for event in (kept.event for kept in pending.events):
        yield event.model_copy(update={"version": version}) if isinstance(event, ContractChanged) else event
