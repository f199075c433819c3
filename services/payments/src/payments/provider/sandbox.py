"""The sandbox: a provider that imitates real ones, as the token chooses (``docs/integration/sandbox.md``)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from carnet.events.payments import FailureReason, ReversalReason
from carnet.money import PositiveAmount
from payments.collection.domain.orders import Failed, Outcome, Pending, Succeeded
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

SIGNATURE = "carnet-sandbox-signature"

REASONS: Mapping[str, FailureReason] = {
    "insufficient_funds": "insufficient_funds",
    "card_declined": "refused",
    "expired_card": "expired",
    "authentication_required": "authentication_required",
    "account_closed": "account_closed",
    "mandate_revoked": "mandate_revoked",
    "unknown_token": "unknown_method",
}
"""What the sandbox's codes mean; any other is ``other``."""

REVERSALS: Mapping[str, ReversalReason] = {"returned_debit": "returned_debit", "chargeback": "chargeback"}


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Answer(_Read):
    reference: str
    status: Literal["succeeded", "pending", "failed"]
    code: str | None = None

    @property
    def outcome(self) -> Outcome:
        match self.status:
            case "succeeded":
                return Succeeded(self.reference)
            case "pending":
                return Pending(self.reference)
            case "failed":
                return _failed(self.code, self.reference)


class _Reported(_Read):
    type: str


class _EndReport(_Read):
    key: str
    reference: str
    status: Literal["succeeded", "failed"]
    code: str | None = None

    @property
    def notice(self) -> Notice:
        done = self.status == "succeeded"
        return Ended(self.key, Succeeded(self.reference) if done else _failed(self.code, self.reference))


class _ReversalReport(_Read):
    key: str
    reversal: str
    amount: PositiveAmount
    reason: str

    @property
    def notice(self) -> Notice:
        return Reversed(self.reversal, self.key, self.amount, REVERSALS.get(self.reason, "other"))


_REPORTED: Mapping[str, type[_EndReport | _ReversalReport]] = {
    "charge.ended": _EndReport,
    "refund.ended": _EndReport,
    "charge.reversed": _ReversalReport,
}


class Sandbox:
    """The sandbox at ``url``; ``webhooks`` is the address to which it is to send them, ``secret`` signs them."""

    name = "sandbox"

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        webhooks: str,
        bounds: Bounds,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # The bounds hold the time limit and the calls in flight; an idle connection is forgotten before
        # the sandbox closes it.
        limits = httpx.Limits(max_connections=None, keepalive_expiry=3)
        self._client = httpx.AsyncClient(base_url=url, timeout=None, limits=limits, transport=transport)  # noqa: S113 # the bounds
        self._secret = secret.encode()
        self._webhooks = webhooks
        self._bounds = bounds

    @property
    def accepts(self) -> bool:
        """Whether orders may be made for it now."""
        return self._bounds.accepts

    async def charge(self, charge: Charge) -> Outcome:
        """Collect an amount, at most once per key. Raises ``UnansweredError``."""
        body = {
            "key": charge.key,
            "merchant": charge.organisation,
            "amount": charge.amount,
            "currency": charge.currency,
            "token": charge.token,
            "kind": charge.kind,
        }
        return await self._order("/charges", body)

    async def refund(self, refund: Refund) -> Outcome:
        """Give back an amount of a charge, at most once per key. Raises ``UnansweredError``."""
        body = {
            "key": refund.key,
            "merchant": refund.organisation,
            "amount": refund.amount,
            "currency": refund.currency,
            "charge": refund.charge,
        }
        return await self._order("/refunds", body)

    async def find(self, order: Charge | Refund) -> Outcome | None:
        """What became of an order that was sent; None if it never arrived. Raises ``UnansweredError``."""
        kind = "charges" if isinstance(order, Charge) else "refunds"
        answer = await self._ask("GET", f"/{kind}/by-key/{order.key}")
        return None if answer.status_code == 404 else _read(answer).outcome

    async def notices(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[Notice, ...]:
        """What a webhook reports, its signature checked. Raises ``BadWebhookError``."""
        self._check(body, headers.get(SIGNATURE, ""), now)
        try:
            reported = _REPORTED.get(_Reported.model_validate_json(body).type)
            return (reported.model_validate_json(body).notice,) if reported else ()
        except ValidationError as error:
            raise BadWebhookError("The body is not what the sandbox sends.") from error

    async def send_clock(self, organisation: str, ahead: timedelta) -> None:
        """Send how far an organisation's clock is ahead, and where its webhooks go. Raises ``UnansweredError``."""
        body = {"clock_ahead": int(ahead.total_seconds()), "webhook_url": self._webhooks}
        answer = await self._ask("PUT", f"/merchants/{organisation}", body)
        if not answer.is_success:
            raise UnansweredError(f"the sandbox answered {answer.status_code}")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _order(self, path: str, body: Mapping[str, Any]) -> Outcome:
        answer = await self._ask("POST", path, body)
        if answer.status_code == 422:
            # This is its answer to an order that it can't take at all: it has done nothing.
            return Failed("other", "invalid_request")
        return _read(answer).outcome

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        async with self._bounds.call():
            try:
                answer = await self._client.request(method, path, json=body)
            except httpx.ConnectError as error:
                raise UnansweredError("the sandbox can't be reached", refuses_all=True) from error
            except httpx.TransportError as error:
                raise UnansweredError(f"the sandbox did not answer: {type(error).__name__}") from error
            if answer.status_code == 429 or answer.status_code >= 500:
                limited = answer.status_code == 429
                raise UnansweredError(f"the sandbox answered {answer.status_code}", refuses_all=limited)
            return answer

    def _check(self, body: bytes, signature: str, now: datetime) -> None:
        parts = dict(part.partition("=")[::2] for part in signature.split(","))
        signed_at, given = parts.get("t", ""), parts.get("v1", "")
        expected = hmac.new(self._secret, f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadWebhookError("The webhook is not signed by the sandbox.")
        if not signed_lately(signed_at, now):
            raise BadWebhookError("The signature is too old.")


def _read(answer: httpx.Response) -> _Answer:
    if not answer.is_success:
        raise UnansweredError(f"the sandbox answered {answer.status_code}")
    try:
        return _Answer.model_validate_json(answer.content)
    except ValidationError as error:
        raise UnansweredError("the sandbox's answer can't be read") from error


def _failed(code: str | None, reference: str) -> Failed:
    return Failed(REASONS.get(code or "", "other"), code or "unknown", reference)
