"""Webhooks: signed, delivered until they are taken, doubled, out of order, late, lost (PAY-6)."""

import hashlib
import hmac
from pathlib import Path

import pytest

from carnet.ids import new_id
from carnet_sandbox.courier import WAITS
from tests.unit.sandbox.conftest import HOOK, HUSH, Clock, Mailbox, Played, playing


async def test_a_webhook_is_signed_with_the_instant_of_its_sending(played: Played) -> None:
    await played.meet()
    await played.charged("tok_webhook", key := new_id())
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["type"], webhooks["key"], webhooks["status"], webhooks["amount"]) == (
        "charge.ended",
        key,
        "succeeded",
        5000,
    )
    (request,) = played.mailbox.requests
    assert str(request.url) == HOOK
    moment = int(played.clock.now)
    signed = hmac.new(HUSH.encode(), f"{moment}.".encode() + request.content, hashlib.sha256).hexdigest()
    assert request.headers["carnet-sandbox-signature"] == f"t={moment},v1={signed}"


async def test_what_the_answer_reports_is_not_sent_again_unless_the_token_asks_for_it(played: Played) -> None:
    await played.meet()
    for token in ("tok_success", "tok_refused", "tok_timeout_charged", "tok_error_500_charged"):
        await played.charge(token)
    await played.quiet()
    assert not played.mailbox.requests


async def test_an_answer_that_never_comes_may_be_reported_by_webhook(played: Played) -> None:
    await played.meet()
    assert (await played.charge("tok_webhook_only", key := new_id())).status_code == 504
    (webhooks,) = await played.webhooks(1)
    assert (webhooks["key"], webhooks["status"]) == (key, "succeeded")


async def test_a_webhook_is_sent_again_with_growing_waits_until_it_is_taken(played: Played) -> None:
    played.mailbox.statuses = [500, 0, 404]
    await played.meet()
    await played.charged("tok_webhook")
    for tries, wait in enumerate(WAITS[:3], start=1):
        await played.until(lambda tries=tries: len(played.mailbox.refused) == tries)
        await played.quiet()
        assert len(played.mailbox.requests) == tries
        played.clock.now += wait
    (webhooks,) = await played.webhooks(1)
    assert played.mailbox.refused == [webhooks] * 3
    (shown,) = (await played.client.get("/webhooks")).json()
    assert (shown["tries"], shown["answer"], shown["delivered"]) == (4, "200", True)
    assert shown["body"] == webhooks


async def test_webhooks_wait_until_it_is_known_where_they_go(played: Played) -> None:
    await played.charged("tok_webhook")
    await played.quiet()
    await played.meet()
    await played.webhooks(1)


async def test_what_could_not_be_delivered_is_sent_at_once_when_the_merchant_calls(played: Played) -> None:
    played.mailbox.statuses = [503]
    await played.meet()
    await played.charged("tok_webhook")
    await played.until(lambda: len(played.mailbox.refused) == 1)
    await played.quiet()
    await played.meet()
    await played.webhooks(1)


async def test_a_webhook_may_come_several_times(played: Played) -> None:
    await played.meet()
    await played.charged("tok_webhook_duplicated:4")
    await played.until(lambda: len(played.mailbox.taken) == 1)
    played.clock.now += 1
    webhooks = await played.webhooks(4)
    assert webhooks == [webhooks[0]] * 4


async def test_a_webhook_may_overtake_an_earlier_one(played: Played) -> None:
    await played.meet()
    assert (await played.charged("tok_webhook_reordered:9", key := new_id()))["status"] == "pending"
    assert [webhooks["type"] for webhooks in await played.webhooks(1)] == ["charge.reversed"]
    assert (await played.found(key) or {})["status"] == "succeeded"
    played.clock.now += 9
    assert [webhooks["type"] for webhooks in await played.webhooks(2)] == ["charge.reversed", "charge.ended"]


async def test_a_webhook_may_come_days_late_or_never(played: Played) -> None:
    await played.meet()
    late, lost = new_id(), new_id()
    await played.charged("tok_webhook_late:5", late)
    await played.charged("tok_webhook_lost:2", lost)
    await played.meet(days=2)
    await played.quiet()
    assert {(await played.found(key) or {})["status"] for key in (late, lost)} == {"succeeded"}
    assert not played.mailbox.requests
    await played.meet(days=5)
    assert [webhooks["key"] for webhooks in await played.webhooks(1)] == [late]


async def test_days_that_pass_at_once_leave_nothing_out(played: Played) -> None:
    await played.meet()
    for token in ("tok_debit_returned", "tok_webhook_late", "tok_late_success"):
        await played.charged(token)
    await played.meet(days=100)
    webhooks = [each["type"] for each in await played.webhooks(4)]
    assert sorted(webhooks) == ["charge.ended"] * 3 + ["charge.reversed"]


@pytest.mark.parametrize("token", ["tok_webhook", "tok_debit_success:0"])
async def test_what_was_to_be_sent_when_it_stopped_is_sent_after_its_next_start(tmp_path: Path, token: str) -> None:
    file, clock, key = tmp_path / "book.sqlite", Clock(), new_id()
    async with playing(file, Mailbox(statuses=[503] * 99), clock) as before:
        await before.meet()
        answer = await before.charged(token, key)
        await before.until(lambda: bool(before.mailbox.refused))
    clock.now += WAITS[0]
    async with playing(file, Mailbox(), clock) as after:
        (webhooks,) = await after.webhooks(1)
        assert (webhooks["key"], webhooks["reference"]) == (key, answer["reference"])
        assert len(await after.book()) == 1
