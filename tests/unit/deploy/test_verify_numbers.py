"""`carnet verify` finds numbers of invoices that are missing, given twice, or whose days go back (INV-2)."""

from typing import Any

import pytest

from carnet_operations.verify.invoices.agreed import Numbers
from carnet_operations.verify.report import Report

SERIES = {"organisation": "o", "prefix": "FA", "year": 2026}
SOUND = [(1, "2026-11-20"), (2, "2026-11-20"), (3, "2026-11-21")]


def found(given: list[tuple[int, str]], last: int = 3, **other: Any) -> set[str]:
    """What is found of invoices with these counts and days, in a series that says its last count."""
    report = Report()
    numbers = Numbers(report)
    for count, issued_on in given:
        numbers.add({**SERIES, **other, "count": count, "issued_on": issued_on})
    numbers.end([{**SERIES, "last": last}])
    assert {finding.rule for finding in report.findings} <= {"INV-2"}
    return {finding.what for finding in report.findings}


@pytest.mark.parametrize(
    ("given", "last", "what"),
    [
        (SOUND, 3, set()),
        (SOUND[::-1], 3, set()),
        ([SOUND[0], SOUND[2]], 3, {"how many numbers were given", "numbers that are missing"}),
        (SOUND, 4, {"how many numbers were given", "numbers that are missing"}),
        (SOUND, 2, {"how many numbers were given"}),
        ([*SOUND, SOUND[1]], 3, {"numbers given twice"}),
        ([*SOUND[:2], (3, "2026-11-19")], 3, {"the days, in the order of numbers"}),
    ],
)
def test_inv_2_a_gap_a_double_and_a_day_that_goes_back_are_found(
    given: list[tuple[int, str]], last: int, what: set[str]
) -> None:
    assert found(given, last) == what


def test_inv_2_each_series_is_counted_by_itself() -> None:
    assert found(SOUND, 0, prefix="AV") == {"how many numbers were given"}
