"""The result of a verification: findings, each a place that breaks a rule, and counts of what was proven."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_KEPT = 1_000
"""So many findings are kept in full; further ones are only counted, to bound the memory."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that breaks a rule.

    ``rule`` is the rule's code, EVT for the delivery of events, or VIEW for what shows a state; ``where`` names
    the place (``contracts.contracts 0199…``, ``payments.schedules[3] 0199…``). Amounts are minor units.
    Never a personal value: documents of people are compared by the names of their fields.
    """

    rule: str
    where: str
    what: str
    expected: str
    found: str


@dataclass
class Report:
    """What was checked, and what is wrong of it."""

    findings: list[Finding] = field(default_factory=list)
    unlisted: int = 0
    """Findings beyond ``MOST_KEPT``."""
    proven: Counter[str] = field(default_factory=Counter)
    """How many things were checked, by their kind; those with a finding are counted too."""
    notes: list[str] = field(default_factory=list)
    """Remarks that are no faults."""
    on_their_way: int = 0
    """Outcomes that a provider is still delivering to payments."""
    unreported: int = 0
    """Outcomes that a provider has not begun to deliver to payments."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def find(self, rule: str, where: str, what: str, *, expected: Any, found: Any) -> None:
        """Add a finding."""
        if len(self.findings) >= MOST_KEPT:
            self.unlisted += 1
            return
        self.findings.append(Finding(rule, where, what, _shown(expected), _shown(found)))

    def same(self, rule: str, where: str, what: str, *, expected: Any, found: Any) -> bool:
        """Add a finding unless both are equal; returns whether they are."""
        if expected == found:
            return True
        self.find(rule, where, what, expected=expected, found=found)
        return False

    def count(self, what: str, number: int = 1) -> None:
        """Count so many more of ``what`` as checked."""
        self.proven[what] += number


def _shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 300 else f"{text[:297]}..."
