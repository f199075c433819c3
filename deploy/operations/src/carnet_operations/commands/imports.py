"""`carnet import`."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from carnet_operations.commands.import_words import Words
from carnet_operations.errors import CommandError
from carnet_operations.home import carnet_home
from carnet_operations.running import read_state
from carnet_operations.terminal import faults_shown, out

MOST_SHOWN = 100
MOST_STEPS = 50
"""How often it says how far a job is, at the most."""

PAUSE = 0.5
"""Seconds between two looks at a job."""

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="XLSX or CSV files: families, contracts, purchases, instalments, credits, packs."),
]
Url = Annotated[
    str | None, typer.Option(envvar="CARNET_URL", help="The address of the front; by default of the running suite's.")
]
Token = Annotated[
    str,
    typer.Option(
        envvar="CARNET_TOKEN",
        help="A token with contracts:import, contracts:read and catalog:read; `carnet token` prints one.",
    ),
]
Run = Annotated[bool, typer.Option("--run", help="Import what has no problem; without, nothing is changed.")]
Totals = Annotated[Path | None, typer.Option(help="A CSV file to write the totals of each family to.")]
Columns = Annotated[
    Path | None,
    typer.Option(help="A JSON file that says what the columns of files mean that are no templates; see docs/staff."),
]
Template = Annotated[Path | None, typer.Option(help="A folder to write the templates to, instead of reading files.")]
Language = Annotated[
    Literal["fr", "en"] | None,
    typer.Option(
        help="Of what it says, of templates, and of mails where the file says none. By default it speaks English, and "
        "templates and mails are French."
    ),
]


@dataclass(frozen=True, slots=True)
class _Options:
    """What is to be done."""

    files: Sequence[Path]
    columns: Path | None
    words: Words
    language: str
    """Of mails where the file says none."""
    totals: Path | None
    run: bool


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(name="import")(import_files)


def import_files(  # noqa: PLR0917 # the options of the command line
    files: Files = None,
    url: Url = None,
    token: Token = "",
    run: Run = False,  # an option of the command line
    totals: Totals = None,
    columns: Columns = None,
    template: Template = None,
    language: Language = None,
) -> None:
    """Look through files of another system, and with --run import their families; exit code 1 if something is wrong."""
    with faults_shown():
        if template is not None:
            _write_templates(template, language or "fr", Words(language or "en"))
            return
        if not files:
            raise CommandError("Name the files to import, or a folder with --template to have the templates written.")
        if not token:
            raise CommandError(
                "Give a token with --token, or in CARNET_TOKEN; of a local suite `carnet token` prints one."
            )
        right = _reached(
            _Options(files, columns, Words(language or "en"), language or "fr", totals, run), front_of(url), token
        )
    raise typer.Exit(0 if right else 1)


def front_of(url: str | None) -> str:
    """The address of the front that was given, or that of the suite that runs on this machine."""
    if url is not None:
        return url
    try:
        return read_state(carnet_home()).front
    except CommandError as error:
        raise CommandError(f"{error} Or give the address of a front with --url, or in CARNET_URL.") from error


def _reached(asked: _Options, url: str, token: str) -> bool:
    import httpx  # noqa: PLC0415 # needed by this command only

    try:
        return asyncio.run(_import(asked, url, token))
    except httpx.TransportError as error:
        raise CommandError(
            f"Carnet does not answer at {url}: check --url (CARNET_URL), and that it runs. Run the command again then: "
            "a family that was imported meanwhile is not imported twice."
        ) from error


def _write_templates(folder: Path, language: str, words: Words) -> None:
    from carnet.importing.templates import comma_separated, workbook  # noqa: PLC0415 # needed by this command only

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {f"carnet-{language}.xlsx": workbook(language), **comma_separated(language)}.items():
        (folder / name).write_bytes(content)
        out.print(words("written", path=folder / name))


async def _import(asked: _Options, url: str, token: str) -> bool:
    import httpx  # noqa: PLC0415 # needed by this command only

    from carnet.ids import new_id  # noqa: PLC0415 # likewise
    from carnet.importing.sending import Found, RefusedError, look_through  # noqa: PLC0415 # likewise

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def send(path: str, body: Any) -> tuple[int, Any]:
            answer = await client.post(f"/contracts{path}", json=body, headers={"Idempotency-Key": new_id()})
            return answer.status_code, answer.json()

        profile = await client.get("/catalog/v1/organisation")
        if profile.status_code != 200:
            raise CommandError(f"The organisation cannot be read: {profile.json().get('detail', profile.status_code)}")
        currency, words = profile.json()["currency"], asked.words
        kept = await client.get("/contracts/v1/import-columns")
        with ExitStack() as opened:
            reading = _read(asked, opened, currency, kept.json()["items"] if kept.status_code == 200 else [])

        def show(found: Found) -> None:
            if found.looked_at % 1_000 < 50:
                out.print(words("looked", done=found.looked_at, all=len(reading.families)))

        try:
            with _totals(asked.totals, currency, words) as note:
                found = await look_through(reading, send, show, note)
        except RefusedError as error:
            raise CommandError(words("refused", why=error)) from error
        _report(found, currency, words)
        if not asked.run:
            await send(f"/v1/imports/{found.import_}/discarding", {})
            out.print(words("nothing-done"))
            return not found.problems
        return await _run(client, send, found, words) and not found.problems


def _read(asked: _Options, opened: ExitStack, currency: str, kept: Sequence[Any]) -> Any:
    """What the files say; ``kept`` is what the organisation has chosen of columns, as the API has it."""
    from carnet.importing.families import read_families  # noqa: PLC0415 # needed by this command only
    from carnet.importing.mapping import UnknownColumnsError, read_columns  # noqa: PLC0415 # likewise
    from carnet.importing.problems import FileError  # noqa: PLC0415 # likewise
    from carnet.importing.tables import read_tables  # noqa: PLC0415 # likewise
    from carnet.importing.words import file_sentence  # noqa: PLC0415 # likewise

    words = asked.words
    given = _columns_file(asked.columns) if asked.columns else []
    try:
        named = [(file.name, opened.enter_context(file.open("rb"))) for file in asked.files]
        tables = [table for name, file in named for table in read_tables(name, file)]
        chosen = [each.of(table.titles) for each in given for table in tables if each.serves(table.titles)]
        return read_families(tables, currency, asked.language, [*chosen, *map(read_columns, kept)])
    except UnknownColumnsError as error:
        proposed = {"columns": dict(error.proposal.columns), "constants": dict(error.proposal.constants)}
        raise CommandError(
            "\n".join(
                (
                    file_sentence(error, words.language),
                    words("headings", headings=", ".join(each for each in error.table.titles if each)),
                    words("columns", file=json.dumps(proposed, ensure_ascii=False)),
                )
            )
        ) from error
    except FileError as error:
        raise CommandError(file_sentence(error, words.language)) from error
    except OSError as error:
        raise CommandError(str(error)) from error


def _columns_file(path: Path) -> list[Any]:
    """What the columns of files mean, by a JSON file: one mapping, or a list of them (IMP-4)."""
    from carnet.importing.mapping import read_columns  # noqa: PLC0415 # needed by this command only

    try:
        content = json.loads(path.read_text("utf-8"))
        return [read_columns(each) for each in (content if isinstance(content, list) else [content])]
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be used: {error}.") from error


def _report(found: Any, currency: str, words: Words) -> None:
    from carnet.importing.sending import SUMS  # noqa: PLC0415 # likewise
    from carnet.importing.words import cell_sentence  # noqa: PLC0415 # likewise
    from carnet.spreadsheets import FORMS, decimal  # noqa: PLC0415 # needed by this command only

    for each in found.problems[:MOST_SHOWN]:
        sentence, place = cell_sentence(each, words.language), "cell" if each.column else "line"
        line = words(place, sheet=each.sheet, row=each.row, column=each.column, sentence=sentence)
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    more = len(found.problems) + found.problems_left_out - MOST_SHOWN
    if more > 0:
        out.print(words("more", count=more))
    counts = {name: found.count(name) for name in ("new", "unchanged", "changed", "wrong")}
    out.print(", ".join(f"{count} {words(name)}" for name, count in counts.items()))
    point = FORMS[words.language].decimal_point
    sums = (f"{words(name)} {decimal(found.sum(name), currency, point)} {currency}" for name in SUMS)
    out.print(words("sums", sums=" ; ".join(sums) if point == "," else ", ".join(sums)), soft_wrap=True)


@contextmanager
def _totals(file: Path | None, currency: str, words: Words) -> Iterator[Callable[[Any], None]]:
    """What each family comes to, written to a CSV file as it is found; nothing if no file is named."""
    from carnet.importing.sending import SUMS  # noqa: PLC0415 # needed by this command only
    from carnet.spreadsheets import FORMS, decimal, text  # noqa: PLC0415 # likewise

    form = FORMS[words.language]
    if file is None:
        yield lambda _: None
        return
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened, delimiter=form.separator)
        writer.writerow([words(each) for each in ("family", "owner", "standing", *SUMS, "sessions")])

        def write(each: Any) -> None:
            amounts = (decimal(each.sums[name], currency, form.decimal_point) if each.sums else "" for name in SUMS)
            standing = words(f"is-{each.standing}")
            writer.writerow((text(each.key), text(each.owner), standing, *amounts, each.sessions))

        yield write


async def _run(client: Any, send: Any, found: Any, words: Words) -> bool:
    """Run the import and wait for its job; whether all of it was done."""
    if not found.waiting:
        out.print(words("nothing-new"))
        return True
    status, job = await send(f"/v1/imports/{found.import_}/run", {})
    if status != 202:
        raise CommandError(words("refused", why=job.get("detail", status)))
    shown = -1
    while job["status"] not in ("done", "cancelled"):
        expected = job["expected"] or found.waiting
        if shown < 0 or job["done"] - shown >= expected / MOST_STEPS:
            shown = job["done"]
            out.print(words("imported-so-far", done=shown, all=expected))
        await asyncio.sleep(PAUSE)
        job = (await client.get(f"/contracts/v1/jobs/{job['id']}")).json()
    imported = words("imported-one") if job["done"] == 1 else words("imported", count=job["done"])
    counts = {name: job[name] for name in ("refused", "failed")}
    out.print(words("ended", imported=imported, job=job["id"], **counts))
    report = (await client.get(f"/contracts/v1/jobs/{job['id']}/report")).json()["items"]
    for line in report[:MOST_SHOWN]:
        out.print(f"{line['item']}: {words.known(line['problem'], line['detail'])}", markup=False, soft_wrap=True)
    return not (job["refused"] or job["failed"])
