"""A client's request for the cancellation of a subscription: asked, withdrawn, declined (CON-17).

Staff confirms it by cancelling the subscription. Nothing else of the contract changes by any of these.
"""

from datetime import date

from carnet.decisions import Context, Decision
from carnet.events.subscriptions import CancellationDeclined, CancellationRequested, CancellationWithdrawn
from carnet.refusals import conflict
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.periods import Subscription, Wish
from contracts.contracts.domain.subscriptions import check_date, running


def request_cancellation(contract: Contract, on: date, context: Context) -> Decision[Contract]:
    """Ask for the cancellation of the contract's subscription from a date on."""
    subscription = running(contract)
    check_date(on, context.today)
    if (wish := subscription.wish) is not None:
        raise conflict(
            "cancellation-requested",
            f"Its cancellation from {wish.wished_on} is asked for already: withdraw that request before another one.",
            rule="CON-17",
            contract=contract.id,
            on=wish.wished_on.isoformat(),
        )
    return _answered(contract, subscription, Wish(wished_on=on, asked_on=context.today), CancellationRequested, context)


def withdraw_request(contract: Contract, context: Context) -> Decision[Contract]:
    """The client no longer asks for the cancellation."""
    return _answered(contract, _asked(contract), None, CancellationWithdrawn, context)


def decline_request(contract: Contract, context: Context) -> Decision[Contract]:
    """The subscription goes on, whatever the client asked."""
    return _answered(contract, _asked(contract), None, CancellationDeclined, context)


def _asked(contract: Contract) -> Subscription:
    subscription = running(contract)
    if subscription.wish is None:
        raise conflict(
            "cancellation-not-requested",
            "The client does not ask for the cancellation of this subscription: there is nothing to answer.",
            rule="CON-17",
            contract=contract.id,
        )
    return subscription


def _answered(
    contract: Contract,
    subscription: Subscription,
    wish: Wish | None,
    event: type[CancellationRequested | CancellationWithdrawn | CancellationDeclined],
    context: Context,
) -> Decision[Contract]:
    """The contract with the request, or without it: its version moves, and not its schedule."""
    sold, about = subscription.sold, wish or subscription.wish
    if about is None:
        raise TypeError("a request is asked for, or answered")
    published = event(
        contract=contract.id,
        account=contract.account,
        currency=contract.currency,
        effective_on=context.today,
        product=sold.product,
        name=sold.name,
        participant=sold.participant,
        wished_on=about.wished_on,
    )
    kept = {"subscription": subscription.model_copy(update={"wish": wish}), "last_whole": contract.whole_version}
    return Decision(contract.model_copy(update=kept), (published,))
