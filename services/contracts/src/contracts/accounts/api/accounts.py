"""Client accounts over HTTP: opened, written, given another owner, erased, found (CON-13, ORG-4)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from carnet import journal
from carnet.answers import forget_answers
from carnet.decisions import Context, Decision
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
)
from carnet.http import router as new_router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import unknown
from contracts.access.store import erase_accesses
from contracts.accounts.api.views import (
    AccountBody,
    AccountOutline,
    AccountSummary,
    AccountView,
    ErasureBody,
    MemberBody,
    OpenedView,
    OpeningBody,
    OwnerBody,
)
from contracts.accounts.domain import (
    Account,
    add_member,
    change_owner,
    edit_account,
    edit_member,
    erase_account,
    erase_member,
    open_account,
)
from contracts.accounts.store import ACCOUNTS, find_account, find_accounts, similar_accounts
from contracts.contracts.store import forget_notes
from contracts.imports.store import forget_import
from contracts.numbers.domain import numbered
from contracts.numbers.store import NewNumber

Reads = Annotated[Call, reads("accounts:read")]
StaffReads = Annotated[Call, reads("accounts:read", staff=True)]
Opens = Annotated[Command, changes("accounts:write", staff=True)]
Writes = Annotated[Command, changes("accounts:write", if_match=True, staff=True)]

router = new_router(tags=["accounts"])


@router.post("/accounts", status_code=201, response_model=OpenedView)
async def open_client_account(body: OpeningBody, command: Opens) -> Response:
    """Open an account for its owner, an adult, with its other members (CON-13).

    Where somebody of that name has an account already, the answer names it in ``similar``.
    """
    members = {f"members[{index}].email": each.email for index, each in enumerate(body.members)}
    command.must_be_writable({"owner.email": body.owner.email, **members})

    number = NewNumber(command.database, command.organisation, "account")

    async def work(unit: Unit, context: Context) -> Reply:
        decided = open_account(body, context.new_id(), command.organisation, context)
        saved = unit.decide(ACCOUNTS, numbered(decided, await number.of(context.today.year)), context)
        view = OpenedView.opened(saved, await similar_accounts(unit, saved))
        return Reply(view, saved.version, f"/v1/accounts/{saved.id}")

    return await command.run(work, status=201)


@router.get("/accounts")
async def list_accounts(
    call: StaffReads,
    page: PageAsked,
    q: Annotated[
        str, Query(max_length=100, description="Beginnings of members' names, or of the account's number.")
    ] = "",
) -> Page[AccountSummary]:
    """List the accounts that are not erased by their owner's name, for staff."""
    after = page.after(str, str)
    found = await find_accounts(call.database, call.organisation, search=q, after=after, limit=page.fetch)
    return page.of(found, place=lambda account: (account.sort_name, account.id), show=AccountSummary.of)


@router.get("/accounts/{account}", response_model=AccountView)
async def show_account(account: Id, call: Reads) -> Response:
    """Read an account. A client reads its own, without staff's tags and notes."""
    found = await _visible(call, account)
    return call.show(AccountView.of(found, staff=call.principal.is_staff), version=found.version)


@router.put("/accounts/{account}", response_model=AccountOutline)
async def write_account(account: Id, body: AccountBody, command: Writes) -> Response:
    """Write the account's own fields anew."""
    return await _change(command, account, lambda before, _: edit_account(before, body))


@router.post("/accounts/{account}/members", status_code=201, response_model=AccountOutline)
async def add_account_member(account: Id, body: MemberBody, command: Writes) -> Response:
    """Add a member; the answer names it in ``member``."""
    command.must_be_writable({"email": body.email})

    async def work(unit: Unit, context: Context) -> Reply:
        before = await _matched(unit, command, account)
        member = context.new_id()
        saved = unit.decide(ACCOUNTS, add_member(before, body, member, context), context)
        return Reply(AccountOutline.of(saved, member), saved.version, f"/v1/accounts/{account}")

    return await command.run(work, status=201, loads=((ACCOUNTS, account),))


@router.put("/accounts/{account}/members/{member}", response_model=AccountOutline)
async def write_member(account: Id, member: Id, body: MemberBody, command: Writes) -> Response:
    """Write a member anew."""
    command.must_be_writable({"email": body.email})
    return await _change(
        command, account, lambda before, context: edit_member(before, member, body, context), about=member
    )


@router.post("/accounts/{account}/owner", response_model=AccountOutline)
async def give_owner(account: Id, body: OwnerBody, command: Writes) -> Response:
    """Make another adult member the owner (CON-13)."""
    return await _change(command, account, lambda before, _: change_owner(before, body.member), about=body.member)


@router.post("/accounts/{account}/erasure", response_model=AccountOutline)
async def erase_people(account: Id, body: ErasureBody, command: Writes) -> Response:
    """Erase a member, or the whole account, for ever: from the account and from the journals (ORG-4)."""

    async def work(unit: Unit, context: Context) -> Reply:
        before = await _matched(unit, command, account)
        decision = erase_account(before) if body.member is None else erase_member(before, body.member)
        # With an owner who was alone the account is erased: then what is kept of the account itself is erased too.
        person = None if decision.state.erased else body.member
        await journal.erase(unit, account, person=person)
        await forget_notes(unit, command.organisation, account, person)
        await erase_accesses(unit, command.organisation, account, person, context)
        forget_answers(unit, command.organisation, account)
        await forget_import(unit, command.organisation, account)
        saved = unit.decide(ACCOUNTS, decision, context)
        return Reply(AccountOutline.of(saved, body.member), saved.version)

    return await command.run(work)


@router.get("/accounts/{account}/journal")
async def account_journal(account: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Read who changed the account, when and how (ORG-4)."""
    await _visible(call, account)
    return await journal_page(call, account, page)


async def _change(
    command: Command, account: str, decide: Callable[[Account, Context], Decision[Account]], about: str | None = None
) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        before = await _matched(unit, command, account)
        saved = unit.decide(ACCOUNTS, decide(before, context), context)
        return Reply(AccountOutline.of(saved, about), saved.version)

    return await command.run(work, loads=((ACCOUNTS, account),))


async def _matched(unit: Unit, command: Command, account: str) -> Account:
    before = await unit.one(ACCOUNTS, account, what="account")
    command.must_match(before.version)
    return before


async def _visible(call: Call, account: str) -> Account:
    found = await find_account(call.database, call.organisation, account) if call.principal.sees(account) else None
    if found is None:
        raise unknown("account", account)
    return found
