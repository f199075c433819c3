"""Bank deposits: made of takings, listed, printed as a slip, undone (PAY-7)."""

import asyncio
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Page, PageAsked, Reply, router
from carnet.http.papers import pdf_answer
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import Organisation, organisation_of
from carnet.paper.writing import Language, short_day
from carnet.refusals import conflict
from payments.access import Collects, Demands, StaffReads
from payments.accounts.store import ACCOUNTS
from payments.banking.api.views import BankDepositBody, BankDepositView, TakingView
from payments.banking.domain.bank_deposits import BankDeposit, deposit, undo
from payments.banking.domain.takings import Taking
from payments.banking.store import BANK_DEPOSITS, deposits_of, given_back_until, keep_banked, takings_in, takings_named
from payments.receipts.paper import Slip, SlipRow, render_slip
from payments.statements.api.printing import letterhead_of

routes = router(tags=["bank deposits"])


@routes.post("/bank-deposits", status_code=201, response_model=BankDepositView)
async def make_bank_deposit(body: BankDepositBody, command: Demands) -> Response:
    """Hand takings to the bank together: cheques, or cash. Each is in one bank deposit at most.

    Cash that was given back until its day is named with them, and taken off.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        takings = await takings_named(unit, body.takings)
        day = body.deposited_on or context.today
        given_back = await takings_named(
            unit, await given_back_until(unit.database, command.organisation, day, unit.session)
        )
        made = deposit(context.new_id(), takings, day, body.bank_account, context, given_back=given_back)
        saved = keep_banked(unit, made, context)
        return Reply(BankDepositView.of(saved), saved.version, f"/v1/bank-deposits/{saved.id}")

    return await command.run(work, status=201)


@routes.get("/bank-deposits")
async def list_bank_deposits(call: StaffReads, page: PageAsked) -> Page[BankDepositView]:
    """The bank deposits of the organisation, the newest first, with those that were undone."""
    before = page.after(str)
    found = await deposits_of(call.database, call.organisation, before=before[0] if before else None, limit=page.fetch)
    return page.of(found, place=lambda each: (each.id,), show=BankDepositView.of)


@routes.get("/bank-deposits/{bank_deposit}", response_model=BankDepositView)
async def show_bank_deposit(bank_deposit: Id, call: StaffReads) -> Response:
    """A bank deposit."""

    async def work(unit: Unit, _: Context) -> BankDeposit:
        return await unit.one(BANK_DEPOSITS, bank_deposit, what="bank deposit")

    found = await call.preview(work)
    return call.show(BankDepositView.of(found), version=found.version)


@routes.get("/bank-deposits/{bank_deposit}/takings")
async def list_deposited(bank_deposit: Id, call: StaffReads, page: PageAsked) -> Page[TakingView]:
    """What is in a bank deposit, in the order of its slip; of one that was undone, what was in it."""
    after = page.after(int)
    first = after[0] + 1 if after else 0

    async def work(unit: Unit, _: Context) -> Page[TakingView]:
        made = await unit.one(BANK_DEPOSITS, bank_deposit, what="bank deposit")
        takings = await takings_named(unit, made.takings[first : first + page.fetch])
        await unit.load(ACCOUNTS, [each.account for each in takings])
        return page.of(
            list(enumerate(takings, first)),
            place=lambda each: (each[0],),
            show=lambda each: TakingView.of(each[1], unit.get(ACCOUNTS, each[1].account)),
        )

    return await call.preview(work)


@routes.get(
    "/bank-deposits/{bank_deposit}/slip.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The slip, typeset."}},
)
async def print_bank_deposit(
    bank_deposit: Id,
    call: StaffReads,
    language: Annotated[
        Literal["en", "fr"] | None, Query(description="Left out, the first language of the organisation.")
    ] = None,
) -> Response:
    """The slip of a bank deposit: of each cheque its drawer, bank and number, and the total."""

    async def work(unit: Unit, _: Context) -> tuple[Organisation, BankDeposit, list[Taking], dict[str, str | None]]:
        made = await unit.one(BANK_DEPOSITS, bank_deposit, what="bank deposit")
        _refuse_undone(made)
        takings = await takings_in(unit, made)
        await unit.load(ACCOUNTS, [each.account for each in takings])
        found = {each.account: unit.get(ACCOUNTS, each.account) for each in takings}
        owners = {id_: account.names.owner or None if account else None for id_, account in found.items()}
        return await organisation_of(unit, call.organisation), made, takings, owners

    organisation, made, takings, owners = await call.preview(work)
    letterhead = await letterhead_of(call.database, organisation, language or organisation.languages[0])
    rows = [_row(each, owners[each.account], letterhead.language) for each in takings]
    slip = Slip(made.method, rows, made.deposited_on, made.bank_account, made.reference)
    name = f"bank-deposit-{made.deposited_on.isoformat()}.pdf"
    return pdf_answer(name, await asyncio.to_thread(render_slip, slip, letterhead))


def _refuse_undone(made: BankDeposit) -> None:
    if made.undone is not None:
        raise conflict(
            "bank-deposit-undone",
            "This bank deposit is undone: it has no slip. Make another one of what is to be deposited.",
            rule="PAY-7",
            id=made.id,
        )


@routes.post("/bank-deposits/{bank_deposit}/undoing", response_model=BankDepositView)
async def undo_bank_deposit(bank_deposit: Id, command: Collects) -> Response:
    """Undo a bank deposit that the bank did not get: what is in it waits for another one.

    It is refused once the bank has taken something of it back.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        made = await unit.one(BANK_DEPOSITS, bank_deposit, what="bank deposit")
        command.must_match(made.version)
        saved = keep_banked(unit, undo(made, await takings_in(unit, made), context), context)
        return Reply(BankDepositView.of(saved), saved.version)

    return await command.run(work)


def _row(taking: Taking, owner: str | None, language: Language) -> SlipRow:
    if taking.method == "cash":
        return SlipRow((owner, short_day(taking.received_on, language), taking.number or ""), taking.inside)
    cheque = taking.cheque
    says = (cheque.holder or owner, cheque.bank or "", cheque.number or "") if cheque else (owner, "", "")
    return SlipRow((*says, taking.number or ""), taking.inside)
