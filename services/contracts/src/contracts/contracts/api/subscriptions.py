"""Subscriptions over HTTP: paused, lifted, cancelled at a date, each after a preview (CON-17, CON-18)."""

from collections.abc import Callable

from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.http import Command, Reply
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from contracts.access.store import access_loads
from contracts.contracts.api.access import Asks, Previews, Requests, Writes, refuse_unseen
from contracts.contracts.api.contracts import Decide, confirm_decided, preview_decided
from contracts.contracts.api.preview_views import PreviewView
from contracts.contracts.api.sales import contract_loads, load_contract
from contracts.contracts.api.subscription_bodies import (
    CancellationRequestIn,
    LiftingConfirmed,
    LiftingIn,
    PauseConfirmed,
    PauseIn,
    PriceConfirmed,
    PriceIn,
    SubscriptionCancellationConfirmed,
    SubscriptionCancellationIn,
)
from contracts.contracts.api.views import ConfirmedView, ContractView, view_of
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pauses import lift_pause, pause_subscription
from contracts.contracts.domain.prices import change_price
from contracts.contracts.domain.subscriptions import cancel_subscription
from contracts.contracts.domain.wishes import decline_request, withdraw_request
from contracts.contracts.domain.wishes import request_cancellation as ask_for_cancellation
from contracts.contracts.store import CONTRACTS, SCHEDULES

router = new_router(tags=["subscriptions"])


@router.post("/contracts/{contract}/subscription/cancellation/preview", response_model=PreviewView)
async def preview_subscription_cancellation(
    contract: Id, body: SubscriptionCancellationIn, call: Previews, peers: Asks
) -> PreviewView:
    """Show what cancelling the subscription at a date would do; it changes nothing (CON-3, CON-17).

    Before the end of the minimum term `advice` warns of it. Payments is asked for the schedule with the caller's token,
    which needs `payments:read` too.
    """
    return await preview_decided(call, peers, contract, _cancelling(body))


@router.post("/contracts/{contract}/subscription/cancellation", response_model=ConfirmedView)
async def cancel_subscription_at(contract: Id, body: SubscriptionCancellationConfirmed, command: Writes) -> Response:
    """Cancel the subscription at a date, on the versions that the preview showed (CON-17).

    Periods that begin on that date or after are cancelled, and none is billed any more; the period under way stays
    whole, or is priced by its days.
    """
    return await confirm_decided(
        command,
        contract,
        body.schedule_version,
        _cancelling(body),
        lambda unit: access_loads(unit.get(CONTRACTS, contract)),
    )


@router.post("/contracts/{contract}/subscription/cancellation/request", response_model=ContractView)
async def request_cancellation(contract: Id, body: CancellationRequestIn, command: Requests) -> Response:
    """Ask for the cancellation of the subscription from a date on; staff confirms or declines it (CON-17).

    For the client of the account. Nothing is cancelled by it: staff confirms it by cancelling the subscription.
    """
    return await _answer(command, contract, lambda found, context: ask_for_cancellation(found, body.on, context))


@router.delete("/contracts/{contract}/subscription/cancellation/request", response_model=ContractView)
async def withdraw_cancellation_request(contract: Id, command: Requests) -> Response:
    """Withdraw the request for the cancellation of the subscription before staff has answered it (CON-17)."""
    return await _answer(command, contract, withdraw_request)


@router.post("/contracts/{contract}/subscription/cancellation/request/decline", response_model=ContractView)
async def decline_cancellation_request(contract: Id, command: Writes) -> Response:
    """Decline the client's request: the subscription goes on, and the client is informed (CON-17)."""
    return await _answer(command, contract, decline_request, seen=True)


async def _answer(
    command: Command, contract_id: str, decide: Callable[[Contract, Context], Decision[Contract]], *, seen: bool = False
) -> Response:
    """Do what ``decide`` says of a contract that the caller may see; neither its lines nor its schedule change.

    ``seen`` says that the caller names the version that it has seen.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await load_contract(unit, contract_id)
        refuse_unseen(command, before.account, "contract", contract_id)
        if seen:
            command.must_match(before.version)
        after = unit.decide(CONTRACTS, decide(before, context), context)
        view = view_of(after, unit.get(SCHEDULES, contract_id), notes=command.principal.is_staff)
        return Reply(view, after.version)

    return await command.run(work, loads=contract_loads(contract_id))


@router.post("/contracts/{contract}/subscription/pause/preview", response_model=PreviewView)
async def preview_pause(contract: Id, body: PauseIn, call: Previews, peers: Asks) -> PreviewView:
    """Show what pausing the subscription would do; it changes nothing (CON-3, CON-18).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too.
    """
    return await preview_decided(call, peers, contract, _pausing(body))


@router.post("/contracts/{contract}/subscription/pause", response_model=ConfirmedView)
async def pause_subscription_from(contract: Id, body: PauseConfirmed, command: Writes) -> Response:
    """Pause the subscription for months or openly, on the versions that the preview showed (CON-18).

    The periods that have not begun on its first day move by its months, with their instalments; what is paid stays
    paid. While a pause with an end lasts, a further one makes it longer.
    """
    return await confirm_decided(command, contract, body.schedule_version, _pausing(body))


@router.post("/contracts/{contract}/subscription/pause/lifting/preview", response_model=PreviewView)
async def preview_lifting(contract: Id, body: LiftingIn, call: Previews, peers: Asks) -> PreviewView:
    """Show what lifting the pause of the subscription would do; it changes nothing (CON-3, CON-18).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too.
    """
    return await preview_decided(call, peers, contract, _lifting(body))


@router.post("/contracts/{contract}/subscription/pause/lifting", response_model=ConfirmedView)
async def lift_pause_from(contract: Id, body: LiftingConfirmed, command: Writes) -> Response:
    """Lift the pause of the subscription, or take it back before it begins, on the previewed versions (CON-18).

    The next period begins on the day of lifting, or when the pause would have moved nothing, if that is later.
    """
    return await confirm_decided(command, contract, body.schedule_version, _lifting(body))


@router.post("/contracts/{contract}/subscription/price/preview", response_model=PreviewView)
async def preview_subscription_price(contract: Id, body: PriceIn, call: Previews, peers: Asks) -> PreviewView:
    """Show what a new price of the subscription would do; it changes nothing (CON-3, CON-21).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too.
    """
    return await preview_decided(call, peers, contract, _pricing(body))


@router.post("/contracts/{contract}/subscription/price", response_model=ConfirmedView)
async def change_subscription_price(contract: Id, body: PriceConfirmed, command: Writes) -> Response:
    """Give the periods that begin on a date or after another price, on the versions that the preview showed (CON-21).

    Those on the schedule are edited, and further ones are billed at the new price.
    """
    return await confirm_decided(command, contract, body.schedule_version, _pricing(body))


def _pricing(body: PriceIn) -> Decide:
    async def decide(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return change_price(contract, body.command(contract.currency), context)

    return decide


def _pausing(body: PauseIn) -> Decide:
    async def decide(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return pause_subscription(contract, body.command(), context)

    return decide


def _lifting(body: LiftingIn) -> Decide:
    async def decide(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return lift_pause(contract, body.on, context)

    return decide


def _cancelling(body: SubscriptionCancellationIn) -> Decide:
    async def decide(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return cancel_subscription(contract, body.command(contract.currency), context)

    return decide
