"""Lists of contracts and purchases: by number, and those of an account (CON-10, CON-27)."""

import asyncio
from typing import Annotated

from fastapi import Query

from carnet.decisions import Context
from carnet.http import Call, Page, PageAsked
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import unknown
from contracts.accounts.domain import Account
from contracts.accounts.store import find_account
from contracts.contracts.api.access import Reads, StaffReads, refuse_unseen
from contracts.contracts.api.purchase_views import PurchaseView
from contracts.contracts.api.subscription_views import StandingView
from contracts.contracts.api.views import ContractSummary, summary_of
from contracts.contracts.domain.listed_subscriptions import listed_subscriptions
from contracts.contracts.domain.purchases import purchases
from contracts.contracts.store import contracts_numbered, contracts_of, packs_of, schedules_of

router = new_router(tags=["contracts"])


@router.get("/contracts")
async def find_contracts(
    call: StaffReads,
    page: PageAsked,
    number: Annotated[
        str,
        Query(
            max_length=20,
            pattern=r"^([0-9]{1,4}|[0-9]{4}-[0-9]{0,15})$",
            description="A number such as 2027-0042, or its beginning; 2027-42 is the same one.",
        ),
    ] = "",
    pending: Annotated[
        bool, Query(description="Only contracts of which a change waits for the answer of another service.")
    ] = False,
    asked_to_cancel: Annotated[
        bool, Query(description="Only contracts whose client asks for the cancellation of the subscription (CON-17).")
    ] = False,
) -> Page[ContractSummary]:
    """List the contracts of the organisation, the newest first; by number where one is given (CON-27). For staff."""
    shown = page.after(str)
    before = shown and shown[0]
    found = await contracts_numbered(
        call.database,
        call.organisation,
        number,
        pending=pending,
        asked_to_cancel=asked_to_cancel,
        before=before,
        limit=page.fetch,
    )
    known = await schedules_of(call.database, call.organisation, [contract.id for contract in found])
    return page.of(
        found,
        place=lambda contract: (contract.id,),
        show=lambda contract: summary_of(contract, known.get(contract.id)),
    )


@router.get("/accounts/{account}/contracts")
async def list_contracts(account: Id, call: Reads, page: PageAsked) -> Page[ContractSummary]:
    """List the contracts of an account, the newest first."""
    await visible_account(call, account)
    shown = page.after(str)
    found = await contracts_of(call.database, call.organisation, account, before=shown and shown[0], limit=page.fetch)
    known = await schedules_of(call.database, call.organisation, [contract.id for contract in found])
    return page.of(
        found,
        place=lambda contract: (contract.id,),
        show=lambda contract: summary_of(contract, known.get(contract.id)),
    )


@router.get("/accounts/{account}/purchases")
async def list_purchases(account: Id, call: Reads, page: PageAsked) -> Page[PurchaseView]:
    """List the purchases of an account per member, then for the family, cancellations at the end (CON-10)."""
    members = [member.id for member in (await visible_account(call, account)).members]

    async def today(_unit: Unit, context: Context) -> Context:
        return context

    context = await call.preview(today)
    found = await contracts_of(call.database, call.organisation, account)
    known, packs = await asyncio.gather(
        schedules_of(call.database, call.organisation, [contract.id for contract in found]),
        packs_of(call.database, call.organisation, found),
    )
    paid = {contract: schedule.balance.paid for contract, schedule in known.items()}
    shown = page.after(int, int, str)
    everything = purchases(found, paid, members, context.today, packs)
    following = [bought for bought in everything if shown is None or bought.position > shown]
    return page.of(following[: page.fetch], place=lambda bought: bought.position, show=PurchaseView.of)


@router.get("/accounts/{account}/subscriptions")
async def list_subscriptions(account: Id, call: Reads, page: PageAsked) -> Page[StandingView]:
    """List the subscriptions of an account with their status, per member by first name, then for nobody (CON-14)."""
    members = (await visible_account(call, account)).members

    async def today(_unit: Unit, context: Context) -> Context:
        return context

    context = await call.preview(today)
    found = listed_subscriptions(await contracts_of(call.database, call.organisation, account), members, context.today)
    shown = page.after(int, str)
    following = [listed for listed in found if shown is None or listed.position > shown]
    return page.of(following[: page.fetch], place=lambda listed: listed.position, show=StandingView.of)


async def visible_account(call: Call, account: str) -> Account:
    """The account, where the caller may see it; another one is answered as an unknown one (ORG-1, ORG-2)."""
    refuse_unseen(call, account, "account", account)
    found = await find_account(call.database, call.organisation, account)
    if found is None:
        raise unknown("account", account)
    return found
