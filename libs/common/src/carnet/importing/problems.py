"""What is wrong in a file, and where: what a person needs to correct it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Params = Mapping[str, Sequence[str]]
"""What is inserted into a sentence by its name, in English and in French."""


class FileError(Exception):
    """A file that cannot be read at all: its name, what it is, and what to do, in English."""

    def __init__(self, problem: str, name: str, detail: str, params: Params | None = None) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.params: Params = {"name": (name, name), **(params or {})}
        """What is inserted into its sentence, in English and in French."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing that is wrong in a row: the sheet, the row as spreadsheets count it, the column's title."""

    sheet: str
    row: int
    column: str | None
    """None if it is about the whole row."""
    problem: str
    detail: str
    params: Params = field(default_factory=dict)

    def __str__(self) -> str:
        column = f", column “{self.column}”" if self.column else ""
        return f"{self.sheet}, row {self.row}{column}: {self.detail}"
