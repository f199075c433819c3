"""The pages of families from other software: choose files, look at what is found, import it (IMP-1, IMP-2)."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated, BinaryIO

from starlette.datastructures import UploadFile
from starlette.responses import Response

from backoffice.apis import Json, Problem, quoted
from backoffice.imports import columns, words
from backoffice.imports.looking import CONTRACTS, Looking, copied, lookings_of
from backoffice.problems import sentence
from backoffice.web import Form, Visit, needs, pages
from backoffice.web.spreadsheets import XLSX
from backoffice.web.waiting import job_page, loads_again
from carnet.ids import new_id
from carnet.importing.families import read_families, sources_by_sheet
from carnet.importing.mapping import Columns, UnknownColumnsError
from carnet.importing.problems import FileError
from carnet.importing.tables import Table, read_tables
from carnet.importing.templates import workbook
from carnet.importing.words import file_sentence
from carnet.money import Money

routes = pages()

Imports = Annotated[Visit, needs("contracts:import", "contracts:read", "catalog:read")]
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
    with ExitStack() as opened:
        try:
            await _tables(visit, opened, others)
        except UnknownColumnsError as unknown:
            return await columns.choosing_page(visit, unknown, form, 422)
        except FileError as error:
            form.refusal = file_sentence(error, visit.language.code)
    return await visit.page("imports/begin.html", 422, form=form)


async def _look(visit: Visit, form: Form, kept: Sequence[Columns]) -> Response:
    currency, chosen = await visit.currency(), [] if form.ticked("columns") else kept
    with ExitStack() as opened:
        try:
            tables = await _tables(visit, opened, chosen)
        except UnknownColumnsError as unknown:
            exact = next((each for each in kept if each.is_of(unknown.table.titles)), None)
            if exact is not None:
                unknown.proposal = exact
            return await columns.choosing_page(visit, unknown, visit.form())
        except FileError as error:
            return await _refused(visit, error, form)
        begun = await visit.api.send(f"{CONTRACTS}/v1/imports", {}, key=new_id())
        looking = Looking(begun.body["id"], visit.person.organisation, visit.api)
        read = partial(read_families, tables, currency, visit.language.code, chosen)
        lookings_of(visit.request.app).begin(looking, opened.pop_all(), read)
    if not await looking.waited(lookings_of(visit.request.app).patience):
        return visit.to(f"/imports/{quoted(looking.import_)}")
    return await _ended(visit, looking, form)


async def _ended(visit: Visit, looking: Looking, form: Form) -> Response:
    """What was found, or why it was not."""
    if isinstance(looking.fault, FileError):
        lookings_of(visit.request.app).forget(looking.import_)
        return await _refused(visit, looking.fault, form)
    if looking.fault is not None:
        lookings_of(visit.request.app).forget(looking.import_)
        raise looking.fault
    return await _found_page(visit, looking)


async def _refused(visit: Visit, error: FileError, form: Form) -> Response:
    form.refusal = file_sentence(error, visit.language.code)
    return await visit.page("imports/begin.html", 422, form=form)


async def _found_page(visit: Visit, looking: Looking) -> Response:
    found, language, currency = looking.found, visit.language, await visit.currency()
    assert found is not None  # noqa: S101 # it has ended without a fault
    return await visit.page(
        "imports/found.html",
        found=found,
        problems=[words.problem_shown(each, language) for each in found.problems[:MOST_SHOWN]],
        more=max(len(found.problems) + found.problems_left_out - MOST_SHOWN, 0),
        families=found.families[:MOST_SHOWN],
        standings=words.STANDINGS,
        money=lambda amount: Money(amount=amount, currency=currency).model_dump(),
        form=visit.form(),
    )


async def _tables(visit: Visit, opened: ExitStack, kept: Sequence[Columns]) -> list[Table]:
    """The tables of the files that were sent, with headings that are known; rows are read while it is ``opened``."""
    sent = (await visit.request.form()).getlist("files")
    named = [(each.filename, each.file) for each in sent if isinstance(each, UploadFile) and each.filename]
    return await asyncio.to_thread(_opened, named, opened, kept)


def _opened(files: Sequence[tuple[str, BinaryIO]], opened: ExitStack, kept: Sequence[Columns]) -> list[Table]:
    if not files:
        raise FileError("no-file", "", "There is no file. Choose one.")
    if len(files) > MOST_FILES:
        most = str(MOST_FILES)
        raise FileError("too-many-files", "", f"There are more than {most} files.", {"most": (most, most)})
    tables = [table for name, file in copied(files, opened) for table in read_tables(name, file)]
    sources_by_sheet(tables, kept)
    return tables


@routes.post("/imports/{import_}/run")
async def run_import(visit: Imports, import_: str) -> Response:
    """Import the families that wait."""
    form = await visit.sent()
    await visit.api.send(f"{CONTRACTS}/v1/imports/{quoted(import_)}/run", {}, key=form.key)
    lookings_of(visit.request.app).forget(import_)
    return visit.to(f"/imports/{quoted(import_)}")


@routes.post("/imports/{import_}/discarding")
async def discard_import(visit: Imports, import_: str) -> Response:
    """Forget what waits, and look no further."""
    form = await visit.sent()
    if lookings_of(visit.request.app).of(import_, visit.person.organisation) is not None:
        lookings_of(visit.request.app).forget(import_)
    await visit.api.send(f"{CONTRACTS}/v1/imports/{quoted(import_)}/discarding", {}, key=form.key)
    return visit.to("/imports", visit.gettext("Nothing was imported."))


@routes.get("/imports/{import_}")
async def show_import(visit: Imports, import_: str) -> Response:
    """How far an import is. The page reloads itself until its files are looked through, and until it has ended."""
    batch: Json = await visit.api.get(f"{CONTRACTS}/v1/imports/{quoted(import_)}")
    looking = lookings_of(visit.request.app).of(import_, visit.person.organisation)
    if looking is not None and batch["job"] is None and not batch["discarded"]:
        looking.follow(visit.api)
        if looking.done:
            return await _ended(visit, looking, visit.form())
        return loads_again(await visit.page("imports/looking.html", looking=looking, form=visit.form()))
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
