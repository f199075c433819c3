"""HTTP in: scholarship funds, what is awarded from them, and what it covers (CRE-11)."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.http import (
    Call,
    Command,
    JournalEntry,
    Page,
    PageAsked,
    Reply,
    changes,
    journal_page,
    reads,
    router,
    within_patience,
)
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import amount_in, organisation_of
from carnet.refusals import invalid, unknown
from credits.api.access import Reads
from credits.api.reading import known_account
from credits.domain.accounts import Account
from credits.scholarships.bodies import AwardBody, FundBody, ScholarshipAdjustmentBody, UsesCheckBody
from credits.scholarships.domain.fund import Fund, change_fund, open_fund
from credits.scholarships.domain.scholarship import Award, Scholarship, adjust, award
from credits.scholarships.domain.using import WantedUses, plan
from credits.scholarships.reacting import funds_wanted, held_by, uses_on
from credits.scholarships.store import (
    FUNDS,
    SCHOLARSHIP_USES,
    SCHOLARSHIPS,
    fund_of,
    funds_by_id,
    funds_of,
    scholarship_of,
    scholarships_of,
    scholarships_of_fund,
    used_of_funds,
    uses_of_fund,
    uses_of_scholarship,
)
from credits.scholarships.views import (
    FundView,
    ScholarshipUseView,
    ScholarshipView,
    UseCheckedView,
    UsesCheckedView,
)
from credits.store import ACCOUNTS, knows_account

routes = router(tags=["scholarships"])

SeesFunds = Annotated[Call, reads("scholarships:read", staff=True)]
Checks = Annotated[Call, reads("credits:read", staff=True)]
Awards = Annotated[Command, changes("scholarships:award", staff=True)]
Edits = Annotated[Command, changes("scholarships:award", if_match=True, staff=True)]


@routes.post("/scholarship-funds", status_code=201, response_model=FundView)
async def open_scholarship_fund(body: FundBody, command: Awards) -> Response:
    """Open a scholarship fund (CRE-11). Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        currency = (await organisation_of(unit, command.organisation)).currency
        written = body.written(amount_in(body.budget, currency))
        saved = unit.decide(FUNDS, open_fund(written, command.organisation, currency, context), context)
        return Reply(FundView.of(saved), saved.version, location=f"/v1/scholarship-funds/{saved.id}")

    return await command.run(work, status=201)


@routes.get("/scholarship-funds")
async def list_scholarship_funds(call: SeesFunds, page: PageAsked) -> Page[FundView]:
    """List the scholarship funds, the newest first. Only staff may."""
    place = page.after(str)
    found = await funds_of(call.database, call.organisation, before=place[0] if place else None, limit=page.fetch)
    used = await used_of_funds(call.database, call.organisation, (fund.id for fund in found))
    return page.of(found, place=lambda fund: (fund.id,), show=lambda fund: FundView.of(fund, used.get(fund.id, 0)))


@routes.get("/scholarship-funds/{fund}", response_model=FundView)
async def show_scholarship_fund(fund: Id, call: SeesFunds) -> Response:
    """Read a scholarship fund: what was awarded from it, and how much of that is used. Only staff may."""
    found = await _fund(fund, call)
    used = await used_of_funds(call.database, call.organisation, [fund])
    return call.show(FundView.of(found, used.get(fund, 0)), version=found.version)


@routes.put("/scholarship-funds/{fund}", response_model=FundView)
async def write_scholarship_fund(fund: Id, body: FundBody, command: Edits) -> Response:
    """Write a scholarship fund anew (CRE-11): what its scholarships cover stays covered. Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(FUNDS, fund, what="fund")
        command.must_match(before.version)
        written = body.written(amount_in(body.budget, before.currency))
        saved = unit.decide(FUNDS, change_fund(before, written, context.today), context)
        used = await used_of_funds(command.database, command.organisation, [fund])
        return Reply(FundView.of(saved, used.get(fund, 0)), saved.version)

    return await command.run(work)


@routes.get("/scholarship-funds/{fund}/journal")
async def scholarship_fund_journal(fund: Id, call: SeesFunds, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a scholarship fund, in order. Only staff may."""
    await _fund(fund, call)
    return await journal_page(call, fund, page)


@routes.get("/scholarship-funds/{fund}/scholarships")
async def list_scholarships_of_fund(fund: Id, call: SeesFunds, page: PageAsked) -> Page[ScholarshipView]:
    """List the scholarships that were awarded from a fund, oldest first. Only staff may."""
    known = await _fund(fund, call)
    place = page.after(str)
    found = await scholarships_of_fund(
        call.database, call.organisation, fund, after=place[0] if place else None, limit=page.fetch
    )
    return page.of(found, place=lambda each: (each.id,), show=lambda each: ScholarshipView.of(each, known))


@routes.get("/scholarship-funds/{fund}/uses")
async def list_uses_of_fund(
    fund: Id,
    call: SeesFunds,
    page: PageAsked,
    first_day: Annotated[Day | None, Query(alias="from", description="Only purchases from that day on.")] = None,
    last_day: Annotated[Day | None, Query(alias="until", description="Only purchases up to that day.")] = None,
) -> Page[ScholarshipUseView]:
    """List what a fund pays for whom, by day: what its scholarships cover of purchases by now. Only staff may."""
    await _fund(fund, call)
    found = await uses_of_fund(
        call.database,
        call.organisation,
        fund,
        first=first_day,
        last=last_day,
        after=page.after(str, str),
        limit=page.fetch,
    )
    return page.of(found, place=lambda use: (use.used_on.isoformat(), use.id), show=ScholarshipUseView.of)


@routes.post("/scholarship-funds/{fund}/scholarships", status_code=201, response_model=ScholarshipView)
async def award_scholarship(fund: Id, body: AwardBody, command: Awards) -> Response:
    """Award a scholarship from a fund, within its budget, to a member of an account or to all of it (CRE-11).

    Only staff may. An account that was just opened is waited for, for 1.5 seconds at most.
    """

    async def known() -> bool | None:
        return await knows_account(command.database, command.organisation, body.account) or None

    await within_patience(known)

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(FUNDS, fund, what="fund")
        account = await unit.one(ACCOUNTS, body.account, what="account")
        _refuse_other_members(account, body.member)
        asked = Award(account.id, body.member, amount_in(body.amount, before.currency), body.note)
        taken, decision = award(before, asked, context)
        unit.put(FUNDS, taken)
        saved = unit.decide(SCHOLARSHIPS, decision, context)
        return Reply(ScholarshipView.of(saved, taken), saved.version, location=f"/v1/scholarships/{saved.id}")

    return await command.run(work, status=201)


def _refuse_other_members(account: Account, member: str | None) -> None:
    if member is not None and account.members is not None and member not in account.members:
        raise invalid(
            "scholarship-member-not-of-account",
            "The account has no such member. Name one of its people, or nobody for the whole account.",
            rule="CRE-11",
            account=account.id,
            member=member,
        )


@routes.post("/scholarships/{scholarship}/adjustments", response_model=ScholarshipView)
async def adjust_scholarship(scholarship: Id, body: ScholarshipAdjustmentBody, command: Edits) -> Response:
    """Award more, within the budget of the fund, or take back what has not been used (CRE-11). Only staff may."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(SCHOLARSHIPS, scholarship, what="scholarship")
        command.must_match(before.version)
        fund = await unit.one(FUNDS, before.fund, what="fund")
        taken, decision = adjust(before, fund, amount_in(body.amount, before.currency), context.today)
        unit.put(FUNDS, taken)
        saved = unit.decide(SCHOLARSHIPS, decision, context)
        return Reply(ScholarshipView.of(saved, taken), saved.version)

    return await command.run(work)


@routes.get("/scholarships/{scholarship}", response_model=ScholarshipView)
async def show_scholarship(scholarship: Id, call: Reads) -> Response:
    """Read a scholarship: what is left of it, for what, and until when. A client reads its own."""
    found = await _seen(scholarship, call)
    funds = await funds_by_id(call.database, call.organisation, [found.fund])
    view = ScholarshipView.of(found, funds[found.fund], for_staff=call.principal.is_staff)
    return call.show(view, version=found.version)


@routes.get("/scholarships/{scholarship}/uses")
async def list_uses_of_scholarship(scholarship: Id, call: Reads, page: PageAsked) -> Page[ScholarshipUseView]:
    """List what a scholarship covers, or covered, of purchases, oldest first. A client reads those of its own."""
    await _seen(scholarship, call)
    place = page.after(str)
    found = await uses_of_scholarship(
        call.database, call.organisation, scholarship, after=place[0] if place else None, limit=page.fetch
    )
    return page.of(found, place=lambda use: (use.id,), show=ScholarshipUseView.of)


@routes.get("/scholarships/{scholarship}/journal")
async def scholarship_journal(scholarship: Id, call: SeesFunds, page: PageAsked) -> Page[JournalEntry]:
    """Read the journal of a scholarship, in order. Only staff may."""
    await _seen(scholarship, call)
    return await journal_page(call, scholarship, page)


@routes.get("/accounts/{account}/scholarships")
async def list_scholarships_of_account(account: Id, call: Reads, page: PageAsked) -> Page[ScholarshipView]:
    """List the scholarships of a client, oldest first, with what is left of each. A client reads its own."""
    await known_account(account, call)
    place = page.after(str)
    found = await scholarships_of(
        call.database, call.organisation, account, after=place[0] if place else None, limit=page.fetch
    )
    funds = await funds_by_id(call.database, call.organisation, (each.fund for each in found))
    staff = call.principal.is_staff
    return page.of(
        found,
        place=lambda each: (each.id,),
        show=lambda each: ScholarshipView.of(each, funds[each.fund], for_staff=staff),
    )


@routes.post("/scholarships/check")
async def check_scholarships(body: UsesCheckBody, call: Checks) -> UsesCheckedView:
    """Say whether scholarships cover these parts of lines of an account's contract, as things are (CRE-11).

    It changes nothing. Only staff may.
    """

    async def work(unit: Unit, context: Context) -> UsesCheckedView:
        await unit.one(ACCOUNTS, body.account, what="account")
        wanted = {use.scholarship for use in body.uses}
        await unit.load(SCHOLARSHIPS, wanted)
        await unit.load(SCHOLARSHIP_USES, [part.line for part in body.given_back])
        await unit.load_all(funds_wanted(unit, wanted))
        held = held_by(unit, wanted)
        currency = (await organisation_of(unit, call.organisation)).currency
        asked = WantedUses(
            body.account,
            currency,
            context.today,
            tuple(use.asked(currency) for use in body.uses),
            tuple(part.asked(currency) for part in body.given_back),
        )
        planned = plan(asked, held, uses_on(unit, (part.line for part in body.given_back)))
        return UsesCheckedView(uses=[UseCheckedView.of(each, held.get(each.use.scholarship)) for each in planned])

    return await call.preview(work)


async def _fund(fund: str, call: Call) -> Fund:
    found = await fund_of(call.database, call.organisation, fund)
    if found is None:
        raise unknown("fund", fund)
    return found


async def _seen(scholarship: str, call: Call) -> Scholarship:
    """The scholarship, where the caller may see it; another client's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await scholarship_of(call.database, call.organisation, scholarship)
    if found is None or not call.principal.sees(found.account):
        raise unknown("scholarship", scholarship)
    return found
