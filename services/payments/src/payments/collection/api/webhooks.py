"""Webhooks of payment providers (PAY-6, PAY-13): no token but the provider's signature lets them in."""

from pydantic import BaseModel
from starlette.requests import Request

from carnet.dates import utc_now
from carnet.http import ProblemError, router
from carnet.http.problems import MEDIA_TYPE
from carnet.refusals import Kind, Refusal, unknown
from payments.access import Configured
from payments.collection.outcomes import apply_notices
from payments.provider.interface import BadWebhookError, UnansweredError

routes = router(tags=["webhooks"])


class WebhookView(BaseModel):
    """How many outcomes that matter here the webhook reported."""

    heard: int


_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}


@routes.post(
    "/providers/{provider}/webhooks",
    responses={
        400: {"description": "It is not signed by the provider, too old, or can't be read.", **_PROBLEM},
        404: {"description": "There is no such provider here.", **_PROBLEM},
        413: {"description": "It is too large.", **_PROBLEM},
        422: {"description": "The address can't be read.", **_PROBLEM},
        500: {"description": "A fault of the service: send it again later.", **_PROBLEM},
        503: {"description": "It can't be applied just now: send it again later.", **_PROBLEM},
    },
)
async def receive_webhook(provider: str, request: Request, providers: Configured) -> WebhookView:
    """What a provider reports of an order, as often and in whichever order it does.

    An order that is not known is passed over: one provider may serve several installations.
    """
    told_by = providers.get(provider)
    if told_by is None:
        raise unknown("provider", provider[:32])
    try:
        notices = await told_by.notices(await request.body(), dict(request.headers), utc_now())
    except BadWebhookError as error:
        raise ProblemError(400, "webhook-refused", str(error)) from error
    except UnansweredError as error:
        detail = "What the webhook is about has to be read at the provider, which does not answer. Send it again later."
        raise Refusal(Kind.UNAVAILABLE, "provider-unavailable", detail, provider=told_by.name) from error
    await apply_notices(request.app.state.carnet.database, told_by.name, notices)
    return WebhookView(heard=len(notices))
