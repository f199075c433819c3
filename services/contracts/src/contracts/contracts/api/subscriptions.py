"""Subscriptions over HTTP: cancelled at a date, after a preview (CON-17)."""

from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from contracts.access.store import access_loads
from contracts.contracts.api.access import Asks, Previews, Writes
from contracts.contracts.api.bodies import SubscriptionCancellationConfirmed, SubscriptionCancellationIn
from contracts.contracts.api.contracts import Decide, confirm_decided, preview_decided
from contracts.contracts.api.preview_views import PreviewView
from contracts.contracts.api.views import ConfirmedView
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.subscriptions import cancel_subscription
from contracts.contracts.store import CONTRACTS

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


def _cancelling(body: SubscriptionCancellationIn) -> Decide:
    async def decide(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return cancel_subscription(contract, body.command(contract.currency), context)

    return decide
