"""Stripe by its own async client: PaymentIntents without the client, refunds, webhooks (``docs/operations/stripe.md``).

A charge is one PaymentIntent, made and confirmed in one request under the order's id as idempotency key,
which is also in its metadata. Stripe keeps keys for a day; so the outcome of an order is looked for among the
customer's PaymentIntents, whose list, unlike Stripe's search, has no delay. Only what is not there is sent again.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import stripe
from pydantic import ValidationError

from carnet.ids import made_at
from carnet.observe import log
from payments.collection.domain.orders import Failed, Outcome, Pending
from payments.provider.bounds import Bounds
from payments.provider.interface import (
    BadWebhookError,
    Charge,
    Ended,
    Notice,
    Refund,
    Reversed,
    UnansweredError,
    signed_lately,
)
from payments.provider.stripe_meanings import (
    LASTING,
    ORDER,
    Dispute,
    PaymentIntent,
    StripeEvent,
    StripeRefund,
    failed,
    from_stripe,
    reversal_reason,
    to_stripe,
    token_of,
)

SIGNATURE = "stripe-signature"
SKEW = timedelta(minutes=10)
"""How far Stripe's clock may be from ours."""

PAGE = 100
_TYPES = {"card": "card", "direct_debit": "sepa_debit"}


class Stripe:
    """One Stripe account. ``url`` and ``http_client`` are other ones than Stripe's own for tests."""

    name = "stripe"

    def __init__(
        self,
        key: str,
        *,
        webhook_secret: str,
        bounds: Bounds,
        url: str = stripe.DEFAULT_API_BASE,
        http_client: stripe.HTTPClient | None = None,
    ) -> None:
        # The bounds have the time limit, and the collector decides when to ask again.
        self._http = http_client or stripe.HTTPXClient(timeout=60)
        self._stripe = stripe.StripeClient(
            key, base_addresses={"api": url}, http_client=self._http, max_network_retries=0
        ).v1
        self._webhook_secret = webhook_secret
        self._bounds = bounds

    @property
    def accepts(self) -> bool:
        """Whether orders may be made for it now."""
        return self._bounds.accepts

    async def charge(self, charge: Charge) -> Outcome:
        """Collect an amount, at most once per key. Raises ``UnansweredError``."""
        token, amount = token_of(charge.token), to_stripe(charge.amount, charge.currency)
        if token is None:
            return Failed("unknown_method", "token")
        if amount is None:
            return Failed("other", "amount")
        try:
            async with self._asking():
                made = await self._stripe.payment_intents.create_async(
                    {
                        "amount": amount,
                        "currency": charge.currency.lower(),
                        "customer": token.customer,
                        "payment_method": token.method,
                        "allowed_payment_method_types": [_TYPES[charge.kind]],
                        "confirm": True,
                        "off_session": True,
                        "metadata": {ORDER: charge.key, "carnet_organisation": charge.organisation},
                    },
                    {"idempotency_key": charge.key},
                )
        except _RefusedError as refused:
            return refused.outcome
        return _intent(made.to_dict()).outcome

    async def refund(self, refund: Refund) -> Outcome:
        """Give back an amount of a charge, at most once per key. Raises ``UnansweredError``."""
        amount = to_stripe(refund.amount, refund.currency)
        if amount is None:
            return Failed("other", "amount")
        try:
            async with self._asking():
                made = await self._stripe.refunds.create_async(
                    {
                        "payment_intent": refund.charge,
                        "amount": amount,
                        "metadata": {ORDER: refund.key, "carnet_organisation": refund.organisation},
                    },
                    {"idempotency_key": refund.key},
                )
        except _RefusedError as refused:
            return refused.outcome
        return _refund(made.to_dict()).outcome

    async def find(self, order: Charge | Refund) -> Outcome | None:
        """What became of an order that was sent; None if it never arrived. Raises ``UnansweredError``."""
        try:
            async with self._asking():
                return await (self._charged(order) if isinstance(order, Charge) else self._refunded(order))
        except _RefusedError:
            return None  # no such customer, no such charge: nothing of it is there

    async def notices(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[Notice, ...]:
        """What a webhook reports, its signature checked. Raises ``BadWebhookError``, ``UnansweredError``.

        An object that may have changed since, or does not name our order, is read at Stripe.
        """
        event = self._signed(body, headers.get(SIGNATURE, ""), now)
        try:
            match event.type:
                case "payment_intent.succeeded" | "payment_intent.payment_failed" | "payment_intent.canceled":
                    reported = PaymentIntent.model_validate(event.data.object)
                    return _ended(reported.order, reported.outcome)
                case "refund.failed" | "refund.updated" | "charge.refund.updated":
                    return await self._refund_reported(StripeRefund.model_validate(event.data.object))
                case "charge.dispute.funds_withdrawn":
                    return await self._disputed(Dispute.model_validate(event.data.object))
        except ValidationError as error:
            raise BadWebhookError("The body is not what Stripe sends.") from error
        return ()

    async def send_clock(self, organisation: str, ahead: timedelta) -> None:
        """Days pass at Stripe as they do."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call] # Stripe gives it no type

    async def _charged(self, charge: Charge) -> Outcome | None:
        token = token_of(charge.token)
        if token is None:
            return None
        since = int((made_at(charge.key) - SKEW).timestamp())
        page = await self._stripe.payment_intents.list_async(
            {"customer": token.customer, "created": {"gte": since}, "limit": PAGE}
        )
        async for each in page.auto_paging_iter():
            known = _intent(each.to_dict())
            if known.order == charge.key:
                return known.outcome
        return None

    async def _refunded(self, refund: Refund) -> Outcome | None:
        page = await self._stripe.refunds.list_async({"payment_intent": refund.charge, "limit": PAGE})
        async for each in page.auto_paging_iter():
            known = _refund(each.to_dict())
            if known.order == refund.key:
                return known.outcome
        return None

    async def _refund_reported(self, reported: StripeRefund) -> tuple[Notice, ...]:
        if reported.order is None:
            return ()
        # A refund may be said to have succeeded and fail after that, and webhooks overtake each other.
        async with self._asking():
            known = _refund((await self._stripe.refunds.retrieve_async(reported.id)).to_dict())
        return _ended(reported.order, known.outcome)

    async def _disputed(self, dispute: Dispute) -> tuple[Notice, ...]:
        if dispute.payment_intent is None:
            return ()
        async with self._asking():
            found = await self._stripe.payment_intents.retrieve_async(dispute.payment_intent)
            order = _intent(found.to_dict()).order
        if order is None:
            return ()
        amount = from_stripe(dispute.amount, dispute.currency)
        return (Reversed(dispute.id, order, amount, reversal_reason(dispute.reason)),)

    def _signed(self, body: bytes, signature: str, now: datetime) -> StripeEvent:
        try:
            # Its age is checked here, by the clock that is given.
            stripe.WebhookSignature.verify_header(body, signature, self._webhook_secret, tolerance=None)
            signed_at = next(part[2:] for part in signature.split(",") if part.startswith("t="))
            if not signed_lately(signed_at, now):
                raise BadWebhookError("The signature is too old.")
            return StripeEvent.model_validate_json(body)
        except stripe.SignatureVerificationError as error:
            raise BadWebhookError("The webhook is not signed by Stripe.") from error
        except (ValidationError, UnicodeDecodeError) as error:
            raise BadWebhookError("The body is not what Stripe sends.") from error

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Around one question. Raises ``_RefusedError`` where Stripe refuses the order, else ``UnansweredError``."""
        refused: _RefusedError | None = None
        async with self._bounds.call():
            try:
                yield
            except stripe.StripeError as error:
                # Outside the bounds, to which a refusal is an answer like any other.
                refused = _meant(error)
        if refused is not None:
            raise refused


class _RefusedError(Exception):
    """Stripe refuses the order for good."""

    def __init__(self, outcome: Failed) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


def _meant(error: stripe.StripeError) -> _RefusedError:
    """The refusal that an error is. Raises ``UnansweredError`` where it is none."""
    match error:
        case stripe.CardError():
            answer = error.error
            intent: Any = answer.payment_intent if answer else None
            return _RefusedError(failed(error.code, answer.decline_code if answer else None, intent and intent.id))
        case stripe.InvalidRequestError(code=str() as code) if code in LASTING:
            return _RefusedError(failed(code, None, None))
        case stripe.RateLimitError():
            raise UnansweredError("stripe takes no more just now", refuses_all=True) from error
        case stripe.InvalidRequestError() | stripe.AuthenticationError() | stripe.PermissionError():
            log.error("stripe can't take what is asked of it", code=error.code, status=error.http_status)
            raise UnansweredError(f"stripe can't take this: {error.code or type(error).__name__}", refuses_all=True)
        case stripe.APIConnectionError():
            unsent = isinstance(error.__cause__, httpx.ConnectError)
            raise UnansweredError("stripe can't be reached", refuses_all=unsent) from error
    raise UnansweredError(f"stripe answered {error.http_status or type(error).__name__}") from error


def _ended(order: str | None, outcome: Outcome) -> tuple[Notice, ...]:
    return () if order is None or isinstance(outcome, Pending) else (Ended(order, outcome),)


def _intent(made: Mapping[str, Any]) -> PaymentIntent:
    try:
        return PaymentIntent.model_validate(made)
    except ValidationError as error:
        raise UnansweredError("stripe's answer can't be read") from error


def _refund(made: Mapping[str, Any]) -> StripeRefund:
    try:
        return StripeRefund.model_validate(made)
    except ValidationError as error:
        raise UnansweredError("stripe's answer can't be read") from error
