"""A change that touches what sold client credits: credits is asked first (CRE-4, CRE-5, CON-8, CON-11).

Credits removes what the change cancels, and says whether a credit exists of what is to bring less.

The change is decided whole and kept; it is told once all its credits are removed, or refused.
``changes`` decides it, and nothing here decides anything of it anew.
"""

from collections.abc import Iterable
from typing import Literal, Protocol

from carnet.decisions import Context, Decision
from carnet.events import Event
from carnet.events.contracts import ChangeRefused, ContractChanged, CreditRemovalRequested
from carnet.refusals import Refusal, conflict
from contracts.contracts.domain.contracts import Contract, Kept, Line, Pending, RefusedChange
from contracts.contracts.domain.discounts import nets


class Refusing(Protocol):
    """What names the credit that stands in the way, and why: of ``amount`` that was sold, ``left`` is left."""

    @property
    def credit(self) -> str: ...  # noqa: D102 # the class says it
    @property
    def amount(self) -> int: ...  # noqa: D102
    @property
    def left(self) -> int: ...  # noqa: D102
    @property
    def why(self) -> Literal["used", "exists"]: ...  # noqa: D102


def credits_asked(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that a change cancels and that sold client credits: credits is asked about them first (CRE-4)."""
    live = {line.id for line in after.live}
    return tuple(line.id for line in before.live if line.sells_money and line.id not in live)


def credits_lowered(before: Contract, after: Contract) -> tuple[str, ...]:
    """The lines that sell client credits and that a change lets bring less, by their price or a discount (CON-11)."""
    brought, brings = nets(before.lines), nets(after.lines)
    sold = (line.id for line in before.live if line.sells_money and line.id in brings)
    return tuple(line for line in sold if brings[line] < brought[line])


def ask_credits(before: Contract, decided: Decision[Contract], context: Context) -> Decision[Contract]:
    """What a change that was ``decided`` on ``before`` comes to once it is confirmed.

    One that neither cancels a client credit nor lets one bring less is made as it is. Any other is
    pending: only the request to credits is told, and takes effect on the same day.
    """
    after = decided.state
    asked, lowered = credits_asked(before, after), credits_lowered(before, after)
    if not asked and not lowered:
        return decided
    pending = Pending(
        change=context.change,
        on=context.today,
        asked_at=context.now,
        by=context.actor,
        awaited=(*asked, *lowered),
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
        lowered=lowered,
        effective_on=context.today,
    )
    return Decision(waiting, (requested,))


def credit_answered(contract: Contract, request: str, *lines: str) -> Decision[Contract]:
    """Credits removed what these lines sold, or says that they sold nothing yet (CRE-4, CON-11).

    Once all is answered, the change is made as it was decided. Nothing comes of it where the contract does not wait
    for that: it was handled before.
    """
    pending = contract.pending
    if pending is None or pending.change != request or not set(lines) & set(pending.awaited):
        return Decision(contract)
    awaited = tuple(other for other in pending.awaited if other not in lines)
    if awaited:
        return Decision(contract.model_copy(update={"pending": pending.model_copy(update={"awaited": awaited})}))
    return Decision(made(contract, pending), tuple(_told(contract, pending)))


def removal_refused(contract: Contract, request: str, refusing: Refusing, context: Context) -> Decision[Contract]:
    """Credits removed nothing since one credit stands in the way: the change is not made (CRE-5, CON-11)."""
    if contract.pending is None or contract.pending.change != request:
        return Decision(contract)
    refused = RefusedChange(
        change=request,
        on=context.today,
        credit=refusing.credit,
        amount=refusing.amount,
        left=refusing.left,
        why=refusing.why,
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
        why=refused.why,
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
            "A change of this contract waits until credits has answered about the client credits that it touches. "
            "Nothing else is changed on it meanwhile: try again in a moment.",
            rule="CRE-5",
            contract=contract.id,
            change=contract.pending.change,
        )


def credit_in_the_way(contract: Contract, change: str, refusing: Refusing) -> Refusal:
    """The refusal of a change that a client credit stands in the way of (CRE-5, CON-11)."""
    name = next((f"“{line.purchase.name}”" for line in contract.lines if line.id == refusing.credit), "the credit")
    if refusing.why == "exists":
        return conflict(
            "credit-exists",
            f"The client credit that {name} sold exists, so what that line brings does not fall: leave its price and "
            "its discounts as they are, or cancel the line while the credit is whole and sell it anew.",
            rule="CON-11",
            contract=contract.id,
            change=change,
            credit=refusing.credit,
            amount=refusing.amount,
            left=refusing.left,
            currency=contract.currency,
        )
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
        yield _of_version(event, version) if isinstance(event, ContractChanged) else event


def _of_version(changed: ContractChanged, version: int) -> ContractChanged:
    terms = changed.agreed.model_copy(update={"version": version})
    return changed.model_copy(update={"version": version, "terms": terms})
