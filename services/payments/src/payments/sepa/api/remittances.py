"""Remittances: built, downloaded, sent, taken back, credited, and the debits that the bank refuses (PAY-18)."""

from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.refusals import conflict, unknown
from payments.access import Collects, Demands, Downloads, StaffReads
from payments.accounts.store import ACCOUNTS
from payments.collection.domain.orders import Failed
from payments.collection.store.orders import ORDERS
from payments.schedules.store import SCHEDULES
from payments.sepa.api.access import Keys, needed, opened
from payments.sepa.api.downloads import FILE, downloaded
from payments.sepa.api.moving import Kind, moved
from payments.sepa.api.views import (
    BuiltView,
    DebitView,
    RefusalBody,
    RemittanceBody,
    RemittancePreview,
    RemittanceView,
)
from payments.sepa.debits import load_refused, pay_all, refuse, send, withdraw_all
from payments.sepa.domain.building import Built, build, collection_date, notice_date
from payments.sepa.domain.mandates import Mandate
from payments.sepa.domain.remittances import Debit, Remittance, mark_collected, mark_sent, refusable, take_back
from payments.sepa.file import Debited, write
from payments.sepa.store.files import file_of, files_of
from payments.sepa.store.mandates import MANDATES, sepa_settings_in
from payments.sepa.store.remittances import (
    REMITTANCES,
    due_by,
    remittance_to_change,
    save_built,
)
from payments.sepa.vault import Vault

routes = router(tags=["direct debits"])
KIND = Kind(REMITTANCES, remittance_to_change, RemittanceView.of)


@routes.post("/remittances/preview", response_model=RemittancePreview)
async def preview_remittance(body: RemittanceBody, call: StaffReads) -> RemittancePreview:
    """What a remittance that is built now would have in it. It changes nothing."""

    async def work(unit: Unit, context: Context) -> RemittancePreview:
        built = await _built(unit, call.organisation, body, context)
        remittance = built.decision.state
        settings = await sepa_settings_in(unit, call.organisation)
        await unit.load(ACCOUNTS, [debit.account for debit in remittance.debits])
        return RemittancePreview(
            collect_on=remittance.collect_on,
            debits=[DebitView.of(each, None, unit.get(ACCOUNTS, each.account)) for each in remittance.debits],
            amount=Money(amount=remittance.amount, currency=remittance.currency),
            more=built.more,
            lapsed=built.lapsed,
            notice_days=settings.notice_days,
            late_notice=built.late_notice,
            notice_date=notice_date(settings, context.today),
        )

    return await call.preview(work)


@routes.post("/remittances", status_code=201, response_model=BuiltView)
async def build_remittance(body: RemittanceBody, command: Demands, keys: Keys) -> Response:
    """Put what is due by the collection date and is paid by direct debit into one file.

    Each instalment in it is an attempt from now on: it is processing, and in no other file. One file has 500 at most.
    The families get a mail about what is debited and when, unless they had one that says the same.
    """
    needed(keys)

    async def work(unit: Unit, context: Context) -> Reply:
        built = await _built(unit, command.organisation, body, context)
        saved = save_built(unit, built, context)
        return Reply(BuiltView.of(built, saved), saved.version, f"/v1/remittances/{saved.id}")

    return await command.run(work, status=201)


@routes.get("/remittances")
async def list_remittances(call: StaffReads, page: PageAsked) -> Page[RemittanceView]:
    """The remittances of the organisation, the newest first."""
    before = page.after(str)
    found = await files_of(
        call.database, REMITTANCES, call.organisation, before=before[0] if before else None, limit=page.fetch
    )
    return page.of(found, place=lambda each: (each.id,), show=RemittanceView.of)


@routes.get("/remittances/{remittance}", response_model=RemittanceView)
async def show_remittance(remittance: Id, call: StaffReads) -> Response:
    """A remittance."""
    found = await file_of(call.database, REMITTANCES, call.organisation, remittance)
    if found is None:
        raise unknown("remittance", remittance)
    return call.show(RemittanceView.of(found), version=found.version)


@routes.get("/remittances/{remittance}/debits")
async def list_debits(remittance: Id, call: StaffReads, page: PageAsked) -> Page[DebitView]:
    """The instalments in a remittance, in the order of the file, with what became of each."""
    after = page.after(int)

    async def work(unit: Unit, _: Context) -> Page[DebitView]:
        found = await unit.one(REMITTANCES, remittance, what="remittance")
        first = after[0] + 1 if after else 0
        debits = list(enumerate(found.debits))[first : first + page.fetch]
        await unit.load(ORDERS, [debit.attempt for _, debit in debits])
        await unit.load(ACCOUNTS, [debit.account for _, debit in debits])
        return page.of(
            debits,
            place=lambda each: (each[0],),
            show=lambda each: DebitView.of(
                each[1], unit.get(ORDERS, each[1].attempt), unit.get(ACCOUNTS, each[1].account)
            ),
        )

    return await call.preview(work)


@routes.get(
    "/remittances/{remittance}/file",
    response_class=Response,
    responses=FILE,
)
async def download_remittance(remittance: Id, call: Downloads, keys: Keys) -> Response:
    """The file for the bank: pain.008.001.08, the same bytes each time."""
    vault = needed(keys)

    async def work(unit: Unit, _: Context) -> bytes:
        found = await unit.one(REMITTANCES, remittance, what="remittance")
        if found.status == "taken_back":
            raise conflict(
                "remittance-moved-on", "It was taken back: build another one.", rule="PAY-18", status=found.status
            )
        await unit.load(MANDATES, [debit.mandate for debit in found.debits])
        debited = [_debited(debit, found, unit.get(MANDATES, debit.mandate), vault) for debit in found.debits]
        settings = await sepa_settings_in(unit, call.organisation)
        return write(found, opened(vault, settings.id, found.creditor.sealed_iban), debited)

    return downloaded(await call.preview(work), f"sepa-{remittance}.xml")


def _debited(debit: Debit, remittance: Remittance, mandate: Mandate | None, vault: Vault) -> Debited:
    """A debit with the account that the file names; refused where nothing may be taken from it any more."""
    if mandate is None or mandate.sealed_iban is None or mandate.holder is None:
        raise conflict(
            "remittance-erased",
            "A person whose account is debited in it was erased, so that the file can't be made any more. "
            "Take it back if the bank does not have it, and build another one.",
            rule="ORG-4",
        )
    if remittance.status == "built" and mandate.ended_on is not None:
        raise conflict(
            "remittance-mandate-ended",
            f"The mandate {mandate.reference} has ended since the remittance was built. Take the remittance "
            "back, and build another one.",
            rule="PAY-18",
            mandate=mandate.id,
            reference=mandate.reference,
        )
    return Debited(debit, mandate.holder, opened(vault, mandate.id, mandate.sealed_iban))


@routes.post("/remittances/{remittance}/sent", response_model=RemittanceView)
async def mark_remittance_sent(remittance: Id, command: Collects) -> Response:
    """The bank has the file: it can't be taken back any more."""
    return await moved(command, KIND, remittance, mark_sent, send)


@routes.post("/remittances/{remittance}/taking-back", response_model=RemittanceView)
async def take_remittance_back(remittance: Id, command: Collects) -> Response:
    """Take back a remittance that the bank does not have: its instalments are where they were."""
    return await moved(command, KIND, remittance, take_back, withdraw_all)


@routes.post("/remittances/{remittance}/collected", response_model=RemittanceView)
async def mark_remittance_collected(remittance: Id, command: Collects) -> Response:
    """The bank has credited the remittance: what it did not refuse is paid.

    What it takes back later is a reversal of the payment (PAY-13).
    """
    return await moved(command, KIND, remittance, mark_collected, pay_all)


@routes.post("/remittances/{remittance}/debits/{attempt}/refusal", response_model=RemittanceView)
async def refuse_debit(remittance: Id, attempt: Id, body: RefusalBody, command: Demands) -> Response:
    """The bank refused a debit of a remittance that was sent: the instalment is tried again by the calendar (PAY-6)."""

    async def work(unit: Unit, context: Context) -> Reply:
        found = await unit.one(REMITTANCES, remittance, what="remittance")
        debit = found.debit(attempt)
        await unit.load(ORDERS, [attempt])
        order = unit.get(ORDERS, attempt)
        if order is None:
            raise unknown("attempt", attempt)
        refusable(found, order)
        await unit.load(SCHEDULES, [order.contract])
        await load_refused(unit, [debit])
        refuse(unit, debit, order, Failed(body.reason, body.reason), context)
        return Reply(RemittanceView.of(found), found.version)

    return await command.run(work)


async def _built(unit: Unit, organisation: str, body: RemittanceBody, context: Context) -> Built:
    settings = await sepa_settings_in(unit, organisation)
    _ = settings.given
    collect_on = collection_date(body.collect_on, settings, context.today)
    found = await due_by(unit, organisation, collect_on)
    return build(context.new_id(), settings, collect_on, found.due, context, lapsed=found.lapsed)
