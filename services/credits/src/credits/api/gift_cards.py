"""Gift cards: one as it is, printed, sent again (CRE-8). They are in one list with what else a client has."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Call, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.http.papers import pdf_answer
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.paper.writing import Language
from carnet.refusals import unknown
from credits.api.access import Adjusts, Reads, StaffReads
from credits.api.granting import AdjustmentBody
from credits.api.views import GiftCardView, SendingDayBody
from credits.domain.cards import adjust_card, card_to_give, send_card_again
from credits.domain.credit import Credit
from credits.domain.sending import plan_card
from credits.papers import card_printed
from credits.store import CREDITS, credit_of, save, suspended_since

routes = router(tags=["gift cards"])

HIDDEN = frozenset({"code", "amount", "left", "removed"})
"""The fields of a card's journal that would show its code, or what is left of it."""


@routes.get("/gift-cards/{card}", response_model=GiftCardView)
async def show_gift_card(card: Id, call: Reads) -> Response:
    """Read a gift card, without what is left of it (CRE-8). A client reads those that it bought."""
    found = await _seen(card, call)
    since = await suspended_since(call.database, found)
    view = GiftCardView.of(found, since, for_staff=call.principal.is_staff)
    return call.show(view, version=found.version)


@routes.get("/gift-cards/{card}/journal")
async def gift_card_journal(card: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a gift card, in order, without its code and what its movements come to. Only staff may."""
    await _seen(card, call)
    return await journal_page(call, card, page, hiding=HIDDEN)


@routes.post("/gift-cards/{card}/adjustments", response_model=GiftCardView)
async def adjust_gift_card(card: Id, body: AdjustmentBody, command: Adjusts) -> Response:
    """Add to what is left of a gift card, or take off it, never below zero (CRE-7). Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(CREDITS, card, what="card")
        if before.card is None:
            raise unknown("card", card)
        command.must_match(before.version)
        decision = adjust_card(before, amount_in(body.amount, before.currency), context.today)
        saved = save(unit, before, decision, context, note=body.reason)
        since = await suspended_since(command.database, saved)
        return Reply(GiftCardView.of(saved, since), saved.version)

    return await command.run(work)


@routes.get(
    "/gift-cards/{card}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The gift card, to print."}},
)
async def print_gift_card(
    card: Id,
    call: Reads,
    language: Annotated[Language, Query(description="The language that it is written in.")] = "fr",
) -> Response:
    """Download a gift card of which nothing was used as a PDF, to print and to give. A client those that it bought."""
    found = await _seen(card, call)
    card_to_give(found)
    paper = await card_printed(call.database, found, language)
    if paper is None:
        raise unknown("card", card)
    return pdf_answer(*paper)


@routes.post("/gift-cards/{card}/sendings", response_model=GiftCardView)
async def send_gift_card_again(card: Id, command: Adjusts) -> Response:
    """Send a gift card of which nothing was used to its recipient: now, if it waits for a day, or once more (CRE-8).

    Only staff may.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(CREDITS, card, what="card")
        if before.card is None:
            raise unknown("card", card)
        command.must_match(before.version)
        saved = unit.decide(CREDITS, send_card_again(before, context.today), context)
        since = await suspended_since(command.database, saved)
        return Reply(GiftCardView.of(saved, since), saved.version)

    return await command.run(work)


@routes.put("/gift-cards/{card}/sending-day", response_model=GiftCardView)
async def move_gift_card_sending(card: Id, body: SendingDayBody, command: Adjusts) -> Response:
    """Have a gift card that is not sent yet sent on another day (CRE-8). Only staff may.

    To send it now, send it as one that was sent before.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(CREDITS, card, what="card")
        if before.card is None:
            raise unknown("card", card)
        command.must_match(before.version)
        saved = unit.decide(CREDITS, plan_card(before, body.on, context.today), context)
        since = await suspended_since(command.database, saved)
        return Reply(GiftCardView.of(saved, since), saved.version)

    return await command.run(work)


async def _seen(card: str, call: Call) -> Credit:
    """The gift card, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await credit_of(call.database, call.organisation, card)
    if found is None or found.card is None or not call.principal.sees(found.account):
        raise unknown("card", card)
    return found
