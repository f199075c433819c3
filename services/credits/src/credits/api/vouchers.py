"""What a client has, in one list; gift vouchers: looked up by their codes, printed, sent again (CRE-8, CRE-9)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from carnet.codes import Code, digest_of
from carnet.dates import utc_now
from carnet.decisions import Context
from carnet.events.credits import VoucherRefusal
from carnet.http import TOO_MANY, Body, Call, JournalEntry, Page, PageAsked, ProblemError, Reply, journal_page, router
from carnet.http.papers import pdf_answer
from carnet.ids import Id
from carnet.mongo import Unit, transact
from carnet.paper.writing import Language
from carnet.refusals import unknown
from credits.api.access import Adjusts, Reads, StaffReads
from credits.api.reading import known_account
from credits.api.views import CheckedView, HoldingView, SendingDayBody, VoucherView
from credits.domain.cards import CardRefusal, PresentedCard
from credits.domain.credit import Credit
from credits.domain.packs import Pack
from credits.domain.sending import plan_voucher
from credits.domain.vouchers import TRIES_WITHIN, Presented, Voucher, send_again, still_given, why_not
from credits.measures import CODE_TRIES
from credits.packs.store import PACKS, suspended_packs
from credits.papers import printed
from credits.redeeming import SERVICE, count_wrong, is_blocked, of_codes, presented_by, tries_of
from credits.store import (
    CODES,
    TRIES,
    VOUCHERS,
    bought_by,
    credits_of,
    deleted_sales,
    suspended_since,
    suspensions,
    voucher_of,
)

routes = router(tags=["vouchers"])


class CheckBody(Body):
    """A code that somebody presents."""

    code: Code = Field(description="As it was typed: case, spaces and dashes do not count.")
    product: Id | None = Field(
        default=None,
        description="What a gift voucher is to cover; without it, whether it can be redeemed at all, or what is left "
        "of a gift card.",
    )


@routes.get("/accounts/{account}/holdings")
async def list_holdings(account: Id, call: Reads, page: PageAsked) -> Page[HoldingView]:
    """List the credits of a client, and the gift vouchers, gift cards and packs that it bought, oldest first (CRE-8).

    A client reads its own, with the codes of the vouchers and the gift cards of which nothing was used. What was sold
    by mistake is left out (CON-12).
    """
    await known_account(account, call)
    place = page.after(str)
    after = place[0] if place else None
    but = await deleted_sales(call.database, call.organisation, account)
    credits_ = await credits_of(
        call.database, call.organisation, account, status=None, after=after, limit=page.fetch, cards=True, but=but
    )
    vouchers = await bought_by(
        call.database, VOUCHERS, call.organisation, account, after=after, limit=page.fetch, but=but
    )
    packs = await bought_by(call.database, PACKS, call.organisation, account, after=after, limit=page.fetch, but=but)
    all_: list[Credit | Voucher | Pack] = [*credits_, *vouchers, *packs]
    found = sorted(all_, key=lambda each: each.id)[: page.fetch]
    since, staff = await _suspended(call, found), call.principal.is_staff
    return page.of(
        found,
        place=lambda each: (each.id,),
        show=lambda each: HoldingView.of(each, since.get(each.id), for_staff=staff),
    )


async def _suspended(call: Call, held: Sequence[Credit | Voucher | Pack]) -> Mapping[str, date]:
    """Since when those are suspended that are, by id (CRE-2)."""
    packs = [each for each in held if isinstance(each, Pack)]
    others = [each for each in held if not isinstance(each, Pack)]
    return {
        **await suspensions(call.database, call.organisation, others),
        **await suspended_packs(call.database, call.organisation, packs),
    }


@routes.post("/vouchers/check", responses=TOO_MANY)
async def check_code(body: CheckBody, call: Reads) -> CheckedView:
    """Say whether the gift voucher of a code can be redeemed, or what is left of the gift card (CRE-8, CRE-9).

    It changes nothing. Someone who presents a code may not know what it is the code of: ``kind`` says it. With a
    ``product`` a gift card is refused (``gift-card``), since it covers nothing: contracts are paid with it.

    A caller who tries many codes that do not exist is refused for an hour, whatever the code.
    """
    caller = str(call.principal.actor)
    digest = digest_of(call.organisation, body.code)

    async def work(unit: Unit) -> Presented | PresentedCard | None:
        await unit.load(CODES, [digest])
        await unit.load(TRIES, tries_of(call.organisation, caller))
        await unit.load_all(of_codes(unit, [digest]))
        now = utc_now()
        if is_blocked(unit, call.organisation, caller, now):
            raise _too_many()
        found = presented_by(unit, digest)
        if found is None:
            count_wrong(unit, call.organisation, caller, now)
        return found

    presented = await transact(call.database, work)
    as_card = presented if isinstance(presented, PresentedCard) and body.product is None else None
    why: VoucherRefusal | CardRefusal | None = as_card.why_not if as_card else why_not(presented, body.product)
    CODE_TRIES.labels(SERVICE, why or "usable").inc()
    return CheckedView.of(presented, why)


def _too_many() -> ProblemError:
    CODE_TRIES.labels(SERVICE, "too-many-tries").inc()
    return ProblemError(
        429,
        "too-many-codes",
        "Too many codes that do not exist were tried. Try again in an hour.",
        rule="CRE-9",
        headers={"Retry-After": str(TRIES_WITHIN)},
    )


@routes.get("/vouchers/{voucher}", response_model=VoucherView)
async def show_voucher(voucher: Id, call: Reads) -> Response:
    """Read a gift voucher. A client reads those that it bought."""
    found = await _seen(voucher, call)
    since = await suspended_since(call.database, found)
    view = VoucherView.of(found, since, for_staff=call.principal.is_staff)
    return call.show(view, version=found.version)


@routes.get("/vouchers/{voucher}/journal")
async def voucher_journal(voucher: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a gift voucher, in order, without its code. Only staff may."""
    await _seen(voucher, call)
    return await journal_page(call, voucher, page, hiding=frozenset({"code"}))


@routes.get(
    "/vouchers/{voucher}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The voucher, to print."}},
)
async def print_voucher(
    voucher: Id,
    call: Reads,
    language: Annotated[Language, Query(description="The language that it is written in.")] = "fr",
) -> Response:
    """Download a gift voucher that is not redeemed as a PDF, to print and to give. A client those that it bought."""
    found = still_given(await _seen(voucher, call))
    paper = await printed(call.database, found, language)
    if paper is None:
        raise unknown("voucher", voucher)
    return pdf_answer(*paper)


@routes.post("/vouchers/{voucher}/sendings", response_model=VoucherView)
async def send_voucher_again(voucher: Id, command: Adjusts) -> Response:
    """Send a gift voucher that is not redeemed to its recipient: now, if it waits for a day, or once more (CRE-9).

    Only staff may.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(VOUCHERS, voucher, what="voucher")
        command.must_match(before.version)
        saved = unit.decide(VOUCHERS, send_again(before, context.today), context)
        since = await suspended_since(command.database, saved)
        return Reply(VoucherView.of(saved, since), saved.version)

    return await command.run(work)


@routes.put("/vouchers/{voucher}/sending-day", response_model=VoucherView)
async def move_voucher_sending(voucher: Id, body: SendingDayBody, command: Adjusts) -> Response:
    """Have a gift voucher that is not sent yet sent on another day (CRE-8). Only staff may.

    To send it now, send it as one that was sent before.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(VOUCHERS, voucher, what="voucher")
        command.must_match(before.version)
        saved = unit.decide(VOUCHERS, plan_voucher(before, body.on, context.today), context)
        since = await suspended_since(command.database, saved)
        return Reply(VoucherView.of(saved, since), saved.version)

    return await command.run(work)


async def _seen(voucher: str, call: Call) -> Voucher:
    """The voucher, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await voucher_of(call.database, call.organisation, voucher)
    if found is None or not call.principal.sees(found.account):
        raise unknown("voucher", voucher)
    return found
