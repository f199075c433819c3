"""The payment follow-up as a page, as CSV and as XLSX."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from backoffice.apis import part
from backoffice.follow_up.calls import FILTERS, ORDERS, Selection, exported, follow_up, states
from backoffice.web import Visit, needs, pages
from backoffice.web.spreadsheets import as_csv, as_xlsx

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]


def _asked(search: Annotated[str, Query(max_length=200)] = "", status: str = "", sort: str = "name") -> Selection:
    return Selection(search.strip(), status if status in FILTERS else "", sort if sort in ORDERS else "name")


SelectionAsked = Annotated[Selection, Depends(_asked)]


@routes.get("/follow-up")
async def show_follow_up(visit: Reads, asked: SelectionAsked, cursor: str | None = None) -> Response:
    """The contracts, filtered, sorted and page by page."""
    found = await part(follow_up(visit.api, asked, cursor))
    return await visit.page(
        "follow_up/list.html",
        asked=asked,
        found=found,
        filters=FILTERS,
        orders=ORDERS,
        states=states,
        first=cursor is None,
    )


@routes.get("/follow-up.csv")
async def export_csv(visit: Reads, asked: SelectionAsked) -> Response:
    """The same contracts, all of them, as CSV."""
    return await as_csv(visit, exported(visit.api, asked, visit.language.code), visit.gettext("payment-follow-up"))


@routes.get("/follow-up.xlsx")
async def export_xlsx(visit: Reads, asked: SelectionAsked) -> Response:
    """The same contracts, all of them, as XLSX."""
    name, title = visit.gettext("payment-follow-up"), visit.gettext("Payment follow-up")
    return await as_xlsx(visit, exported(visit.api, asked, visit.language.code), name, title, totals=True)
