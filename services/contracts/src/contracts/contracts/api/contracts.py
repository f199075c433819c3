"""Contracts over HTTP: previewed, opened, changed in one go, cancelled whole, read (CON-1 to CON-7, CON-22)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response

from carnet.decisions import Context, Decision
from carnet.http import TOO_MANY, Call, Command, JournalEntry, Page, PageAsked, Reply, journal_page, waits
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Link, Unit, Wanted
from carnet.refusals import unknown
from carnet.requests.asked import Request
from contracts.access.domain import Moved
from contracts.access.store import access_loads, follow_plans, moved_accesses
from contracts.contracts.api.access import Asks, Opens, Previews, Reads, StaffReads, Writes, causes_of, refuse_unseen
from contracts.contracts.api.bodies import CancellationConfirmed, CancellationIn, ChangeIn, ConfirmationIn, OpeningIn
from contracts.contracts.api.outcomes import AskedView, ChangeView, after_short_wait, asked, found_change
from contracts.contracts.api.preview_views import PreviewView, preview_of
from contracts.contracts.api.sales import (
    ACCOUNT_OF_CONTRACT,
    aided,
    cart_loads,
    change_loads,
    contract_loads,
    decide_change,
    decide_opening,
    know_products,
    load_contract,
    opening_loads,
    presented,
)
from contracts.contracts.api.views import AdviceView, ConfirmedView, ContractView, confirmed, view_of
from contracts.contracts.domain.advice import advise
from contracts.contracts.domain.changes import cancel_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.pending import ask, refuse_pending
from contracts.contracts.domain.schedules import refuse_if_moved
from contracts.contracts.store import CONTRACTS, SCHEDULES, find_contract, schedules_of
from contracts.numbers.domain import numbered
from contracts.numbers.store import NewNumber
from contracts.peers import Peers

router = new_router(tags=["contracts"])

Decide = Callable[[Unit, Contract, Context], Awaitable[Decision[Contract]]]

WAITS = waits(
    AskedView,
    "It needs an answer of another service, such as credits about a client credit that it cancels, and that service "
    "has not answered yet (CRE-4, CON-11).",
)


@router.post("/contracts/preview", response_model=PreviewView, responses=TOO_MANY)
async def preview_opening(body: OpeningIn, call: Previews, peers: Asks) -> PreviewView:
    """Show the lines, the total and the schedule of a contract without opening it (CON-3).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too, and credits about
    gift vouchers that are presented and scholarships, for which it needs `credits:read` (CRE-9, CRE-11).
    """
    await know_products(call, peers, body.products)

    async def work(unit: Unit, context: Context) -> tuple[Contract, Sequence[Request], Sequence[Moved]]:
        decided = await decide_opening(unit, body, context)
        accesses = await moved_accesses(unit, None, decided.state, context)
        return decided.state, _requests(ask(None, decided, context, causes_of(call))), accesses

    after, asks, accesses = await call.preview(work)
    schedule, vouchers, scholarships = await asyncio.gather(
        peers.schedule_of_opening(call.principal.token, after),
        presented(call, peers, body, None, after),
        aided(call, peers, None, after),
    )
    return preview_of(None, after, schedule, asks=asks, vouchers=vouchers, scholarships=scholarships, accesses=accesses)


@router.post("/contracts", status_code=201, response_model=ConfirmedView, responses=WAITS)
async def open_contract(body: OpeningIn, command: Opens, peers: Asks) -> Response:
    """Open a contract (CON-1, CON-9).

    One that needs something of another service waits for its answer, for 1.5 seconds at most.
    """
    await know_products(command, peers, body.products)

    number = NewNumber(command.database, command.organisation, "contract")

    async def work(unit: Unit, context: Context) -> Reply:
        decided = numbered(await decide_opening(unit, body, context), await number.of(context.today.year))
        contract = unit.decide(CONTRACTS, ask(None, decided, context, causes_of(command)), context)
        await follow_plans(unit, None, contract, context)
        if contract.pending is not None:
            return asked(contract, contract.pending)
        return Reply(confirmed(contract, None, context.change), contract.version, f"/v1/contracts/{contract.id}")

    return await after_short_wait(command, await command.run(work, status=201, loads=opening_loads(body)))


@router.get("/contracts/{contract}", response_model=ContractView)
async def read_contract(contract: Id, call: Reads) -> Response:
    """Read a contract with its lines. A client reads those of its account, without staff's notes."""
    found = await find_contract(call.database, call.organisation, contract)
    if found is None:
        raise unknown("contract", contract)
    refuse_unseen(call, found.account, "contract", contract)
    known = (await schedules_of(call.database, call.organisation, [contract])).get(contract)
    return call.show(view_of(found, known, notes=call.principal.is_staff), version=found.version)


@router.get("/contracts/{contract}/journal")
async def read_journal(contract: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read who did what on a contract, in order (ORG-4). For staff."""
    if await find_contract(call.database, call.organisation, contract) is None:
        raise unknown("contract", contract)
    return await journal_page(call, contract, page)


@router.post("/contracts/{contract}/changes/preview", response_model=PreviewView, responses=TOO_MANY)
async def preview_change(contract: Id, body: ChangeIn, call: Previews, peers: Asks) -> PreviewView:
    """Show what a change would do to the lines, the total and the schedule; it changes nothing (CON-3).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too, and credits about
    gift vouchers that are presented and scholarships, for which it needs `credits:read` (CRE-9, CRE-11).
    """
    await know_products(call, peers, body.products)
    return await preview_decided(
        call, peers, contract, lambda unit, found, context: decide_change(unit, found, body, context), body
    )


@router.post("/contracts/{contract}/changes", response_model=ConfirmedView, responses=WAITS)
async def change_contract(contract: Id, body: ConfirmationIn, command: Writes) -> Response:
    """Confirm a change on the versions that its preview showed (CON-3, CON-4).

    One that cancels what sold client credits or gift vouchers, lets a credit bring less, presents a gift voucher or
    uses a scholarship, waits for the answer of credits, for 1.5 seconds at most (CRE-4, CRE-9, CRE-11, CON-8, CON-11).
    """
    return await confirm_decided(
        command,
        contract,
        body.schedule_version,
        lambda unit, found, context: decide_change(unit, found, body, context),
        lambda unit: change_loads(unit, contract, body),
        beside=cart_loads(body),
        links=(ACCOUNT_OF_CONTRACT,),
    )


@router.get("/contracts/{contract}/changes/{change}", response_model=ChangeView)
async def read_change(contract: Id, change: Id, call: Reads) -> Response:
    """Read what became of an opening or a change, also long after it was asked for (CRE-4, CRE-5)."""
    return await found_change(call, contract, change)


@router.post("/contracts/{contract}/cancellation/preview", response_model=PreviewView)
async def preview_cancellation(contract: Id, body: CancellationIn, call: Previews, peers: Asks) -> PreviewView:
    """Show what cancelling the whole contract would do; it changes nothing (CON-3, CON-22).

    Payments is asked for the schedule with the caller's token, which needs `payments:read` too.
    """
    return await preview_decided(call, peers, contract, _cancelling(body))


@router.post("/contracts/{contract}/cancellation", response_model=ConfirmedView, responses=WAITS)
async def cancel_whole_contract(contract: Id, body: CancellationConfirmed, command: Writes) -> Response:
    """Cancel the whole contract on the versions that the preview showed (CON-22).

    One that sold client credits, gift vouchers or session packs waits for the answer of credits, for 1.5 seconds at
    most (CRE-4, CON-8).
    """
    return await confirm_decided(
        command,
        contract,
        body.schedule_version,
        _cancelling(body),
        lambda unit: access_loads(unit.get(CONTRACTS, contract)),
    )


def _cancelling(body: CancellationIn) -> Decide:
    async def cancel(_unit: Unit, contract: Contract, context: Context) -> Decision[Contract]:
        return cancel_contract(contract, context, body.fees(contract.currency))

    return cancel


async def preview_decided(
    call: Call, peers: Peers, contract_id: str, decide: Decide, body: ChangeIn | None = None
) -> PreviewView:
    """What ``decide`` would do to a contract, and what to its schedule; nothing is saved (CON-3)."""

    async def work(
        unit: Unit, context: Context
    ) -> tuple[Contract, Contract, Sequence[Request], Sequence[Moved], Context]:
        before = await load_contract(unit, contract_id)
        decided = await decide(unit, before, context)
        accesses = await moved_accesses(unit, before, decided.state, context)
        return before, decided.state, _requests(ask(before, decided, context, causes_of(call))), accesses, context

    before, after, asks, accesses, context = await call.preview(work)
    schedule, vouchers, scholarships = await asyncio.gather(
        peers.schedule_after(call.principal.token, before, after, context.today),
        presented(call, peers, body or ChangeIn(), before, after),
        aided(call, peers, before, after),
    )
    return preview_of(
        before, after, schedule, asks=asks, vouchers=vouchers, scholarships=scholarships, accesses=accesses
    )


def _requests(confirmed: Decision[Contract]) -> Sequence[Request]:
    return confirmed.state.pending.requests if confirmed.state.pending else ()


async def confirm_decided(
    command: Command,
    contract_id: str,
    schedule_version: int,
    decide: Decide,
    then_loads: Callable[[Unit], Wanted] | None = None,
    *,
    beside: Wanted = (),
    links: Sequence[Link] = (),
) -> Response:
    """Do what ``decide`` says on the versions that its preview showed (CON-3).

    What it reads ``beside`` the contract, and what ``links`` lead to from it, is read with the contract.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        before = await load_contract(unit, contract_id)
        refuse_pending(before)  # whatever version was seen: there is nothing to decide anew before the answer
        known = unit.get(SCHEDULES, contract_id)
        command.must_match(before.version)
        refuse_if_moved(known, schedule_version)
        decided = await decide(unit, before, context)
        advice = advise(before, decided.state, known.balance if known else None)
        after = unit.decide(CONTRACTS, ask(before, decided, context, causes_of(command)), context)
        await follow_plans(unit, before, after, context)
        if after.pending is not None:
            return asked(after, after.pending, advice)
        return Reply(confirmed(after, known, context.change, AdviceView.of(advice)), after.version)

    loads = (*contract_loads(contract_id), *beside)
    return await after_short_wait(command, await command.run(work, loads=loads, then_loads=then_loads, links=links))
