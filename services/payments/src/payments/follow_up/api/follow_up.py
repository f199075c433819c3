"""The payment follow-up (PAY-9): every contract with what is paid, due, late and to refund."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from carnet.http import Page, PageAsked, router
from payments.access import Reads, today_of
from payments.follow_up.api.export import as_csv
from payments.follow_up.api.spreadsheets import download
from payments.follow_up.store import Filter, Sorting, Wanted, follow_up, whole_follow_up
from payments.schedules.api.views import FollowUpView

routes = router(tags=["follow-up"])


async def _wanted(
    call: Reads,
    search: Annotated[
        str,
        Query(
            max_length=200,
            description="Beginnings of words of the family's names, or of the contract's or the account's number.",
        ),
    ] = "",
    status: Annotated[
        Filter | None,
        Query(
            description="Late means planned before the organisation's today, in attempt at the provider or paid by a "
            "credit that has not answered yet; awaiting correction is a refund line of an online contract."
        ),
    ] = None,
    sort: Sorting = "name",
    order: Literal["asc", "desc"] = "asc",
) -> Wanted:
    call.principal.require_staff()
    return Wanted(
        organisation=call.organisation,
        today=await today_of(call),
        search=search,
        only=status,
        sorting=sort,
        descending=order == "desc",
    )


Asked = Annotated[Wanted, Depends(_wanted)]


@routes.get("/follow-up")
async def contracts(call: Reads, wanted: Asked, page: PageAsked) -> Page[FollowUpView]:
    """The contracts of the organisation, filtered, sorted and page by page."""
    found = await follow_up(call.database, wanted, after=_after(wanted, page), limit=page.fetch)
    return page.of(found, place=wanted.key_of, show=lambda row: FollowUpView.of(row, wanted.today))


@routes.get("/follow-up.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def spreadsheet(call: Reads, wanted: Asked) -> StreamingResponse:
    """The same contracts, all of them, as CSV for spreadsheets: amounts are decimal numbers with a point."""
    name = f"follow-up-{wanted.today.isoformat()}.csv"
    return download(name, as_csv(whole_follow_up(call.database, wanted), wanted.today))


def _after(wanted: Wanted, page: PageAsked) -> tuple[str | int, str] | None:
    return page.after(str, str) if wanted.sorting in {"name", "late_since"} else page.after(int, str)
