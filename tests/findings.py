"""What `carnet verify` must find, and how a document is tampered with so that it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carnet_operations.verify import Report

Document = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """The finding that must be among those of the report; texts are parts of what it says."""

    rule: str
    where: str
    what: str
    expected: str
    found: str

    def among(self, report: Report) -> bool:
        return any(
            finding.rule == self.rule
            and self.where in finding.where
            and self.what in finding.what
            and self.expected in finding.expected
            and self.found in finding.found
            for finding in report.findings
        )


def put(path: str, value: Any) -> Callable[[Document], None]:
    """Write ``value`` at a path such as ``lines.0.purchase.price``; a number with a sign as text is added."""

    def change(document: Document) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = document
        for part in way:
            place = place[part]
        place[last] = place[last] + int(value) if isinstance(value, str) and value[:1] in "+-" else value

    return change
