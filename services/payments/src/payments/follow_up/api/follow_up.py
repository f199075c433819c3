"""The payment follow-up (PAY-9): every contract with what is paid, due, late and to refund."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from carnet.http import Page, PageAsked, router
from carnet.http.spreadsheets import FormAsked, download
from payments.access import StaffReads, today_of
from payments.follow_up.api.export import HEADER, cells
from payments.follow_up.store.rows import Filter, Selection, Sorting, follow_up, whole_follow_up
from payments.schedules.api.views import FollowUpView

routes = router(tags=["follow-up"])


async def _selection(
    call: StaffReads,
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
            "credit that has not answered yet; awaiting correction is a refund line of an online contract; lost is "
            "what the bank took back after it was settled, until somebody has dealt with it."
        ),
    ] = None,
    sort: Sorting = "name",
    order: Literal["asc", "desc"] = "asc",
) -> Selection:
    return Selection(
        organisation=call.organisation,
        today=await today_of(call),
        search=search,
        only=status,
        sorting=sort,
        descending=order == "desc",
    )


SelectionAsked = Annotated[Selection, Depends(_selection)]


@routes.get("/follow-up")
async def list_follow_up(call: StaffReads, selection: SelectionAsked, page: PageAsked) -> Page[FollowUpView]:
    """The contracts of the organisation, filtered, sorted and page by page."""
    found = await follow_up(call.database, selection, after=_after(selection, page), limit=page.fetch)
    return page.of(found, place=selection.key_of, show=lambda row: FollowUpView.of(row, selection.today))


@routes.get("/follow-up.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def export_follow_up(call: StaffReads, selection: SelectionAsked, form: FormAsked) -> StreamingResponse:
    """The same contracts, all of them, as CSV that the spreadsheets of a language open."""
    lines = (cells(row, selection.today) async for row in whole_follow_up(call.database, selection))
    return download(f"follow-up-{selection.today.isoformat()}.csv", HEADER, lines, form)


def _after(selection: Selection, page: PageAsked) -> tuple[str | int, str] | None:
    return page.after(str, str) if selection.sorting in {"name", "late_since"} else page.after(int, str)
