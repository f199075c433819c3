"""The payments of a period as a page, with their sums by method, and as a spreadsheet."""

import asyncio
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from backoffice.apis import part
from backoffice.contracts.amounts import METHODS
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.periods import Period, WantedPeriod
from backoffice.web.spreadsheets import Source, as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
By = Annotated[str, Query(alias="method", max_length=20)]
ADDRESS = "/payments/v1/receipts"
PER_PAGE = 100


@routes.get("/receipts")
async def show_receipts(visit: Reads, wanted: WantedPeriod, method: By = "", cursor: str | None = None) -> Response:
    """What was received, in order; of this month where no day is named."""
    period, form = await _usual(visit, wanted)
    chosen = method if method in METHODS else ""
    found, sums = await asyncio.gather(
        part(visit.api.get(ADDRESS, **period.query, method=chosen or None, limit=PER_PAGE, cursor=cursor)),
        part(visit.api.get(f"{ADDRESS}/sums", **period.query)),
    )
    return await visit.page(
        "receipts/list.html",
        found=found,
        sums=sums,
        period=period,
        form=form,
        methods=METHODS,
        chosen=chosen,
        first=cursor is None,
    )


@routes.get("/receipts.xlsx")
async def export_xlsx(visit: Reads, wanted: WantedPeriod, method: By = "") -> Response:
    """The same payments, all of them, as XLSX."""
    return await as_xlsx(visit, await _exported(visit, wanted, method), *_titles(visit), totals=True)


@routes.get("/receipts.csv")
async def export_csv(visit: Reads, wanted: WantedPeriod, method: By = "") -> Response:
    """The same payments, all of them, as CSV."""
    return await as_csv(visit, await _exported(visit, wanted, method), _titles(visit)[0])


async def _usual(visit: Visit, wanted: tuple[Period, Form]) -> tuple[Period, Form]:
    """The period of the address; this month where it names no day."""
    period, form = wanted
    if period.since or period.until or form.errors:
        return wanted
    today = await visit.today()
    return Period(f"{today[:7]}-01", today), form


async def _exported(visit: Visit, wanted: tuple[Period, Form], method: str) -> Source:
    period, _ = await _usual(visit, wanted)
    chosen = method if method in METHODS else None
    return visit.api.stream(f"{ADDRESS}.csv", **period.query, method=chosen, language=visit.language.code)


def _titles(visit: Visit) -> tuple[str, str]:
    """The name of the file and the title of its sheet."""
    return visit.gettext("payments-received"), visit.gettext("Payments received")
