"""Finding invoices and credit notes, and their PDF (INV-5). A client reads those of its own account."""

from collections.abc import Mapping, Sequence
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
from payments.invoices.store import invoice_of, invoices_found, paper_of
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


class InvoiceFilter:
    """Which invoices and credit notes a list is of."""

    def __init__(  # noqa: PLR0917 # the parameters of a query, which are named there
        self,
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
    ) -> None:
        self.name = name
        self.status = status
        self.account = account
        self._equal = {"account": account, "contract": contract, "kind": kind}
        self._number = number
        self._days = {"$gte": since, "$lte": until}

    def query(self, client: str | None) -> dict[str, object]:
        """The filter; a ``client`` sees those of its account only (ORG-2)."""
        equal = {**self._equal, **({"account": client} if client else {})}
        query: dict[str, object] = {field: value for field, value in equal.items() if value is not None}
        if self._number:
            query["number"] = {"$gte": self._number, "$lt": f"{self._number}\uffff"}
        if issued := {bound: day.isoformat() for bound, day in self._days.items() if day is not None}:
            query["issued_on"] = issued
        return query


@routes.get("/invoices")
async def find_invoices(
    call: Reads, page: PageAsked, wanted: Annotated[InvoiceFilter, Depends(InvoiceFilter)]
) -> Page[InvoiceView]:
    """List invoices and credit notes, the newest first; by number, client, contract or date. A client sees its own."""
    client = None if call.principal.is_staff else call.principal.account
    if client is not None and wanted.account not in {None, client}:
        raise unknown("account", str(wanted.account))
    found, at = await _found(call, page, wanted, client)
    return page.looked_through(
        found,
        at=at,
        place=lambda each: _place(each[0]),
        show=lambda each: InvoiceView.of(*each),
    )


Found = Sequence[tuple[Invoice, InvoiceState | None]]


async def _found(call: Call, page: PageAsked, wanted: InvoiceFilter, client: str | None) -> tuple[Found, Place | None]:
    """Invoices with their status, as many as a page takes; and the place of the last one that was looked at.

    The place is None if no others follow, or if none had to be looked through.
    """
    query, after = wanted.query(client), page.after(str, str)
    found: list[tuple[Invoice, InvoiceState | None]] = []
    looked, more = 0, True
    while more and len(found) < page.fetch and looked < MOST_LOOKED_AT:
        at_once = LOOKED_AT_ONCE if wanted.status else page.fetch
        some = await invoices_found(
            call.database, call.organisation, query, name=wanted.name, after=after, limit=at_once
        )
        states = await _states(call, some)
        for each in some:
            state = states.get(each.id)
            if wanted.status is None or (state is not None and state.status == wanted.status):
                found.append((each, state))
        looked, more = looked + len(some), bool(wanted.status) and len(some) == at_once
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
