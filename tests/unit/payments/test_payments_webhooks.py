"""A webhook that only its provider can explain is refused while that does not answer: it comes again (PAY-6)."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from carnet.refusals import Kind, Refusal
from payments.collection.api.webhooks import receive_webhook
from tests.providers import PlayedProvider


async def test_a_webhook_that_needs_its_provider_waits_for_it() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"ask me"}

    scope = {"type": "http", "method": "POST", "headers": [(b"signature", b"good")]}
    with pytest.raises(Refusal) as refused:
        await receive_webhook("sandbox", Request(scope, receive), {"sandbox": PlayedProvider()})
    assert (refused.value.kind, refused.value.slug) == (Kind.UNAVAILABLE, "provider-unavailable")
