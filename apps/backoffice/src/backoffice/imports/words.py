"""What can be wrong in a file, in the words of the school."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.languages import N_, Language
from carnet.importing.problems import CellProblem, FileError, Params

FILES: Mapping[str, str] = {
    "no-file": N_("There is no file. Choose one."),
    "too-many-files": N_(
        "More than {most} files were chosen. Choose those of one import, or one workbook with all sheets."
    ),
    "file-empty": N_("There is nothing in “{name}”. Choose another file."),
    "file-too-large": N_("“{name}” is too large. Split it by families."),
    "file-old-excel": N_("“{name}” is of an old Excel, or has a password. Save it as XLSX without a password."),
    "file-no-text": N_("“{name}” is no CSV and no XLSX. Save it as “CSV UTF-8” or as XLSX."),
    "file-encoding": N_("The accented letters of “{name}” cannot be read. Save it as “CSV UTF-8” or as XLSX."),
    "file-garbled": N_(
        "“{name}” has garbled letters: “{found}” instead of an accented letter. Export it once more from your former "
        "software, as “CSV UTF-8” or XLSX."
    ),
    "file-no-workbook": N_("“{name}” is no XLSX. Save it as XLSX or as CSV."),
    "file-no-columns": N_("“{name}” has one column. Separate the columns by semicolons, commas or tabs."),
    "file-broken": N_("“{name}” is damaged. Open it, save it again as XLSX and try again."),
    "file-quote": N_("“{name}” cannot be read from line {row} on. Look there for a quote left open, and close it."),
    "file-hostile": N_("“{name}” has parts that no spreadsheet has. Save it again as XLSX."),
    "file-too-wide": N_("“{name}” has too many columns. Leave out those that are not imported."),
    "file-too-long": N_("“{name}” has too many rows. Split it by families."),
    "no-rows": N_("There is no row below the headings of {name}. Fill in the rows."),
    "column-twice": N_("“{name}” has two columns “{column}”. Leave one of them out, or call it something else."),
    "columns-missing": N_(
        "“{name}” is most like the sheet “{sheet}” and lacks the columns {columns}. Add them, or choose below what its "
        "columns mean. If there is nothing to import in it, leave it out."
    ),
    "columns-lost": N_(
        "“{name}” has no column {lost} any more, which you had chosen. Export the file with it, or choose below what "
        "says the same now."
    ),
    "columns-new": N_(
        "“{name}” has headings that were not there when you chose its columns: {new}. Look at the choice below, and "
        "keep it."
    ),
    "no-families": N_("The sheet “{sheet}” is missing. Add it, or choose the file that has it beside {name}."),
}
"""Why a file cannot be read, by the problem of the reader."""

CELLS: Mapping[str, str] = {
    "missing": N_("It is empty: fill it in."),
    "missing-merged": N_("It is empty: fill it in. Of merged cells only the first one has the value, so unmerge them."),
    "error-value": N_("The spreadsheet shows an error there, {shown}: write the value."),
    "formula": N_("It is a formula: copy the cell and paste its value only."),
    "too-long": N_("The text has more than {most} characters: shorten it."),
    "no-date": N_("It is no date: write it as 01/09/2026, the day first, as 1 September 2026 or as 2026-09-01."),
    "no-day": N_("There is no such day: correct it, the day first, then the month."),
    "no-amount": N_("It is no amount: write it as 1234.50, in {currency}."),
    "no-rate": N_("It is no rate in percent: write it as 20, 5.5 or 0."),
    "rate-fraction": N_("It is below half a percent: write 20 for 20 %, not 0.2."),
    "no-count": N_("It is no whole number: write it as 4."),
    "too-many-decimals": N_("It has more than {most} decimals: round it."),
    "negative": N_("It is below zero: write it without the sign, or leave the row out."),
    "no-choice": N_("It is none of these words: {words}. Write one of them."),
    "none-left": N_("No session is left: leave the row out."),
    "zero": N_("The amount is zero: leave the row out."),
    "owner-missing": N_("The family has no owner: give the role of owner to one of its adults."),
    "owner-twice": N_("The family has an owner already: give this person the role of an adult."),
    "unknown-contract": N_("No contract has this number: add it to the contracts."),
    "unknown-family": N_("No family has this number: add its people to the families."),
    "unknown-person": N_("The family has no such person, or it is a mere contact: name one who takes part."),
    "key-twice": N_("Another one has the same number: give each its own."),
    "owner-is-no-adult": N_("The owner of a family is an adult: name another one."),
    "born-after-today": N_("A birth date is not after today."),
    "date-out-of-range": N_("The date is too early or too late for this: correct it."),
    "no-lines": N_("The contract has no purchase: add what was bought."),
    "total-too-large": N_("The contract comes to too much: correct a price."),
    "paid-above-total": N_("More was paid than the contract comes to: put the difference into the credits."),
    "planned-above-rest": N_("Payments and instalments exceed the contract: plan only what is left to pay."),
    "no-email": N_("No mail can be sent to this address: correct it, or leave the cell empty."),
    "no-phone": N_("It is no telephone number: write it as +33 1 23 45 67 89, or leave the cell empty."),
    "not-readable": N_("It cannot be used as it is: write it in plain letters on one line."),
    "changed": N_("It is not as it was imported before. Nothing is changed: make the change here, with the family."),
}
"""What is wrong with a cell or a row, by its problem."""

STANDINGS: Mapping[str, tuple[str, str]] = {
    "new": ("ok", N_("new")),
    "unchanged": ("calm", N_("here already")),
    "changed": ("wait", N_("changed since")),
    "wrong": ("late", N_("to correct")),
}
"""The status of a family: its colour and its words."""


@dataclass(frozen=True, slots=True)
class Said:
    """A problem as it is shown."""

    sheet: str
    row: int
    column: str
    sentence: str


def said(problem: CellProblem, language: Language) -> Said:
    """A problem of a file in the words of the language."""
    sentence = CELLS.get(problem.problem)
    return Said(
        problem.sheet,
        problem.row,
        problem.column or "",
        _filled(sentence, problem.params, language) if sentence else problem.detail,
    )


def file_sentence(error: FileError, language: Language) -> str:
    """Why a file cannot be read."""
    sentence = FILES.get(error.problem)
    return _filled(sentence, error.params, language) if sentence else error.detail


def _filled(sentence: str, params: Params, language: Language) -> str:
    values = {name: both[language.code == "fr"] for name, both in params.items()}
    return language.gettext(sentence).format(**values)
