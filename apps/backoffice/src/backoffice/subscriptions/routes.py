"""The pages of a subscription."""

from typing import Annotated

from starlette.responses import Response

from backoffice.contracts import purchases
from backoffice.contracts.calls import dossier
from backoffice.contracts.routes import show_tab
from backoffice.subscriptions.periods import every, periods
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("contracts:read")]


@routes.get("/contracts/{contract}/subscription")
async def show_subscription(visit: Reads, contract: str) -> Response:
    """The subscription of a contract: its periods, the newest first, and what is billed next (CON-21)."""
    found = await dossier(visit, contract, then=lambda account: (purchases.of_account(visit.api, account),))
    subscription = found.contract["subscription"]
    if subscription is None:
        return visit.to(f"{found.path}/purchases")
    return await show_tab(
        visit,
        found,
        "subscriptions/subscription.html",
        subscription=subscription,
        every=every(subscription, visit.language),
        periods=list(periods(found.contract, str(await visit.today()))),
        payments=purchases.payment_states(found.more[0], contract),
    )
