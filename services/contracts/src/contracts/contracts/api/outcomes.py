"""What becomes of a confirmed change that asks credits first: waited for, shown, found again (CRE-4, CRE-5)."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from pydantic import Field
from starlette.responses import Response

from carnet.events.contracts import ChangeRefused, ContractChanged, ContractOpened, CreditRemovalRequested
from carnet.http import Call, Reply, within_patience
from carnet.refusals import unknown
from contracts.contracts.api.access import refuse_unseen
from contracts.contracts.api.views import AdviceView, RefusedView, View, confirmed
from contracts.contracts.domain.advice import Advice
from contracts.contracts.domain.contracts import Contract, Pending, RefusedChange
from contracts.contracts.domain.pending import credit_in_the_way
from contracts.contracts.store import WholeChange, find_contract, last_of_change, schedules_of


class ChangeView(View):
    """An opening or a change of a contract, and what became of it."""

    change: str
    contract: str
    status: Literal["pending", "made", "refused"] = Field(
        description="`pending` until credits has answered about the client credits that it touches (CRE-4, CON-11)."
    )
    effective_on: date
    version: int | None = Field(description="The version of the contract that it led to; none unless it is made.")
    awaited: list[str] = Field(description="While it is pending: the lines of which credits has not answered yet.")
    refused: RefusedView | None = Field(description="The credit that stood in the way (CRE-5).")

    @classmethod
    def of(cls, told: WholeChange, contract: Contract, change: str) -> Self:
        """The view of a change, by what was told of it last."""
        pending = contract.pending
        return cls(
            change=change,
            contract=contract.id,
            status=_status(told),
            effective_on=told.effective_on,
            version=told.version if isinstance(told, ContractOpened | ContractChanged) else None,
            awaited=list(pending.awaited) if pending and pending.change == change else [],
            refused=_refused(told, contract.currency) if isinstance(told, ChangeRefused) else None,
        )


class AskedView(ChangeView):
    """A change that is confirmed and not made yet: `Location` is where to look, the contract stays as it is."""

    advice: list[AdviceView]


def asked(contract: Contract, pending: Pending, advice: Iterable[Advice]) -> Reply:
    """The answer to a confirmation that has to wait."""
    view = AskedView(
        change=pending.change,
        contract=contract.id,
        status="pending",
        effective_on=pending.on,
        version=None,
        awaited=list(pending.awaited),
        refused=None,
        advice=AdviceView.of(advice),
    )
    return Reply(view, contract.version, f"/v1/contracts/{contract.id}/changes/{pending.change}", status=202)


async def settled(call: Call, answer: Response) -> Response:
    """What became of the change whose confirmation was answered so, once credits has answered.

    The same ``answer`` where that takes longer than somebody is to wait. Raises ``credit-used`` or
    ``credit-exists`` where the change is refused (CRE-5, CON-11). The answer that is kept under the
    Idempotency-Key says only that the change waits, so the same request sent again finds its outcome here too.
    """
    waiting = AskedView.model_validate_json(bytes(answer.body))

    async def look() -> WholeChange | None:
        told = await last_of_change(call.database, call.organisation, waiting.contract, waiting.change)
        return None if isinstance(told, CreditRemovalRequested) else told

    told = await within_patience(look)
    if told is None:
        return answer
    contract = await _contract(call, waiting.contract)
    if isinstance(told, ChangeRefused):
        raise credit_in_the_way(contract, waiting.change, told)
    heard = (await schedules_of(call.database, call.organisation, [contract.id])).get(contract.id)
    return call.show(confirmed(contract, heard, waiting.change, waiting.advice), version=contract.version)


async def found_change(call: Call, contract_id: str, change: str) -> Response:
    """Show a change of a contract that the caller may see."""
    contract = await _contract(call, contract_id)
    refuse_unseen(call, contract.account, "contract", contract_id)
    told = await last_of_change(call.database, call.organisation, contract_id, change)
    if told is None:
        raise unknown("change", change)
    return call.show(ChangeView.of(told, contract, change), version=contract.version)


async def _contract(call: Call, contract_id: str) -> Contract:
    found = await find_contract(call.database, call.organisation, contract_id)
    if found is None:
        raise unknown("contract", contract_id)
    return found


def _status(told: WholeChange) -> Literal["pending", "made", "refused"]:
    match told:
        case CreditRemovalRequested():
            return "pending"
        case ChangeRefused():
            return "refused"
    return "made"


def _refused(told: ChangeRefused, currency: str) -> RefusedView:
    refused = RefusedChange(
        change=told.request,
        on=told.effective_on,
        credit=told.credit,
        amount=told.amount,
        left=told.left,
        why=told.why,
    )
    return RefusedView.of(refused, currency)
