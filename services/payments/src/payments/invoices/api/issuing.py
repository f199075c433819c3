"""Issuing invoices, cancelling them by credit notes, in bulk (INV-1 to INV-5)."""

from typing import Annotated, Literal

from pydantic import Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, Call, Page, PageAsked, PositiveMoneyIn, Reply, router, waits, with_outcome
from carnet.http.jobs import JobView, started
from carnet.ids import Id
from carnet.jobs import job_of
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.refusals import unknown
from carnet.requests.asked import refusal_from
from carnet.texts import Line, Paragraphs
from payments.access import Demands, StaffReads, visible
from payments.invoices.api.settings import AddressBody, Registration
from payments.invoices.api.views import (
    DocumentView,
    InvoiceDetailView,
    InvoiceRequestView,
    OutcomesView,
)
from payments.invoices.automatic import INVOICING
from payments.invoices.domain.document import Buyer
from payments.invoices.domain.issuing import Credited, credit
from payments.invoices.domain.requests import InvoiceRequest, ask
from payments.invoices.domain.settings import check_company, plain
from payments.invoices.store import (
    INVOICES,
    keep_asked,
    keep_credited,
    load_series,
    outcomes_of_job,
    refused_of_job,
    request_loads,
    request_of,
    settings_to_change,
)
from payments.schedules.store import SCHEDULES, schedule_to_change

routes = router(tags=["invoices"])


class BuyerBody(Body):
    """Who the invoice is for, where it is not simply the owner of the account."""

    kind: Literal["family", "company"] = Field(default="family", description="A family, or a company.")
    name: Line
    address: AddressBody | None = Field(default=None, description="A family need not have one.")
    siren: Registration | None = Field(default=None, description="Of a company: its SIREN.")
    vat_number: Registration | None = Field(default=None, description="Of a company: its VAT number.")
    order: Line | None = Field(default=None, description="The client's own reference, of its order for example.")

    @property
    def read(self) -> Buyer:
        """As the domain has it. Raises the refusals of ``check_company``."""
        siren = plain(self.siren) if self.siren else None
        vat_number = plain(self.vat_number) if self.vat_number else None
        check_company(siren, vat_number, "buyer")
        return Buyer(
            kind=self.kind,
            name=self.name,
            address=self.address.read if self.address else None,
            siren=siren,
            vat_number=vat_number,
            order=self.order,
        )


class InvoiceBody(Body):
    """Paid purchases of a contract that are to be invoiced (PAY-14)."""

    lines: Annotated[tuple[Id, ...], Field(max_length=100)] = Field(
        default=(), description="The purchases; all that are paid and have no invoice where it is empty."
    )
    buyer: BuyerBody | None = Field(default=None, description="Null for the owner of the account.")


class DepositInvoiceBody(Body):
    """What is paid in advance of a contract, and is to be on a deposit invoice."""

    amount: PositiveMoneyIn | None = Field(
        default=None, description="The amount that was seen: refused if another one is paid in advance by now."
    )
    buyer: BuyerBody | None = Field(default=None, description="Null for the owner of the account.")


class CreditNoteBody(Body):
    """What is cancelled of an invoice, and why (INV-3)."""

    lines: Annotated[tuple[Id, ...], Field(max_length=100)] = Field(
        default=(), description="Lines of the invoice; all that are left where it is empty."
    )
    reason: Annotated[Paragraphs, Field(min_length=1, max_length=300)] = Field(
        description="Why, as the client reads it."
    )


WAITS = waits(InvoiceRequestView, "Contracts has not marked the purchases yet.")


@routes.post("/schedules/{contract}/invoices", status_code=201, response_model=InvoiceRequestView, responses=WAITS)
async def issue_invoice(contract: Id, body: InvoiceBody, command: Demands) -> Response:
    """Invoice paid purchases of a contract (INV-1).

    Contracts marks them first, so that they stay as they are (INV-4); that is waited for, for 1.5 seconds at most.
    The PDF is made a moment later.
    """
    buyer = body.buyer.read if body.buyer else None

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        settings = await settings_to_change(unit, command.organisation)
        lines = tuple(dict.fromkeys(body.lines))
        decision, request = ask(schedule, settings, context, lines=lines, buyer=buyer)
        keep_asked(unit, decision, request, context)
        where = f"/v1/schedules/{contract}/invoice-requests/{request.id}"
        return Reply(InvoiceRequestView.of(request), location=where, status=202)

    loads = request_loads(contract, command.organisation)
    return await _answered(command, await command.run(work, loads=loads))


@routes.post(
    "/schedules/{contract}/deposit-invoices", status_code=201, response_model=InvoiceRequestView, responses=WAITS
)
async def issue_deposit_invoice(contract: Id, body: DepositInvoiceBody, command: Demands) -> Response:
    """Issue a deposit invoice of what is paid in advance: of the purchase that is paid in part (INV-1).

    What is paid whole is invoiced as such. Once this purchase is paid whole, its invoice deducts the deposit. Contracts
    marks it first, as for any invoice (INV-4).
    """
    buyer = body.buyer.read if body.buyer else None

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        settings = await settings_to_change(unit, command.organisation)
        amount = amount_in(body.amount, schedule.currency) if body.amount else None
        decision, request = ask(schedule, settings, context, buyer=buyer, deposit=True, amount=amount)
        keep_asked(unit, decision, request, context)
        where = f"/v1/schedules/{contract}/invoice-requests/{request.id}"
        return Reply(InvoiceRequestView.of(request), location=where, status=202)

    loads = request_loads(contract, command.organisation)
    return await _answered(command, await command.run(work, loads=loads))


@routes.get("/schedules/{contract}/invoice-requests/{request}")
async def show_invoice_request(contract: Id, request: Id, call: StaffReads) -> InvoiceRequestView:
    """What became of a request to invoice purchases."""
    await visible(call, contract)
    found = await request_of(call.database, call.organisation, request)
    if found is None or found.contract != contract:
        raise unknown("request", request)
    return InvoiceRequestView.of(found)


@routes.post("/invoices/{invoice}/credit-notes", status_code=201, response_model=InvoiceDetailView)
async def credit_invoice(invoice: Id, body: CreditNoteBody, command: Demands) -> Response:
    """Cancel an invoice by a credit note, whole or some of its lines (INV-3).

    The purchases can be changed again a moment later. Nothing is paid back by it: a cancelled purchase does that.
    """

    async def work(unit: Unit, context: Context) -> Reply:
        credited = await _credited(unit, invoice, body, context)
        keep_credited(unit, credited, context)
        return Reply(InvoiceDetailView.of(credited.note, None), location=f"/v1/invoices/{credited.note.id}")

    return await command.run(work, status=201)


@routes.post("/invoices/{invoice}/credit-notes/preview")
async def preview_credit_note(invoice: Id, body: CreditNoteBody, call: StaffReads) -> DocumentView:
    """What a credit note would say; nothing is saved, and its number is not taken."""

    async def work(unit: Unit, context: Context) -> DocumentView:
        return DocumentView.of((await _credited(unit, invoice, body, context)).note.document)

    return await call.preview(work)


@routes.post("/invoices/issue-all", status_code=202, response_model=JobView)
async def issue_all_invoices(command: Demands) -> Response:
    """Invoice all that is paid and has no invoice, as a bulk job: follow it at the Location of the answer (INV-5)."""

    async def work(unit: Unit, context: Context) -> Reply:
        (await settings_to_change(unit, command.organisation)).given  # noqa: B018 # refuses where nothing was given
        return started(INVOICING, {}, command, unit, context)

    return await command.run(work)


@routes.get("/jobs/{job}/invoices")
async def show_job_invoices(job: Id, call: StaffReads) -> OutcomesView:
    """How far the invoices are that a bulk job asked for: it is done once it has asked for all of them."""
    await _known(call, job)
    found = await outcomes_of_job(call.database, call.organisation, job)
    return OutcomesView(**{name: found.get(name, 0) for name in OutcomesView.model_fields})


@routes.get("/jobs/{job}/refused-invoices")
async def list_refused_invoices(job: Id, call: StaffReads, page: PageAsked) -> Page[InvoiceRequestView]:
    """The contracts that a bulk job could not invoice, and why."""
    await _known(call, job)
    after = page.after(str)
    found = await refused_of_job(
        call.database, call.organisation, job, after=after[0] if after else None, limit=page.fetch
    )
    return page.of(found, place=lambda request: (request.id,), show=InvoiceRequestView.of)


async def _known(call: Call, job: str) -> None:
    if await job_of(call.database, call.organisation, job) is None:
        raise unknown("job", job)


async def _credited(unit: Unit, invoice: str, body: CreditNoteBody, context: Context) -> Credited:
    known = await unit.one(INVOICES, invoice, what="invoice")
    schedule = await unit.one(SCHEDULES, known.contract, what="schedule")
    settings = await settings_to_change(unit, known.organisation)
    series = await load_series(unit, known.organisation, settings.given.credit_note_prefix, context.today.year)
    return credit(schedule, known, series, context, lines=body.lines, reason=body.reason)


async def _answered(call: Call, asked: Response) -> Response:
    """What became of a request once contracts has answered; the answer ``asked`` (202) if that takes longer.

    Raises the refusal that contracts answered.
    """
    waiting = InvoiceRequestView.model_validate_json(bytes(asked.body))

    async def look() -> InvoiceRequest | None:
        found = await request_of(call.database, call.organisation, waiting.id)
        return found if found is not None and found.status != "requested" else None

    async def show(request: InvoiceRequest) -> Response:
        if request.refusal is not None:
            raise refusal_from(request.refusal)
        return call.show(InvoiceRequestView.of(request), status=201)

    return await with_outcome(asked, look, show)
