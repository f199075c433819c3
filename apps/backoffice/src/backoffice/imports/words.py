"""What is found in files, in the words of the school; the sentences are those of the command (`carnet.importing`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.languages import N_, Language
from carnet.importing.problems import CellProblem
from carnet.importing.words import cell_sentence

STANDINGS: Mapping[str, tuple[str, str]] = {
    "new": ("ok", N_("new")),
    "unchanged": ("calm", N_("here already")),
    "changed": ("wait", N_("changed since")),
    "wrong": ("late", N_("to correct")),
}
"""The status of a family: its colour and its words."""


@dataclass(frozen=True, slots=True)
class ProblemShown:
    """A problem as it is shown."""

    sheet: str
    row: int
    column: str
    sentence: str


def problem_shown(problem: CellProblem, language: Language) -> ProblemShown:
    """A problem of a file in the words of the language."""
    return ProblemShown(problem.sheet, problem.row, problem.column or "", cell_sentence(problem, language.code))
