"""What becomes of a confirmed change, or opening, that asks other services first (CRE-4, CRE-5)."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Literal, Self

from pydantic import Field
from starlette.responses import Response

from carnet.events.contracts import ContractChanged, ContractOpened
from carnet.http import Call, Reply, RequestView, ServiceRefusalView, with_outcome
from carnet.refusals import unknown
from carnet.requests.asked import refusal_from
from contracts.contracts.api.access import refuse_unseen
from contracts.contracts.api.view import View
from contracts.contracts.api.views import AdviceView, RefusedView, confirmed
from contracts.contracts.domain.advice import Advice
from contracts.contracts.domain.contracts import Contract, Pending, RefusedChange
from contracts.contracts.domain.pending import refusals_published
from contracts.contracts.store import Outcome, find_contract, outcome_of, schedules_of


class ChangeView(View):
    """An opening or a change of a contract, and what became of it."""

    change: str
    contract: str
    status: Literal["pending", "made", "refused"] = Field(
        description="`pending` until the services that it asks have answered (CRE-4, CON-11)."
    )
    effective_on: date
    version: int | None = Field(description="The version of the contract that it led to; null unless it is made.")
    awaited: list[str] = Field(
        description="While it is pending: what has not been answered about yet, such as the lines that sold credits."
    )
    requests: list[RequestView] = Field(description="While it is pending: what it asks of which service.")
    refused: RefusedView | None = Field(description="The client credit in the way; null if it was none (CRE-5).")
    refusals: list[ServiceRefusalView] = Field(description="What the services answered that refused.")

    @classmethod
    def waiting(cls, contract: Contract, pending: Pending) -> Self:
        """The view of a change that waits."""
        return cls(**_waiting(contract, pending))

    @classmethod
    def of(cls, outcome: Outcome, contract: Contract, change: str) -> Self:
        """The view of a change that was made or refused."""
        made = outcome if isinstance(outcome, ContractOpened | ContractChanged) else None
        refusals = refusals_published(contract, outcome)
        refused = RefusedChange.of(change, outcome.effective_on, refusals)
        return cls(
            change=change,
            contract=contract.id,
            status="made" if made else "refused",
            effective_on=outcome.effective_on,
            version=made.version if made else None,
            awaited=[],
            requests=[],
            refused=RefusedView.of(refused, contract.currency),
            refusals=ServiceRefusalView.of(refusals),
        )


class AskedView(ChangeView):
    """A change that is confirmed and not made yet: `Location` is where to look, the contract stays as it is."""

    advice: list[AdviceView]


def _waiting(contract: Contract, pending: Pending) -> dict[str, object]:
    return {
        "change": pending.change,
        "contract": contract.id,
        "status": "pending",
        "effective_on": pending.on,
        "version": None,
        "awaited": list(pending.awaited),
        "requests": RequestView.of(pending.requests),
        "refused": None,
        "refusals": [],
    }


def asked(contract: Contract, pending: Pending, advice: Iterable[Advice] = ()) -> Reply:
    """The answer to a confirmation that has to wait."""
    view = AskedView.model_validate({**_waiting(contract, pending), "advice": AdviceView.of(advice)})
    return Reply(view, contract.version, f"/v1/contracts/{contract.id}/changes/{pending.change}", status=202)


async def after_short_wait(call: Call, answer: Response) -> Response:
    """What became of the change whose confirmation was answered by 202, if the services answer soon.

    Raises the refusal that a service answered, such as ``credit-used`` (CRE-5).
    """
    if answer.status_code != 202:
        return answer
    waiting = AskedView.model_validate_json(bytes(answer.body))
    look = partial(outcome_of, call.database, call.organisation, waiting.contract, waiting.change)
    return await with_outcome(answer, look, partial(_show, call, waiting))


async def _show(call: Call, waiting: AskedView, outcome: Outcome) -> Response:
    contract = await _contract(call, waiting.contract)
    if refusals := refusals_published(contract, outcome):
        raise refusal_from(refusals[0])
    known = (await schedules_of(call.database, call.organisation, [contract.id])).get(contract.id)
    opened = isinstance(outcome, ContractOpened)
    return call.show(
        confirmed(contract, known, waiting.change, waiting.advice),
        version=contract.version,
        status=201 if opened else 200,
        location=f"/v1/contracts/{contract.id}" if opened else None,
    )


async def found_change(call: Call, contract_id: str, change: str) -> Response:
    """Show a change of a contract that the caller may see."""
    contract = await _contract(call, contract_id)
    refuse_unseen(call, contract.account, "contract", contract_id)
    if contract.pending is not None and contract.pending.change == change:
        return call.show(ChangeView.waiting(contract, contract.pending), version=contract.version)
    outcome = await outcome_of(call.database, call.organisation, contract_id, change)
    if outcome is None:
        raise unknown("change", change)
    return call.show(ChangeView.of(outcome, contract, change), version=contract.version)


async def _contract(call: Call, contract_id: str) -> Contract:
    found = await find_contract(call.database, call.organisation, contract_id)
    if found is None:
        raise unknown("contract", contract_id)
    return found
