"""Finding invoices and credit notes, and their PDF (INV-5). A client reads those of its own account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.http import Call, Page, PageAsked, router
from carnet.http.pages import Place
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import unknown
from payments.access import Reads
from payments.invoices.api.views import InvoiceDetailView, InvoiceView
from payments.invoices.domain.invoices import Invoice
from payments.invoices.store import WantedInvoices, invoice_of, invoices_found, paper_of
from payments.matching.domain import InvoiceState, Status
from payments.matching.store import books_of

routes = router(tags=["invoices"])

LOOKED_AT_ONCE, MOST_LOOKED_AT = 200, 2_000
"""How many invoices are looked through for those of one status: in one round, and for one page."""


class PaperWaits(BaseModel):
    """The PDF is being made."""

    invoice: str = Field(description="The invoice: an id.")
    printed: Literal[False] = Field(default=False, description="Whether its PDF is made.")


Number = Annotated[
    str, Query(max_length=30, pattern=r"^[A-Z]{0,6}(-[0-9]{0,15}){0,2}$", description="A number, or its beginning.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which invoices and credit notes a list is of."""

    invoices: WantedInvoices
    status: Status | None


def _asked(  # noqa: PLR0917 # the parameters of a query, which are named there
    call: Reads,
    number: Number = "",
    name: Annotated[str, Query(max_length=100, description="Beginnings of words of the client's name.")] = "",
    account: Annotated[Id | None, Query(description="Those of a client account.")] = None,
    contract: Annotated[Id | None, Query(description="Those of a contract.")] = None,
    kind: Annotated[
        Literal["invoice", "deposit_invoice", "credit_note"] | None, Query(description="Only these.")
    ] = None,
    since: Annotated[Day | None, Query(description="Issued on that day or later.")] = None,
    until: Annotated[Day | None, Query(description="Issued on that day or earlier.")] = None,
    status: Annotated[
        Status | None,
        Query(
            description="Only invoices of this status (INV-6). As that is worked out from the payments, a page may "
            "have fewer items than its limit, or none, and still a next one."
        ),
    ] = None,
) -> Asked:
    """What the query asks for; a client sees the invoices of its account only (ORG-2)."""
    client = None if call.principal.is_staff else call.principal.account
    if client is not None and account not in {None, client}:
        raise unknown("account", str(account))
    wanted = WantedInvoices(call.organisation, client or account, contract, kind, number, name, since, until)
    return Asked(wanted, status)


@routes.get("/invoices")
async def find_invoices(call: Reads, page: PageAsked, asked: Annotated[Asked, Depends(_asked)]) -> Page[InvoiceView]:
    """List invoices and credit notes, the newest first; by number, client, contract or date. A client sees its own."""
    found, at = await _found(call, page, asked)
    return page.looked_through(
        found,
        at=at,
        place=lambda each: _place(each[0]),
        show=lambda each: InvoiceView.of(*each),
    )


Found = Sequence[tuple[Invoice, InvoiceState | None]]


async def _found(call: Call, page: PageAsked, asked: Asked) -> tuple[Found, Place | None]:
    """Invoices with their status, as many as a page takes; and the place of the last one that was looked at.

    The place is None if no others follow, or if none had to be looked through.
    """
    after = page.after(str, str)
    found: list[tuple[Invoice, InvoiceState | None]] = []
    looked, more = 0, True
    while more and len(found) < page.fetch and looked < MOST_LOOKED_AT:
        at_once = LOOKED_AT_ONCE if asked.status else page.fetch
        some = await invoices_found(call.database, asked.invoices, after=after, limit=at_once)
        states = await _states(call, some)
        for each in some:
            state = states.get(each.id)
            if asked.status is None or (state is not None and state.status == asked.status):
                found.append((each, state))
        looked, more = looked + len(some), bool(asked.status) and len(some) == at_once
        after = _place(some[-1]) if some else after
    return found, after if more else None


def _place(invoice: Invoice) -> tuple[str, str]:
    return invoice.issued_on.isoformat(), invoice.id


@routes.get("/invoices/{invoice}", response_model=InvoiceDetailView)
async def show_invoice(invoice: Id, call: Reads) -> Response:
    """Read an invoice or a credit note. A client reads its own."""
    found = await _seen(call, invoice)
    states = await _states(call, [found])
    return call.show(InvoiceDetailView.of(found, states.get(invoice)), version=found.version)


@routes.get(
    "/invoices/{invoice}/pdf",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "The PDF, as it was made."},
        202: {"model": PaperWaits, "description": "The PDF is being made: ask again in a moment."},
    },
)
async def download_invoice(invoice: Id, call: Reads) -> Response:
    """Download the PDF of an invoice or a credit note (INV-5). A client downloads its own."""
    found = await _seen(call, invoice)
    pdf = await paper_of(call.database, call.organisation, invoice)
    if pdf is None:
        return call.show(PaperWaits(invoice=invoice), status=202)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _states(call: Call, invoices: Sequence[Invoice]) -> Mapping[str, InvoiceState]:
    """The status of invoices (INV-6), by their ids: worked out from the books of their contracts."""
    contracts = {each.contract for each in invoices if each.bears}
    if not contracts:
        return {}

    async def work(unit: Unit, _: Context) -> Mapping[str, InvoiceState]:
        books = await books_of(unit, contracts)
        return {id_: each for of_contract in books.values() for id_, each in of_contract.matching.states.items()}

    return await call.preview(work)


async def _seen(call: Call, invoice: str) -> Invoice:
    """The invoice, where the caller may see it; another's is answered as an unknown one (ORG-1, ORG-2)."""
    found = await invoice_of(call.database, call.organisation, invoice)
    if found is None or not call.principal.sees(found.account):
        raise unknown("invoice", invoice)
    return found
