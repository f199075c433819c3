"""What the columns of a file mean, chosen on a page and kept for the next file with the same headings (IMP-4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from backoffice.apis import Json
from backoffice.languages import N_, Language
from backoffice.web import Form, Visit
from carnet.importing.columns import Sheet
from carnet.importing.mapping import SHOWN_ROWS, Columns, UnknownColumnsError, read_columns, targets
from carnet.importing.tables import Cell, Fault, Formula, Table
from carnet.importing.words import FILES, file_sentence

PATH = "/contracts/v1/import-columns"
COLUMN, CONSTANT, HEADING = "column.", "constant.", "heading"
"""What the names of the fields begin with."""

LONGEST = 120
"""Characters of a heading, or of what every row says."""

WORDS: Mapping[str, str] = {
    "people.role": N_("owner, adult, child or contact"),
    "people.language": N_("fr or en"),
    "contracts.mode": N_("online or on site"),
    "instalments.state": N_("paid or planned"),
    "instalments.method": N_("cash, cheque, transfer, card or direct debit"),
    "lines.vat_rate": N_("20, 5,5 or 0"),
}
"""What every row may say, where few things are possible or one is usual."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the template, for which a heading is chosen."""

    name: str
    label: str
    required: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Group:
    """The columns of one sheet of the template; the numbers that several have come first, without a sheet."""

    title: str
    choices: Sequence[Choice]


async def kept_of(visit: Visit) -> list[Columns]:
    """What the organisation has chosen, the newest first; what names columns that are no more is left out."""
    return [each for given in (await visit.api.get(PATH))["items"] if (each := _read(given)) is not None]


def _read(given: Json) -> Columns | None:
    try:
        return read_columns(given)
    except ValueError:
        return None


def groups(language: Language) -> Iterator[Group]:
    """What is chosen, by sheets, in the words of the language."""
    by_sheet: dict[str, tuple[Sheet | None, list[Choice]]] = {}
    for name, sheet, column in targets():
        hint = WORDS.get(name)
        choice = Choice(name, column.title(language.code), column.required, language.gettext(hint) if hint else "")
        by_sheet.setdefault(sheet.name if sheet else "", (sheet, []))[1].append(choice)
    for sheet, choices in by_sheet.values():
        yield Group(sheet.title(language.code) if sheet else language.gettext("Numbers"), choices)


async def choosing_page(visit: Visit, unknown: UnknownColumnsError, form: Form, status: int = 200) -> Response:
    """The page on which the columns of a file are chosen, beside its first rows."""
    table, proposed = unknown.table, unknown.proposal
    shown = list(groups(visit.language))
    return await visit.page(
        "imports/columns.html",
        status,
        labels={COLUMN + each.name: each.label for group in shown for each in group.choices},
        table=table,
        why=file_sentence(unknown, visit.language.code) if unknown.problem in FILES else "",
        headings=[each for each in table.titles if each],
        rows=[[_shown(cell) for cell in _as_wide(cells, table)] for cells in first_rows(table)],
        groups=shown,
        proposed=proposed,
        form=form,
    )


def first_rows(table: Table) -> list[Sequence[Cell]]:
    """Some rows of a table, to be recognised by."""
    rows = iter(table.rows)
    return [cells for _, (_, cells) in zip(range(SHOWN_ROWS), rows, strict=False)]


def _as_wide(cells: Sequence[Cell], table: Table) -> list[Cell]:
    return [cells[at] if at < len(cells) else None for at, title in enumerate(table.titles) if title]


def _shown(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return "="
    if isinstance(cell, Fault):
        return cell.shown
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)[:LONGEST]


def chosen(form: Form) -> Columns:
    """What was chosen; what lacks is beside its field."""
    columns, constants = dict[str, str](), dict[str, str]()
    headings = tuple(each for each in form.values(HEADING) if each)
    for name, _, _ in targets():
        heading = form.value(COLUMN + name)
        if heading in headings:
            columns[name] = heading
        constant = form.text(CONSTANT + name, required=False, most=LONGEST)
        if constant:
            constants[name] = constant
    made = Columns(headings, columns, constants)
    for name in made.missing():
        form.error(COLUMN + name, "")
    return made
