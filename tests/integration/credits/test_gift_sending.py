"""Gift vouchers and gift cards are sent once, on the day that the buyer chose, or when staff asks for it (CRE-8)."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from carnet.dates import utc_now
from carnet.events.catalog import GiftCardDetails
from carnet.ids import new_id
from carnet.journal import SLOTS, slot_of
from carnet.organisations import ORGANISATIONS
from credits.sending import GiftSending
from tests.callers import Signer
from tests.integration.credits.conftest import Books, profile
from tests.integration.credits.story import DAY, VOUCHER, Story

EVERY_SLOT = frozenset(range(SLOTS))
CARD = GiftCardDetails(minimum=1000, maximum=20000, value=5000)
BIRTHDAY = DAY + timedelta(days=30)
ISSUED = {"voucher": "VoucherIssued", "card": "GiftCardIssued"}
SENT = {"voucher": "VoucherSendingRequested", "card": "GiftCardSendingRequested"}


async def given(books: Books, story: Story) -> dict[str, str]:
    """A voucher and a gift card that are sent on a birthday, by what they are."""
    story.send_on = BIRTHDAY
    gifts = {"voucher": new_id(), "card": new_id()}
    await books.handles(*story.opened((gifts["voucher"], VOUCHER), (gifts["card"], CARD)))
    await books.handles(story.paid())
    return gifts


async def day_is(books: Books, days: int) -> None:
    """Move the organisation's clock to so many days after the birthday."""
    known = ORGANISATIONS.read(await books.database[ORGANISATIONS.name].find_one({"_id": books.organisation}) or {})
    today = known.today(utc_now())
    ahead = known.clock_ahead // 86_400 + (BIRTHDAY - today).days + days
    await books.handles(profile(books.organisation, ahead=ahead, sequence=known.version + 1))


@pytest.mark.parametrize("what", ["voucher", "card"])
async def test_cre_8_a_gift_is_sent_once_on_its_day_by_whichever_worker(books: Books, story: Story, what: str) -> None:
    await books.handles(profile(books.organisation))
    gift = (await given(books, story))[what]
    await day_is(books, -1)
    await GiftSending(books.database).round(EVERY_SLOT)
    assert await books.names_published(gift) == [ISSUED[what]]
    (issued,) = await books.published(gift)
    assert issued["data"]["send_on"] == BIRTHDAY.isoformat()
    await day_is(books, 1)
    await GiftSending(books.database).round(EVERY_SLOT - {slot_of(books.organisation)})
    assert await books.names_published(gift) == [ISSUED[what]]
    await asyncio.gather(*(GiftSending(books.database, at_once=1).round(EVERY_SLOT) for _ in range(4)))
    await GiftSending(books.database).round(EVERY_SLOT)
    assert await books.names_published(gift) == [ISSUED[what], SENT[what]]


async def test_cre_8_one_whose_sale_is_not_paid_any_more_waits_and_one_that_is_removed_is_never_sent(
    books: Books, story: Story
) -> None:
    await books.handles(profile(books.organisation))
    gifts = await given(books, story)
    await books.handles(story.reopened())
    await day_is(books, 1)
    await GiftSending(books.database).round(EVERY_SLOT)
    assert [(await books.names_published(gift))[-1] for gift in gifts.values()] == list(ISSUED.values())
    await books.handles(story.removal_requested(gifts["voucher"]))
    await books.handles(story.paid())
    await GiftSending(books.database).round(EVERY_SLOT)
    assert await books.names_published(gifts["voucher"]) == ["VoucherIssued", "VoucherRemoved"]
    assert (await books.names_published(gifts["card"]))[-1] == SENT["card"]


@pytest.mark.parametrize("what", ["voucher", "card"])
async def test_cre_8_until_then_staff_moves_the_day_or_sends_it_now(
    client: httpx.AsyncClient, books: Books, story: Story, signer: Signer, what: str
) -> None:
    path = {"voucher": "/v1/vouchers", "card": "/v1/gift-cards"}[what]
    await books.handles(profile(books.organisation))
    gift = (await given(books, story))[what]
    await day_is(books, -10)
    staff = signer.headers(books.organisation, "credits:read credits:adjust")
    shown = (await client.get(f"{path}/{gift}", headers=staff)).json()
    assert (shown["send_on"], shown["version"]) == (BIRTHDAY.isoformat(), 1)

    async def asks(method: str, what: str, version: int, on: int | None = None) -> httpx.Response:
        body = None if on is None else {"on": (BIRTHDAY + timedelta(days=on)).isoformat()}
        headers = {"Idempotency-Key": new_id(), "If-Match": f'"{version}"', **staff}
        return await client.request(method, f"{path}/{gift}/{what}", json=body, headers=headers)

    for wrong in (-10, 400):
        refused = await asks("PUT", "sending-day", 1, wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:carnet:problem:sending-day-out-of-range")
    assert (await asks("PUT", "sending-day", 0, 3)).status_code == 412
    moved = await asks("PUT", "sending-day", 1, 3)
    assert (moved.status_code, moved.json()["send_on"]) == (200, (BIRTHDAY + timedelta(days=3)).isoformat())
    await day_is(books, 1)
    await GiftSending(books.database).round(EVERY_SLOT)
    assert (await books.names_published(gift))[-1].endswith("SendingPlanned")
    sent = await asks("POST", "sendings", 2)
    assert (sent.status_code, sent.json()["send_on"]) == (200, None)
    await day_is(books, 9)
    await GiftSending(books.database).round(EVERY_SLOT)
    assert (await books.names_published(gift))[-2:] == [ISSUED[what].replace("Issued", "SendingPlanned"), SENT[what]]
    late = await asks("PUT", "sending-day", 3, 20)
    assert (late.status_code, late.json()["type"]) == (409, "urn:carnet:problem:gift-sent")
