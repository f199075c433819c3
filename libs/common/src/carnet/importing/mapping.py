"""Files with columns of their own: which of them each column of the templates is taken from (IMP-4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carnet.importing.columns import CONTRACT, FAMILY, LINES, PEOPLE, SHEETS, Column, Sheet, plain, sheet_of
from carnet.importing.problems import FileError
from carnet.importing.tables import Cell, Table

SHOWN_ROWS = 3
"""How many rows of a file are shown while its columns are chosen."""

NUMBERS = (FAMILY.name, CONTRACT.name)
"""The columns that several sheets have: they are chosen once for a file."""

OF_FAMILIES = ("family", "role", "language", "family_tags", "family_notes")
"""What is said of a family on the row of a person."""

PARTICIPANTS = Sheet(
    "participants",
    "Participant of the same row",
    "Participant de la même ligne",
    [each for each in PEOPLE.columns if each.name not in OF_FAMILIES],
)
"""A second person of each row: the one who takes part, where another one pays. A child, unless it is a known person."""

CHOSEN = (PEOPLE, PARTICIPANTS, *(each for each in SHEETS if each is not PEOPLE))
"""What a file with columns of its own is read as."""


def targets() -> Iterable[tuple[str, Sheet | None, Column]]:
    """What can be chosen for, in order: the numbers, then the columns of each sheet, each by its name in a mapping."""
    yield FAMILY.name, None, FAMILY
    yield CONTRACT.name, None, CONTRACT
    for sheet in CHOSEN:
        for column in sheet.columns:
            if not _is_number(column):
                yield f"{sheet.name}.{column.name}", sheet, column


def _is_number(column: Column) -> bool:
    return column in (FAMILY, CONTRACT)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which headings of a file say what: by ``family``, ``contract``, ``people.last_name`` and so on.

    ``constants`` are what is meant where no heading is chosen, or a cell is empty. One file may be read as several
    sheets: each of which a heading is chosen for a column that is no number.
    """

    headings: tuple[str, ...]
    """All headings of the file."""
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def sheets(self) -> list[Sheet]:
        """What the file is read as."""
        return [sheet for sheet in CHOSEN if any(name.startswith(f"{sheet.name}.") for name in self.columns)]

    def name_of(self, sheet: Sheet, column: Column) -> str:
        """What a column of a sheet is called here."""
        return column.name if _is_number(column) else f"{sheet.name}.{column.name}"

    def missing(self) -> list[str]:
        """The columns that its sheets need and that it has neither a heading nor a constant for."""
        needed = [self.name_of(sheet, column) for sheet in self.sheets for column in sheet.columns if column.required]
        given = {*self.columns, *self.constants}
        others = [FAMILY.name] if PARTICIPANTS in self.sheets else []
        return [name for name in dict.fromkeys([*others, *needed]) if name not in given]

    def is_of(self, titles: Sequence[str]) -> bool:
        """Whether a file has just these headings."""
        return _plain(self.headings) == _plain(titles)

    def serves(self, titles: Sequence[str]) -> bool:
        """Whether a file has all headings that are chosen."""
        return bool(self.columns) and _plain(self.columns.values()) <= _plain(titles)

    def of(self, titles: Sequence[str]) -> "Columns":
        """The same, for a file that has other headings too."""
        return replace(self, headings=tuple(titles))

    def lost_in(self, titles: Sequence[str]) -> list[str]:
        """The headings that were chosen and that a file with others has no more."""
        known = _plain(titles)
        return [heading for heading in dict.fromkeys(self.columns.values()) if plain(heading) not in known]

    def proposed_for(self, titles: Sequence[str]) -> "Columns":
        """The part of it that a file with other headings can take over."""
        known = _plain(titles)
        kept = {name: heading for name, heading in self.columns.items() if plain(heading) in known}
        return Columns(tuple(titles), kept, self.constants if kept else {})


def _plain(titles: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(title) for title in titles if title)


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is read as a sheet: where in its rows each column is, and what an empty cell means."""

    table: Table
    sheet: Sheet
    where: Mapping[str, int | None]
    constants: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False
    """Whether the columns were chosen: then rows may repeat what another one says of a person or a contract."""

    @property
    def titles(self) -> dict[str, str]:
        """The heading of each column that the file has."""
        return {name: self.table.titles[at].rstrip(" *") for name, at in self.where.items() if at is not None}

    def cell(self, column: Column, cells: Sequence[Cell]) -> Cell:
        """What a row says in a column."""
        at = self.where[column.name]
        cell = cells[at] if at is not None and at < len(cells) else None
        return self.constants.get(column.name) if cell in (None, "") else cell

    def says_nothing(self, cells: Sequence[Cell]) -> bool:
        """Whether a row of a file with columns of its own has nothing for this sheet."""
        chosen = (at for name, at in self.where.items() if at is not None and name not in NUMBERS)
        return self.mapped and all(at >= len(cells) or cells[at] in (None, "") for at in chosen)


class UnknownColumnsError(FileError):
    """A table has columns of its own, and nobody has chosen yet what they mean."""

    def __init__(self, table: Table, proposal: Columns, error: FileError) -> None:
        super().__init__(error.problem, table.name, error.detail, error.params)
        self.table = table
        self.proposal = proposal


def _changed(table: Table, kept: Sequence[Columns]) -> FileError | None:
    """What has changed since the columns of a file with nearly these headings were chosen; None if there was none."""
    headings = [title for title in table.titles if title]
    alike = [each for each in kept if 2 * len(each.lost_in(headings)) < len(set(each.columns.values()))]
    if not alike:
        return None
    before = min(alike, key=lambda each: len(each.lost_in(headings)))
    lost, new = before.lost_in(headings), [each for each in headings if plain(each) not in _plain(before.headings)]
    if not lost:
        english, french = _quoted(new)
        detail = (
            f"{table.name} has headings that were not there when its columns were chosen: {english}. Choose "
            "anew what its columns mean, on the page or by a file (--columns)."
        )
        return FileError("columns-new", table.name, detail, {"new": (english, french)})
    english, french = _quoted(lost)
    detail = (
        f"{table.name} has no column {english} any more, which was chosen before. Export the file with it, or "
        "choose anew what its columns mean, on the page or by a file (--columns)."
    )
    return FileError("columns-lost", table.name, detail, {"lost": (english, french)})


def _quoted(headings: Sequence[str]) -> tuple[str, str]:
    return ", ".join(f"“{each}”" for each in headings), ", ".join(f"« {each} »" for each in headings)


def sources_of(table: Table, kept: Sequence[Columns], error: FileError) -> list[Source]:
    """What a table is read as: the sheet of the template that it is, else as its columns were chosen.

    Raises:
        UnknownColumnsError: it is neither; with a proposal of what its headings were chosen for in other files.
    """
    sheet = sheet_of(table.titles)
    known = {plain(title): at for at, title in enumerate(table.titles)}
    if sheet is not None:
        _refuse_doubled(table, sheet)
        where = {each.name: known.get(plain(each.fr), known.get(plain(each.en))) for each in sheet.columns}
        return [Source(table, sheet, where)]
    chosen = next((each for each in kept if each.is_of(table.titles)), None)
    if chosen is None:
        raise UnknownColumnsError(table, proposal(table.titles, kept), _changed(table, kept) or error)
    return [_source(table, sheet, chosen, known) for sheet in chosen.sheets]


def _refuse_doubled(table: Table, sheet: Sheet) -> None:
    """Refuse a sheet of the template with one heading twice: nobody can know which of the two is meant."""
    known = _plain(table.titles)
    for column in sheet.columns:
        for title in dict.fromkeys((column.fr, column.en)):
            if plain(f"{title} (2)") in known:
                detail = f"{table.name} has two columns “{title}”: leave one of them out, or call it something else."
                raise FileError("column-twice", table.name, detail, {"column": (title, title)})


def _source(table: Table, sheet: Sheet, chosen: Columns, known: Mapping[str, int]) -> Source:
    read_as = PEOPLE if sheet is PARTICIPANTS else sheet
    names = {column.name: chosen.name_of(sheet, column) for column in read_as.columns}
    headings = dict(chosen.columns)
    if sheet is LINES and "participants.person" in headings:
        headings.setdefault("lines.participant", headings["participants.person"])
    where = {name: known.get(plain(headings.get(target, ""))) for name, target in names.items()}
    constants = {name: chosen.constants[target] for name, target in names.items() if target in chosen.constants}
    if sheet is PARTICIPANTS:
        constants["role"] = "child"
    return Source(table, read_as, where, constants, mapped=True)


def proposal(titles: Sequence[str], kept: Sequence[Columns]) -> Columns:
    """What the columns of a file may mean: as its headings were chosen in other files, the newest first.

    Else a heading that a template has is proposed for that column.
    """
    columns, constants = dict[str, str](), dict[str, str]()
    for each in reversed(kept):
        earlier = each.proposed_for(titles)
        columns |= earlier.columns
        constants |= earlier.constants
    if not columns:
        by_title = {plain(title): title for title in titles if title}
        for name, _, column in targets():
            title = by_title.get(plain(column.fr)) or by_title.get(plain(column.en))
            if title is not None and title not in columns.values():
                columns[name] = title
    return Columns(tuple(titles), columns, constants)


def read_columns(given: Any) -> Columns:
    """A mapping as the API and files have it.

    Raises:
        ValueError: it has another shape, or names what no template has.
    """
    try:
        columns = Columns(
            tuple(str(each) for each in given.get("headings", ())),
            {str(name): str(heading) for name, heading in given["columns"].items()},
            {str(name): str(text) for name, text in given.get("constants", {}).items()},
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("it has no columns: give {“columns”: {“people.last_name”: “Nom”}}") from error
    names = {name for name, _, _ in targets()}
    for name in (*columns.columns, *columns.constants):
        if name not in names:
            raise ValueError(f"there is no column “{name}”: there are {', '.join(sorted(names))}")
    if missing := columns.missing():
        raise ValueError(f"it says nothing of {', '.join(missing)}, which is needed")
    return columns
