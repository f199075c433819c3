"""Refunds of direct debits by transfer: files that are built, downloaded, sent, and what became of them (PAY-18)."""

from dataclasses import dataclass

from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.refusals import conflict, unknown
from payments.access import Collects, Demands, Downloads, StaffReads
from payments.accounts.store import ACCOUNTS
from payments.collection.domain.orders import Failed, Order
from payments.collection.store.orders import ORDERS
from payments.schedules.store import SCHEDULES
from payments.sepa.api.access import Keys, needed, opened
from payments.sepa.api.downloads import FILE, downloaded
from payments.sepa.api.moving import Kind, moved
from payments.sepa.api.refund_views import (
    BuiltRefundsView,
    FailureBody,
    RefundFilePreview,
    RefundFileView,
    TransferView,
)
from payments.sepa.domain.mandates import CURRENCY, Mandate
from payments.sepa.domain.refund_files import (
    BuiltRefunds,
    Transfer,
    build_refund_file,
    failable,
    finish_refund_file,
    send_refund_file,
    take_back_refund_file,
)
from payments.sepa.store.files import file_of, files_of
from payments.sepa.store.mandates import MANDATES, sepa_settings_in
from payments.sepa.store.refund_files import (
    REFUND_FILES,
    has_account,
    refund_file_to_change,
    save_refund_file,
    waiting_refunds,
)
from payments.sepa.transfer_file import Transferred, write_transfers
from payments.sepa.transfers import load_failing, make_all, not_gone_through, put_back, send_refunds
from payments.sepa.vault import Vault

routes = router(tags=["direct debits"])
KIND = Kind(REFUND_FILES, refund_file_to_change, RefundFileView.of)


@dataclass(frozen=True, slots=True)
class _Found:
    """What waits: in a file, if there is anything, and the refunds whose bank account was erased."""

    built: BuiltRefunds | None
    lost: tuple[Order, ...]


@routes.post("/refund-files/preview", response_model=RefundFilePreview)
async def preview_refund_file(call: StaffReads) -> RefundFilePreview:
    """What a file of refunds that is built now would have in it. It changes nothing."""

    async def work(unit: Unit, context: Context) -> RefundFilePreview:
        found = await _found(unit, call.organisation, context)
        file = found.built.decision.state if found.built else None
        refunds = file.refunds if file else ()
        await unit.load(ACCOUNTS, [refund.account for refund in refunds])
        return RefundFilePreview(
            execute_on=file.execute_on if file else None,
            refunds=[TransferView.of(each, None, unit.get(ACCOUNTS, each.account)) for each in refunds],
            amount=Money(amount=file.amount if file else 0, currency=CURRENCY),
            failed=len(found.lost),
            more=found.built is not None and found.built.more,
        )

    return await call.preview(work)


@routes.post("/refund-files", status_code=201, response_model=BuiltRefundsView)
async def build_refunds(command: Demands, keys: Keys) -> Response:
    """Put the refunds of direct debits that wait into one file of transfers, to the accounts that were debited.

    Each is in one file at most. One file has 500 at most. A refund whose bank account was erased can't be made: its
    amount is paid again (PAY-4).
    """
    needed(keys)

    async def work(unit: Unit, context: Context) -> Reply:
        found = await _found(unit, command.organisation, context)
        await load_failing(unit, found.lost)
        for order in found.lost:
            not_gone_through(unit, order, Failed("unknown_method", "erased"), context)
        saved = save_refund_file(unit, found.built, context) if found.built else None
        view = BuiltRefundsView(
            refund_file=RefundFileView.of(saved) if saved else None,
            failed=len(found.lost),
            more=found.built is not None and found.built.more,
        )
        where = f"/v1/refund-files/{saved.id}" if saved else "/v1/refund-files"
        return Reply(view, saved.version if saved else None, where)

    return await command.run(work, status=201)


@routes.get("/refund-files")
async def list_refund_files(call: StaffReads, page: PageAsked) -> Page[RefundFileView]:
    """The files of refunds of the organisation, the newest first."""
    before = page.after(str)
    found = await files_of(
        call.database, REFUND_FILES, call.organisation, before=before[0] if before else None, limit=page.fetch
    )
    return page.of(found, place=lambda each: (each.id,), show=RefundFileView.of)


@routes.get("/refund-files/{refund_file}", response_model=RefundFileView)
async def show_refund_file(refund_file: Id, call: StaffReads) -> Response:
    """A file of refunds."""
    found = await file_of(call.database, REFUND_FILES, call.organisation, refund_file)
    if found is None:
        raise unknown("refund file", refund_file)
    return call.show(RefundFileView.of(found), version=found.version)


@routes.get("/refund-files/{refund_file}/refunds")
async def list_refunds_in_file(refund_file: Id, call: StaffReads, page: PageAsked) -> Page[TransferView]:
    """The refunds in a file, in its order, with what became of each."""
    after = page.after(int)

    async def work(unit: Unit, _: Context) -> Page[TransferView]:
        found = await unit.one(REFUND_FILES, refund_file, what="refund file")
        first = after[0] + 1 if after else 0
        refunds = list(enumerate(found.refunds))[first : first + page.fetch]
        await unit.load(ORDERS, [refund.order for _, refund in refunds])
        await unit.load(ACCOUNTS, [refund.account for _, refund in refunds])
        return page.of(
            refunds,
            place=lambda each: (each[0],),
            show=lambda each: TransferView.of(
                each[1], unit.get(ORDERS, each[1].order), unit.get(ACCOUNTS, each[1].account)
            ),
        )

    return await call.preview(work)


@routes.get(
    "/refund-files/{refund_file}/file",
    response_class=Response,
    responses=FILE,
)
async def download_refund_file(refund_file: Id, call: Downloads, keys: Keys) -> Response:
    """The file for the bank: pain.001.001.09, the same bytes each time."""
    vault = needed(keys)

    async def work(unit: Unit, _: Context) -> bytes:
        found = await unit.one(REFUND_FILES, refund_file, what="refund file")
        if found.status == "taken_back":
            raise conflict(
                "refund-file-moved-on", "It was taken back: build another one.", rule="PAY-18", status=found.status
            )
        await unit.load(MANDATES, [refund.mandate for refund in found.refunds])
        transferred = [_transferred(refund, unit.get(MANDATES, refund.mandate), vault) for refund in found.refunds]
        settings = await sepa_settings_in(unit, call.organisation)
        return write_transfers(found, opened(vault, settings.id, found.creditor.sealed_iban), transferred)

    return downloaded(await call.preview(work), f"refunds-{refund_file}.xml")


def _transferred(refund: Transfer, mandate: Mandate | None, vault: Vault) -> Transferred:
    """A refund with the account that it goes to; refused once its holder is erased."""
    if mandate is None or mandate.sealed_iban is None or mandate.holder is None:
        raise conflict(
            "refund-file-erased",
            "A person whose account a refund of it goes to was erased, so that the file can't be made any "
            "more. Take it back if the bank does not have it, and build another one.",
            rule="ORG-4",
        )
    return Transferred(refund, mandate.holder, opened(vault, mandate.id, mandate.sealed_iban))


@routes.post("/refund-files/{refund_file}/sent", response_model=RefundFileView)
async def mark_refund_file_sent(refund_file: Id, command: Collects) -> Response:
    """The bank has the file: it can't be taken back any more."""
    return await moved(command, KIND, refund_file, send_refund_file, send_refunds)


@routes.post("/refund-files/{refund_file}/taking-back", response_model=RefundFileView)
async def take_back_refunds(refund_file: Id, command: Collects) -> Response:
    """Take back a file that the bank does not have: its refunds wait for the next one."""
    return await moved(command, KIND, refund_file, take_back_refund_file, put_back)


@routes.post("/refund-files/{refund_file}/made", response_model=RefundFileView)
async def mark_refunds_made(refund_file: Id, command: Collects) -> Response:
    """The bank has made the transfers, but for those that were recorded as not gone through."""
    return await moved(command, KIND, refund_file, finish_refund_file, make_all)


@routes.post("/refund-files/{refund_file}/refunds/{refund}/failure", response_model=RefundFileView)
async def record_failed_refund(refund_file: Id, refund: Id, body: FailureBody, command: Demands) -> Response:
    """A refund that was sent did not go through, at once or days later: its amount is paid again (PAY-4)."""

    async def work(unit: Unit, context: Context) -> Reply:
        found = await refund_file_to_change(unit, refund_file)
        found.refund(refund)
        order = unit.get(ORDERS, refund)
        if order is None:
            raise unknown("refund", refund)
        failable(found, order)
        await load_failing(unit, [order])
        not_gone_through(unit, order, Failed(body.reason, body.reason), context)
        return Reply(RefundFileView.of(found), found.version)

    return await command.run(work)


async def _found(unit: Unit, organisation: str, context: Context) -> _Found:
    settings = await sepa_settings_in(unit, organisation)
    _ = settings.given
    waiting = await waiting_refunds(unit, organisation)
    lost = tuple(order for order in waiting if not has_account(unit, order))
    payable = [order for order in waiting if has_account(unit, order)]
    if lost and not payable:
        return _Found(None, lost)
    schedules = (unit.get(SCHEDULES, order.contract) for order in payable)
    numbers = {each.id: each.number for each in schedules if each is not None}
    return _Found(build_refund_file(context.new_id(), settings, payable, numbers, context), lost)
