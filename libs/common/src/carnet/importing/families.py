"""The rows of tables put together to families, as the API takes them, with the row that each part comes from."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from carnet.importing.aside import Aside
from carnet.importing.cells import CellError, read_cell
from carnet.importing.columns import (
    CONTRACTS,
    CREDITS,
    INSTALMENTS,
    LINES,
    PACKS,
    PEOPLE,
    Column,
    Sheet,
    nearest,
)
from carnet.importing.mapping import Columns, Source, sources_of
from carnet.importing.problems import CellProblem, FileError
from carnet.importing.tables import Cell, Table

Json = dict[str, Any]
Place = tuple[str, int, Mapping[str, str]]
"""The name of a sheet, a row, and the titles of its columns by their names."""


@dataclass
class Given:
    """A family as the files have it."""

    key: str
    body: Json
    places: dict[str, Place] = field(default_factory=dict)
    """Where each part of the body comes from: ``contracts[0].planned[1]``."""
    problems: list[CellProblem] = field(default_factory=list)

    def locate(self, place: str, problem: str, detail: str) -> CellProblem:
        """The problem of a place in the body (``contracts[0].planned[1].due``), at its row and column."""
        part, names = place, list[str]()
        while part and part not in self.places:
            part, _, name = part.rpartition(".")
            names.insert(0, name)
        sheet, row, titles = self.places.get(part) or self.places["people[0]"]
        name = names[0].partition("[")[0] if names else ""
        of_list = _KEYS.get(part.partition("[")[0] if part.count("[") == 1 else "", "person")
        known = {**_COLUMN_OF, "key": of_list, **({} if part else _OF_FAMILY)}
        return CellProblem(sheet, row, titles.get(known.get(name, name)), problem, detail)


_COLUMN_OF = {"due": "on", "received_on": "on", "kind": "role", "owner": "role"}
_OF_FAMILY = {"tags": "family_tags", "notes": "family_notes"}
_KEYS = {"people": "person", "contracts": "contract", "credits": "credit", "packs": "pack"}
"""The columns of the keys, by the lists that they are in."""


MOST_PROBLEMS = 10_000
"""How many problems are named: a person corrects some, and looks through the file again."""

_AT_ONCE = 500
"""How many families are put together at a time."""


class Families:
    """The families of files, in their order: put together some at a time, whenever somebody goes through them."""

    def __init__(self, currency: str, language: str) -> None:
        self.aside = Aside()
        self.sources: list[Source] = []
        self._currency = currency
        self._language = language

    def __len__(self) -> int:
        return len(self.aside)

    def values(self) -> Iterator[Given]:
        """Each family with all of its rows, and all that is wrong with it so far."""
        for rows in self.aside.portions(_AT_ONCE):
            portion = _Portion()
            for at, number, values, problems in rows:
                source = self.sources[at]
                row = _Row((source.table.name, number, source.titles), values, [], portion, source.mapped)
                row.problems += [CellProblem(*each) for each in problems]
                self._add(source.sheet, row, portion)
            for given in portion.families.values():
                _finish(given)
                yield given

    def _add(self, sheet: Sheet, row: "_Row", portion: "_Portion") -> None:
        match sheet.name:
            case PEOPLE.name:
                _add_person(row, portion, self._language)
            case CONTRACTS.name:
                _add_contract(row, portion)
            case CREDITS.name:
                _add_credit(row, portion, self._currency)
            case PACKS.name:
                _add_pack(row, portion)
            case _:
                given, at = portion.contracts[str(row.values["contract"])]
                row.belongs_to(given)
                add = _add_line if sheet is LINES else _add_instalment
                add(row, given, at, self._currency)


@dataclass
class Reading:
    """All that files have: families in their order, and what is wrong with rows that belong to none."""

    families: Families
    problems: list[CellProblem] = field(default_factory=list)
    rows: int = 0

    def wrong(self, row: "_Row") -> None:
        """A row that belongs to no family: what is wrong with it, as long as somebody may read it."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems += row.problems


@dataclass
class _Portion:
    """Some families while they are put together."""

    families: dict[str, Given] = field(default_factory=dict)
    contracts: dict[str, tuple[Given, int]] = field(default_factory=dict)


def read_families(
    tables: Iterable[Table], currency: str, language: str = "fr", kept: Sequence[Columns] = ()
) -> Reading:
    """Put the rows of all tables together to families; every wrong cell is a problem, and stops no other.

    The rows are put aside on the disk, so that memory does not grow with the files.

    Args:
        tables: Sheets of the template, or files with columns of their own.
        currency: That of the organisation.
        language: Of the mails of families for which the files give none.
        kept: What the columns of other files mean, the newest first (IMP-4).

    Raises:
        UnknownColumnsError: a table is none of the template, and nobody has chosen yet what its columns mean.
        FileError: there are no families.
    """
    by_sheet = sources_by_sheet(tables, kept)
    reading = Reading(Families(currency, language))
    for sheet in (PEOPLE, CONTRACTS, LINES, INSTALMENTS, CREDITS, PACKS):
        for source in by_sheet.get(sheet.name, ()):
            _put_aside(source, reading, currency)
    if not reading.rows:
        names = ", ".join(dict.fromkeys(source.table.name for sources in by_sheet.values() for source in sources))
        raise FileError("no-rows", names, f"{names} has headings and no row below them. Fill in the rows.")
    return reading


def _put_aside(source: Source, reading: Reading, currency: str) -> None:
    families, titles = reading.families, source.titles
    families.sources.append(source)
    for number, cells in source.table.rows:
        if source.says_nothing(cells):
            continue
        reading.rows += 1
        row = _Row((source.table.name, number, titles), {}, [], _Portion(), source.mapped)
        for column in source.sheet.columns:
            _read_into(row, column, source, cells, currency)
        family = _whose(row, source.sheet, families.aside)
        if family is None:
            reading.wrong(row)
        else:
            problems = [astuple(each) for each in row.problems]
            families.aside.put(family, (len(families.sources) - 1, number, row.values, problems))


def _whose(row: "_Row", sheet: Sheet, aside: Aside) -> int | None:
    """The family that a row belongs to; None if it is none, which is a problem of the row."""
    if sheet in (LINES, INSTALMENTS):
        family = aside.contract(str(row.values.get("contract")))
        if family is None:
            row.wrong("contract", "unknown-contract", "No contract has this number: add it to the contracts.")
        return family
    key = row.values.get("family")
    if key is None:
        return None
    family = aside.family(str(key), new=sheet is PEOPLE)
    if family is None:
        row.wrong("family", "unknown-family", "No family has this number: add its people to the families.")
    elif sheet is CONTRACTS and row.values.get("contract") is not None:
        _keep_contract(row, family, aside)
    return family


def _keep_contract(row: "_Row", family: int, aside: Aside) -> None:
    key = str(row.values["contract"])
    known = aside.contract(key)
    if known is None:
        aside.add_contract(key, family)
    elif known != family or not row.mapped:
        row.wrong("contract", "key-twice", "Another contract has this number: give each its own.")
        row.values["contract"] = None  # what is wrong with it is all that the family has of it


@dataclass
class _Row:
    place: Place
    values: dict[str, str | int | None]
    problems: list[CellProblem]
    portion: _Portion
    mapped: bool = False
    given: Given | None = None

    def wrong(self, column: str, problem: str, detail: str) -> None:
        sheet, number, titles = self.place
        found = CellProblem(sheet, number, titles.get(column), problem, detail)
        (self.given.problems if self.given else self.problems).append(found)

    def belongs_to(self, given: Given) -> None:
        """What is wrong with the row keeps the family from being imported."""
        self.given = given
        given.problems += self.problems

    def money(self, name: str, currency: str) -> Json:
        return {"amount": self.values.get(name) or 0, "currency": currency}


def sources_by_sheet(tables: Iterable[Table], kept: Sequence[Columns]) -> dict[str, list[Source]]:
    """The tables by the sheet of the template that they are, by their headings; raises as ``read_families`` does."""
    by_sheet: dict[str, list[Source]] = {}
    for table in tables:
        for source in sources_of(table, kept, _unlike(table)):
            by_sheet.setdefault(source.sheet.name, []).append(source)
    if PEOPLE.name not in by_sheet:
        names = ", ".join(dict.fromkeys(source.table.name for sources in by_sheet.values() for source in sources))
        detail = f"The sheet “{PEOPLE.en}” is missing: add it, or choose the file that has it beside {names}."
        raise FileError("no-families", names, detail, {"sheet": (PEOPLE.en, PEOPLE.fr)})
    return by_sheet


def _unlike(table: Table) -> FileError:
    """Why a table is no sheet of the template."""
    sheet, missing = nearest(table.titles)
    english, french = (
        ", ".join(f"“{each.title('en')}”" for each in missing), ", ".join(f"« {each.title('fr')} »" for each in missing)
    )  # fmt: skip
    nearly = 2 * len(missing) <= sum(each.required for each in sheet.columns)
    return FileError(
        "columns-missing" if nearly else "columns-unknown",
        table.name,
        f"{table.name} is most like the sheet “{sheet.en}” ({sheet.fr}) and lacks the columns {english} ({french}). "
        "Add them, leave the sheet out, or say by a file what its columns mean (--columns).",
        {"sheet": (sheet.en, sheet.fr), "columns": (english, french)},
    )


def _read_into(row: _Row, column: Column, source: Source, cells: Sequence[Cell], currency: str) -> None:
    try:
        row.values[column.name] = read_cell(column, source.cell(column, cells), currency)
    except CellError as error:
        problem, detail = error.problem, error.detail
        if problem == "missing" and source.table.merged:
            problem = "missing-merged"
            detail = "It is empty: fill it in. Of merged cells only the first one has the value, so unmerge them."
        sheet, number, titles = row.place
        title = titles.get(column.name, column.fr)
        row.problems.append(CellProblem(sheet, number, title, problem, detail, error.params))


def _add_person(row: _Row, portion: _Portion, language: str) -> None:
    values = row.values
    key = str(values["family"])
    given = portion.families.setdefault(key, Given(key, {"key": key, "language": language, "people": []}))
    people = given.body["people"]
    if row.mapped and any(each["key"] == values.get("person") for each in people):
        row.given = given
        return  # a row of a purchase, which says again whose it is
    row.belongs_to(given)
    given.places[f"people[{len(people)}]"] = row.place
    role = values.get("role")
    if role == "owner" and row.mapped and "owner" in given.body:
        role = "adult"  # of a list that calls all parents so, the first one is the owner
    if role == "owner":
        if "owner" in given.body:
            row.wrong("role", "owner-twice", "The family has an owner already: give this person the role of an adult.")
        given.body["owner"] = values.get("person")
        given.body["language"] = values.get("language") or language
        given.body.update(_written(values, "family_"))
    names = ("first_name", "last_name", "email", "phone", "birth_date")
    people.append(
        {
            "key": values.get("person"),
            "kind": "adult" if role == "owner" else role,
            **{name: values[name] for name in names if values.get(name) is not None},
            **_written(values),
        }
    )


def _written(values: Mapping[str, Any], of: str = "") -> Json:
    """The tags and notes of a person, or of the family; tags are separated by commas or semicolons."""
    tags = [tag.strip() for tag in re.split("[,;]", str(values.get(f"{of}tags") or "")) if tag.strip()]
    notes = values.get(f"{of}notes")
    return {**({"tags": list(dict.fromkeys(tags))} if tags else {}), **({"notes": notes} if notes else {})}


def _family_of(row: _Row, portion: _Portion) -> Given:
    given = portion.families[str(row.values["family"])]
    row.belongs_to(given)
    return given


def _add_contract(row: _Row, portion: _Portion) -> None:
    given, key = _family_of(row, portion), row.values.get("contract")
    if key is None or str(key) in portion.contracts:
        return  # it has no number of its own, or is another purchase of the contract
    listed = given.body.setdefault("contracts", [])
    portion.contracts[str(key)] = (given, len(listed))
    given.places[f"contracts[{len(listed)}]"] = row.place
    values = row.values
    contract: Json = {"key": key, "mode": values.get("mode"), "signed_on": values.get("signed_on"), "lines": []}
    listed.append(contract)


def _add_line(row: _Row, given: Given, at: int, currency: str) -> None:
    lines, values = given.body["contracts"][at]["lines"], row.values
    given.places[f"contracts[{at}].lines[{len(lines)}]"] = row.place
    optional = {name: values[name] for name in ("participant", "expires_on") if values.get(name) is not None}
    lines.append(
        {
            "name": values.get("name"),
            "price": row.money("price", currency),
            "vat_rate": values.get("vat_rate"),
            **optional,
        }
    )


def _add_instalment(row: _Row, given: Given, at: int, currency: str) -> None:
    contract, values = given.body["contracts"][at], row.values
    state, method, amount = values.get("state"), values.get("method"), row.money("amount", currency)
    if values.get("amount") == 0:
        row.wrong("amount", "zero", "It is zero: leave the row out.")
    if state == "paid" and method is None and not row.problems:
        row.wrong("method", "missing", "It is empty. Say how it was paid.")
    name = "paid" if state == "paid" else "planned"
    listed = contract.setdefault(name, [])
    given.places[f"contracts[{at}].{name}[{len(listed)}]"] = row.place
    if name == "paid":
        listed.append({"amount": amount, "method": method, "received_on": values.get("on")})
    else:
        how = {} if method in (None, "direct_debit") else {"method": method}  # it is debited as the account says
        listed.append({"due": values.get("on"), "amount": amount, **how})


def _add_credit(row: _Row, portion: _Portion, currency: str) -> None:
    given, key = _family_of(row, portion), row.values.get("credit")
    if key is None:
        return
    if row.values.get("amount") == 0:
        row.wrong("amount", "zero", "It is zero: leave the row out.")
    listed = given.body.setdefault("credits", [])
    given.places[f"credits[{len(listed)}]"] = row.place
    listed.append({"key": key, "amount": row.money("amount", currency)})


def _add_pack(row: _Row, portion: _Portion) -> None:
    given, key = _family_of(row, portion), row.values.get("pack")
    if key is None:
        return
    if row.values.get("sessions") == 0:
        row.wrong("sessions", "none-left", "No session is left: leave the row out.")
    listed = given.body.setdefault("packs", [])
    given.places[f"packs[{len(listed)}]"] = row.place
    optional = {name: row.values[name] for name in ("sessions", "valid_until", "member") if row.values.get(name)}
    listed.append({"key": key, "name": row.values.get("name"), **optional})


def _finish(given: Given) -> None:
    """Say what the family lacks as a whole."""
    if "owner" not in given.body:
        detail = "The family has no owner: give the role “responsable” (owner) to one of its adults."
        given.problems.append(given.locate("people[0].owner", "owner-missing", detail))
    for at, contract in enumerate(given.body.get("contracts", ())):
        if not contract["lines"]:
            detail = "The contract has no purchase: add what was bought."
            given.problems.append(given.locate(f"contracts[{at}]", "no-lines", detail))
