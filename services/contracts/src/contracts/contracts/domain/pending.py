"""A change, or an opening, that other services are asked about first (CRE-4, CRE-5, CON-8, CON-11).

It is decided whole and kept. Once all that it asks is granted, its events are published as they were decided; if a
service refuses, what others granted is given back and nothing of it is made. ``changes`` decides it, ``causes`` says
what it asks, and nothing here decides anything of it again.
"""

from collections.abc import Iterable, Sequence

from carnet.decisions import Context, Decision
from carnet.events import Event
from carnet.events.base import ServiceRefusal
from carnet.events.contracts import ChangeRefused, ConfirmationRefused, ContractChanged, ContractOpened
from carnet.events.credits import CreditRemovalRefused
from carnet.refusals import Refusal, conflict
from carnet.requests import together
from carnet.requests.causes import CREDIT_REMOVAL
from carnet.requests.together import Kept, Step
from contracts.contracts.domain.causes import CAUSES, ChangeCause, credit_in_the_way
from contracts.contracts.domain.contracts import Contract, Line, Pending, RefusedChange


def ask(
    before: Contract | None, decided: Decision[Contract], context: Context, causes: Sequence[ChangeCause] = CAUSES
) -> Decision[Contract]:
    """What is saved of a change that was ``decided`` on ``before``, or of an opening (``before`` is None).

    One that asks nobody is made at once. Any other is pending: only its requests are published, and take effect on
    the same day.
    """
    after = decided.state
    asks = [wanted for cause in causes if (wanted := cause.asks(before, after, context)) is not None]
    if not asks:
        return decided
    step = together.ask_all(asks)
    pending = Pending(
        change=context.change,
        on=context.today,
        asked_at=context.now,
        by=context.actor,
        requests=step.requests,
        lines=tuple(_touched(before, after)),
        cancelled_on=after.cancelled_on,
        events=tuple(Kept.of(event) for event in decided.events),
    )
    if before is None:
        waiting = after.model_copy(update={"lines": (), "pending": pending, "opening": "pending", "last_whole": 0})
    else:
        waiting = before.model_copy(
            update={"pending": pending, "refused_change": None, "last_whole": before.whole_version}
        )
    return Decision(waiting, step.events)


def granted(
    contract: Contract, cause: str, request: str, *objects: str, causes: Sequence[ChangeCause] = CAUSES
) -> Decision[Contract]:
    """The service asked for that ``cause`` granted these objects; once all is granted, the change is made as decided.

    Nothing changes if the contract does not wait for that: it was handled before.
    """
    pending = _asking(contract, request)
    if pending is None:
        return Decision(contract)
    return _after(contract, pending, together.granted(pending.requests, cause, *objects), causes)


def refused(
    contract: Contract, cause: str, request: str, refusal: Refusal, causes: Sequence[ChangeCause] = CAUSES
) -> Decision[Contract]:
    """The service asked for that ``cause`` refused: once every answer is there, the change is not made (CRE-5)."""
    pending = _asking(contract, request)
    if pending is None:
        return Decision(contract)
    return _after(contract, pending, together.refused(pending.requests, cause, refusal), causes)


def _asking(contract: Contract, request: str) -> Pending | None:
    return contract.pending if contract.pending is not None and contract.pending.change == request else None


def _after(contract: Contract, pending: Pending, step: Step, causes: Sequence[ChangeCause]) -> Decision[Contract]:
    if step.outcome == "granted":
        return Decision(made(contract, pending), tuple(_published(contract, pending)))
    if step.outcome == "refused":
        return _not_made(contract, pending, step, causes)
    waiting = pending.model_copy(update={"requests": step.requests})
    return Decision(contract.model_copy(update={"pending": waiting}), step.events)


def _not_made(contract: Contract, pending: Pending, step: Step, causes: Sequence[ChangeCause]) -> Decision[Contract]:
    """What was granted is given back, and the contract is as it was; an opening ends so for ever."""
    opening = contract.opening == "pending"
    beside = {each.cause.name: each.published_beside for each in causes}
    released = [
        event
        for each in step.refusals
        if (make := beside.get(each.cause)) is not None
        if (event := make(contract, each, pending.on)) is not None
    ]
    event = ConfirmationRefused(
        contract=contract.id,
        account=contract.account,
        request=pending.change,
        opening=opening,
        refusals=step.refusals,
        effective_on=pending.on,
    )
    left = contract.model_copy(
        update={
            "pending": None,
            "opening": "refused" if opening else None,
            "refused_change": RefusedChange.of(pending.change, pending.on, step.refusals),
        }
    )
    return Decision(left, (*step.events, *released, event))


def made(contract: Contract, pending: Pending) -> Contract:
    """The contract as the change that waits leaves it."""
    lines = {line.id: line for line in (*contract.lines, *pending.lines)}
    return contract.model_copy(
        update={
            "lines": tuple(lines.values()),
            "cancelled_on": pending.cancelled_on,
            "pending": None,
            "opening": None,
            "last_whole": None,
        }
    )


def refuse_pending(contract: Contract, causes: Sequence[ChangeCause] = CAUSES) -> None:
    """Refuse every change while one waits for another service, and for ever if the opening was refused."""
    if contract.pending is not None:
        raise conflict(
            "change-pending",
            "A change of this contract, or its opening, waits until another service has answered what it asks. "
            "Nothing else is changed on it meanwhile: try again in a moment.",
            rule=_awaited_rule(contract.pending, causes),
            contract=contract.id,
            change=contract.pending.change,
        )
    if contract.opening == "refused":
        raise conflict(
            "contract-not-opened",
            "The opening of this contract was refused, so there is nothing to change: open another one.",
            rule="CON-1",
            contract=contract.id,
        )


def _awaited_rule(pending: Pending, causes: Sequence[ChangeCause]) -> str | None:
    """The rule by which it waits: that of the first thing asked which has no answer yet."""
    rules = {each.cause.name: each.cause.rule for each in causes}
    return next((rules.get(each.cause) for each in pending.requests if each.status == "waiting"), None)


def refusals_published(contract: Contract, outcome: Event) -> tuple[ServiceRefusal, ...]:
    """Why a change was refused, as its outcome was published; empty if it was made.

    Before there were other causes, a credit was in the way.
    """
    if isinstance(outcome, ChangeRefused):
        return (_credit_refusal(contract, outcome),)
    return outcome.refusals if isinstance(outcome, ConfirmationRefused) else ()


def refusals_kept(contract: Contract, kept: RefusedChange) -> tuple[ServiceRefusal, ...]:
    """The same of what a contract keeps."""
    if kept.refusals or kept.credit is None or kept.amount is None or kept.left is None:
        return kept.refusals
    event = ChangeRefused(
        contract=contract.id,
        account=contract.account,
        request=kept.change,
        credit=kept.credit,
        amount=kept.amount,
        left=kept.left,
        currency=contract.currency,
        effective_on=kept.on,
        why=kept.why,
    )
    return (_credit_refusal(contract, event),)


def _credit_refusal(contract: Contract, event: ChangeRefused) -> ServiceRefusal:
    answer = CreditRemovalRefused.model_validate(event.model_dump())
    return CREDIT_REMOVAL.refused(credit_in_the_way(contract, answer))


def _touched(before: Contract | None, after: Contract) -> Iterable[Line]:
    known = {line.id: line for line in before.lines} if before else {}
    return (line for line in after.lines if line != known.get(line.id))


def _published(contract: Contract, pending: Pending) -> Iterable[Event]:
    """What was decided. The requests have raised the version since, so the version at its end is another."""
    version = contract.version + len(pending.events)
    for event in (kept.event for kept in pending.events):
        yield _of_version(event, version) if isinstance(event, ContractOpened | ContractChanged) else event


def _of_version(event: ContractOpened | ContractChanged, version: int) -> Event:
    terms = event.agreed.model_copy(update={"version": version})
    return event.model_copy(update={"version": version, "terms": terms})
