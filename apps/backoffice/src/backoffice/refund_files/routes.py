"""The pages of refunds by transfer: files are built, downloaded, sent, and what became of them (PAY-18)."""

import asyncio
from typing import Annotated

from starlette.responses import Response

from backoffice.apis import Problem, ServiceAwayError, part, quoted
from backoffice.bank_files.calls import CODES
from backoffice.problems import sentence
from backoffice.refund_files import calls
from backoffice.refund_files.calls import FILES, PER_PAGE, path_of
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.papers import xml_saved

routes = pages()

Reads = Annotated[Visit, needs("payments:read")]
Collects = Annotated[Visit, needs("payments:read", "payments:collect")]
HIGHEST = 10**9


@routes.get("/refund-files")
async def show_refund_files(visit: Reads, cursor: str | None = None) -> Response:
    """The files, the newest first."""
    found = await part(visit.api.get(FILES, limit=PER_PAGE, cursor=cursor))
    return await visit.page("refund_files/list.html", found=found, statuses=calls.STATUSES, first=cursor is None)


@routes.get("/refund-files/new")
async def begin_refund_file(visit: Collects) -> Response:
    """What would be in a file; nothing is saved."""
    return await _new_page(visit, visit.form())


@routes.post("/refund-files/new")
async def build_refund_file(visit: Collects) -> Response:
    """Build the file that was shown."""
    form = await visit.sent()
    try:
        built = await visit.api.send(FILES, key=form.key)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _new_page(visit, form, 422)
    file = built.body["refund_file"]
    if file is None:
        text = visit.gettext("No transfer could be made: these bank accounts were erased. The amounts are paid again.")
        return visit.to("/refund-files", text)
    return visit.to(
        f"/refund-files/{quoted(file['id'])}",
        visit.gettext("The file is built. Download it and hand it to the bank."),
    )


async def _new_page(visit: Visit, form: Form, status: int = 200) -> Response:
    preview = refusal = None
    try:
        preview = await visit.api.preview(f"{FILES}/preview", None)
    except Problem as fault:
        refusal = sentence(fault, visit.language, await visit.currency())
    return await visit.page("refund_files/new.html", status, form=form, preview=preview, refusal=refusal)


@routes.get("/refund-files/{file}")
async def show_refund_file(visit: Reads, file: str, cursor: str | None = None) -> Response:
    """A file with its refunds, and what can be done with it."""
    path = path_of(file)
    found, refunds = await asyncio.gather(
        visit.api.read(path), visit.api.get(f"{path}/refunds", limit=calls.MOST_SHOWN, cursor=cursor)
    )
    return await visit.page(
        "refund_files/file.html",
        file=found.body,
        version=found.version,
        refunds=refunds,
        statuses=calls.STATUSES,
        states=calls.REFUNDS,
        reasons=calls.REASONS,
        codes=CODES,
        first=cursor is None,
    )


@routes.post("/refund-files/{file}")
async def move_refund_file(visit: Collects, file: str) -> Response:
    """It was sent, or is taken back, or the bank has made the transfers."""
    form = await visit.sent()
    do = form.choice("do", calls.MOVES)
    version = form.whole("version", least=0, most=HIGHEST)
    if do not in calls.MOVES:
        return visit.to(f"/refund-files/{quoted(file)}")
    move, done = calls.MOVES[do]
    await visit.api.send(f"{path_of(file)}/{move}", key=form.key, version=version)
    return visit.to(f"/refund-files/{quoted(file)}", visit.gettext(done))


@routes.get("/refund-files/{file}/file")
async def download_refunds(visit: Collects, file: str) -> Response:
    """The file for the bank."""
    return await xml_saved(visit, f"{path_of(file)}/file", f"refunds-{quoted(file)}")


@routes.get("/refund-files/{file}/{refund}/failed")
async def begin_failure(visit: Collects, file: str, refund: str) -> Response:
    """The form of a refund that did not go through."""
    return await _failure_page(visit, file, refund, visit.form())


@routes.post("/refund-files/{file}/{refund}/failed")
async def record_failure(visit: Collects, file: str, refund: str) -> Response:
    """Record why it did not go through."""
    form = await visit.sent()
    body = {"reason": form.choice("reason", calls.REASONS)}
    if not form.wrong:
        try:
            await visit.api.send(f"{path_of(file)}/refunds/{quoted(refund)}/failure", body, key=form.key)
        except (Problem, ServiceAwayError) as fault:
            form.refuse(fault, await visit.currency())
        else:
            text = visit.gettext("The refund is recorded as not gone through: the amount is to be refunded again.")
            return visit.to(f"/refund-files/{quoted(file)}", text)
    return await _failure_page(visit, file, refund, form, 422)


async def _failure_page(visit: Visit, file: str, refund: str, form: Form, status: int = 200) -> Response:
    reasons = visit.translated(calls.REASONS)
    return await visit.page("refund_files/failed.html", status, file=file, refund=refund, form=form, reasons=reasons)
