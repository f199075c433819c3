"""The pages of families from other software: choose files, look at what is found, import it (IMP-1, IMP-2)."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, BinaryIO

from starlette.datastructures import UploadFile
from starlette.responses import Response

from backoffice.apis import Json, Problem, quoted
from backoffice.imports import columns, words
from backoffice.problems import sentence
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.spreadsheets import XLSX
from backoffice.web.waiting import job_page
from carnet.ids import new_id
from carnet.importing.families import Reading, read_families
from carnet.importing.mapping import Columns, UnknownColumnsError
from carnet.importing.problems import FileError
from carnet.importing.sending import Found, RefusedError, look_through
from carnet.importing.tables import read_tables
from carnet.importing.templates import workbook
from carnet.importing.words import file_sentence
from carnet.money import Money

routes = pages()

Imports = Annotated[Visit, needs("contracts:import", "contracts:read", "catalog:read")]
CONTRACTS = "/contracts"
MOST_FILES, MOST_SHOWN = 20, 200


@routes.get("/imports")
async def begin_import(visit: Imports) -> Response:
    """Choose the files, or take a template."""
    return await visit.page("imports/begin.html", form=visit.form())


@routes.get("/imports/template.xlsx")
async def download_template(visit: Imports) -> Response:
    """The template as a workbook, in the language of the person."""
    content = await asyncio.to_thread(workbook, visit.language.code)
    name = visit.gettext("families-to-import")
    return Response(content, media_type=XLSX, headers={"content-disposition": f'attachment; filename="{name}.xlsx"'})


@routes.post("/imports")
async def look_at_files(visit: Imports) -> Response:
    """Say what is wrong in the files, and what would be imported; nothing is imported yet."""
    form = await visit.sent()
    return await _look(visit, form, await columns.kept_of(visit))


@routes.post("/imports/columns")
async def choose_columns(visit: Imports) -> Response:
    """Keep what the columns of a file mean, and look through the files with that (IMP-4)."""
    form = await visit.sent()
    chosen = columns.chosen(form)
    kept = await columns.kept_of(visit)
    if form.wrong or not chosen.columns:
        return await _choose_again(visit, form, chosen, kept)
    body = {"headings": chosen.headings, "columns": chosen.columns, "constants": chosen.constants}
    await visit.api.send(columns.PATH, body, key=form.key, method="PUT")
    return await _look(visit, form, [chosen, *kept])


async def _choose_again(visit: Visit, form: Form, chosen: Columns, kept: list[Columns]) -> Response:
    """The page again, with what lacks: the rows are those of the files that were sent with it."""
    for name in form.errors:
        form.errors[name] = visit.gettext("Choose a column, or say what every row says.")
    if not chosen.columns:
        form.refusal = visit.gettext("Choose what at least one column means.")
    others = [each for each in kept if not each.is_of(chosen.headings)]
    try:
        await _read(visit, await visit.currency(), others)
    except UnknownColumnsError as unknown:
        return await columns.choosing_page(visit, unknown, form, 422)
    except FileError as error:
        form.refusal = file_sentence(error, visit.language.code)
    return await visit.page("imports/begin.html", 422, form=form)


async def _look(visit: Visit, form: Form, kept: Sequence[Columns]) -> Response:
    currency = await visit.currency()
    try:
        reading = await _read(visit, currency, kept if not form.ticked("columns") else [])
    except UnknownColumnsError as unknown:
        exact = next((each for each in kept if each.is_of(unknown.table.titles)), None)
        if exact is not None:
            unknown.proposal = exact
        return await columns.choosing_page(visit, unknown, visit.form())
    except FileError as error:
        form.refusal = file_sentence(error, visit.language.code)
        return await visit.page("imports/begin.html", 422, form=form)
    found = await _looked_through(visit, reading)
    language = visit.language
    return await visit.page(
        "imports/found.html",
        found=found,
        problems=[words.said(each, language) for each in found.problems[:MOST_SHOWN]],
        more=max(len(found.problems) + found.problems_left_out - MOST_SHOWN, 0),
        families=found.families[:MOST_SHOWN],
        standings=words.STANDINGS,
        money=lambda amount: Money(amount=amount, currency=currency).model_dump(),
        form=visit.form(),
    )


async def _read(visit: Visit, currency: str, kept: Sequence[Columns]) -> Reading:
    """What the files say that were sent: read where they were put down, row by row."""
    sent = (await visit.request.form()).getlist("files")
    named = [(each.filename, each.file) for each in sent if isinstance(each, UploadFile) and each.filename]
    return await asyncio.to_thread(_read_files, named, currency, visit.language.code, kept)


def _read_files(
    files: Sequence[tuple[str, BinaryIO]], currency: str, language: str, kept: Sequence[Columns]
) -> Reading:
    if not files:
        raise FileError("no-file", "", "There is no file. Choose one.")
    if len(files) > MOST_FILES:
        most = str(MOST_FILES)
        raise FileError("too-many-files", "", f"There are more than {most} files.", {"most": (most, most)})
    tables = [table for name, file in files for table in read_tables(name, file)]
    return read_families(tables, currency, language, kept)


async def _looked_through(visit: Visit, reading: Reading) -> Found:
    async def send(path: str, body: Any) -> tuple[int, Any]:
        try:
            answer = await visit.api.send(f"{CONTRACTS}{path}", body, key=new_id())
        except Problem as problem:
            errors = [{"field": field, "problem": ""} for field in problem.fields]
            return problem.status, {"errors": errors, "params": problem.params}
        return answer.status, answer.body

    try:
        return await look_through(reading, send)
    except RefusedError as error:
        raise Problem(error.status, "internal") from error


@routes.post("/imports/{import_}/run")
async def run_import(visit: Imports, import_: str) -> Response:
    """Import the families that wait."""
    form = await visit.sent()
    await visit.api.send(f"{CONTRACTS}/v1/imports/{quoted(import_)}/run", {}, key=form.key)
    return visit.to(f"/imports/{quoted(import_)}")


@routes.post("/imports/{import_}/discarding")
async def discard_import(visit: Imports, import_: str) -> Response:
    """Forget what waits."""
    form = await visit.sent()
    await visit.api.send(f"{CONTRACTS}/v1/imports/{quoted(import_)}/discarding", {}, key=form.key)
    return visit.to("/imports", visit.gettext("Nothing was imported."))


@routes.get("/imports/{import_}")
async def show_import(visit: Imports, import_: str) -> Response:
    """How far an import is. The page loads itself again until it has ended."""
    batch: Json = await visit.api.get(f"{CONTRACTS}/v1/imports/{quoted(import_)}")
    if batch["job"] is None:
        return await visit.page("imports/waiting.html", batch=batch, form=visit.form())
    path = f"{CONTRACTS}/v1/jobs/{quoted(batch['job'])}"
    job, report = await asyncio.gather(visit.api.get(path), visit.api.get(f"{path}/report", limit=100))
    currency = await visit.currency()

    def why(line: Json) -> str:
        return sentence(Problem(409, line["problem"], {}), visit.language, currency)

    return await job_page(
        visit,
        "imports/job.html",
        job,
        batch=batch,
        report=report,
        why=why,
    )
