"""What a verification found: one finding per thing that is not as the rules say, and counts of what was proven."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_KEPT = 1_000
"""So many findings are kept in full; the others are only counted, so that a ruin does not fill the memory."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    ``rule`` is the rule's code, or EVT for the way of the events; ``where`` names the place
    (``contracts.contracts 0199…``, ``payments.schedules[3] 0199…``). Amounts are minor units.
    Never a personal value: documents of people are compared by the names of their fields.
    """

    rule: str
    where: str
    what: str
    expected: str
    found: str


@dataclass
class Report:
    """What was looked at, and what of it is wrong."""

    findings: list[Finding] = field(default_factory=list)
    unlisted: int = 0
    """Findings beyond ``MOST_KEPT``."""
    proven: Counter[str] = field(default_factory=Counter)
    """How many things were looked at, by what they are; those of a finding are counted too."""
    notes: list[str] = field(default_factory=list)
    """What the reader should know and is no fault."""
    on_their_way: int = 0
    """How much a provider knows more than payments, since it is still telling it."""
    untold: int = 0
    """How much a provider knows more than payments, and has not begun to tell."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def find(self, rule: str, where: str, what: str, *, expected: Any, found: Any) -> None:
        """Note a finding."""
        if len(self.findings) >= MOST_KEPT:
            self.unlisted += 1
            return
        self.findings.append(Finding(rule, where, what, _shown(expected), _shown(found)))

    def same(self, rule: str, where: str, what: str, *, expected: Any, found: Any) -> bool:
        """Note a finding unless both are equal; whether they are."""
        if expected == found:
            return True
        self.find(rule, where, what, expected=expected, found=found)
        return False

    def count(self, what: str, number: int = 1) -> None:
        """So many more of ``what`` were looked at."""
        self.proven[what] += number


def _shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 300 else f"{text[:297]}..."
