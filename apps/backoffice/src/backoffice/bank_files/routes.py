"""The pages of the bank's files: one is sent, and its report stays (PAY-18)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Json, Problem, ServiceAwayError, part, quoted
from backoffice.bank_files import calls
from backoffice.bank_files.calls import FILES, LEFT, PER_PAGE, path_of
from backoffice.web import Form, Visit, loads_again, needs, pages
from backoffice.web.waiting import MOVING

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]


@routes.get("/bank-files")
async def show_files(visit: Reads, cursor: str | None = None) -> Response:
    """The files that were sent, the newest first, and where the next one is chosen."""
    return await _list_page(visit, visit.form(), cursor)


@routes.post("/bank-files")
async def send_file(visit: Collects) -> Response:
    """Send the file that was chosen; what it comes to is on its own page."""
    form = await visit.sent()
    name, content = await visit.uploaded("file", most=calls.LARGEST)
    if not content:
        form.error("file", visit.gettext("Choose the file first."))
    elif len(content) > calls.LARGEST:
        form.error(
            "file", visit.gettext("This file has more than 2 MB. Ask the bank for the statements of fewer days.")
        )
    else:
        try:
            sent = await visit.api.send(FILES, calls.body_of(name or visit.gettext("file"), content), key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency(), calls.REFUSED_FILES)
        else:
            return visit.to(f"/bank-files/{quoted(sent.body['id'])}")
    return await _list_page(visit, form, None, 422)


async def _list_page(visit: Visit, form: Form, cursor: str | None, status: int = 200) -> Response:
    found = await part(visit.api.get(FILES, limit=PER_PAGE, cursor=cursor))
    return await visit.page(
        "bank_files/list.html",
        status,
        found=found,
        form=form,
        kinds=calls.KINDS,
        left=left_of,
        first=cursor is None,
        moving=MOVING,
    )


@routes.get("/bank-files/{file}")
async def show_file(visit: Reads, file: str, cursor: str | None = None) -> Response:
    """What a file came to: first what is left to staff. The page reloads itself while the file is applied."""
    path = path_of(file)
    found, left, others = await asyncio.gather(
        visit.api.get(path),
        visit.api.get(f"{path}/lines", left="true", limit=calls.LINES),
        visit.api.get(f"{path}/lines", left="false", limit=calls.LINES, cursor=cursor),
    )
    moving = found["status"] in MOVING
    page = await visit.page(
        "bank_files/file.html",
        file=found,
        left=left,
        others=others,
        moving=moving,
        kinds=calls.KINDS,
        meanings={**calls.DONE, **LEFT},
        codes=calls.CODES,
        first=cursor is None,
    )
    return loads_again(page) if moving else page


def left_of(file: Json) -> int:
    """How many lines of a file are left to staff."""
    return sum(count for outcome, count in file["outcomes"].items() if outcome in LEFT)
