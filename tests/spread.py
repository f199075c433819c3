"""How a run with several workers (pytest-xdist) shares the tests: whole modules, those that take long first.

A worker has servers of its own, so what a test breaks there is met by no other worker.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/e2e",)
"""Folders whose modules share something that takes long to start."""
ALONE = ("tests/e2e/test_suite_processes", "tests/e2e/test_restored", "tests/e2e/test_subscribing")
"""Modules of those folders that start a suite of their own: they need not wait for the others."""
FIRST = (
    "tests/e2e/",
    "tests/chaos/",
    "tests/browser/",
    "tests/integration/operations/test_poisoned_topic",
    "tests/integration/operations/",
    "tests/integration/contracts/test_contract_groups",
    "tests/integration/payments/test_payments_collecting_workers",
    "tests/integration/payments/test_payments_worker",
    "tests/agreement/",
    "tests/integration/verify/",
    "tests/integration/kit/",
    "tests/integration/",
)
"""What takes longest, in this order; the rest, which needs no server, fills the gaps at the end."""


class Spread(LoadScopeScheduling):
    """Whole modules, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module.startswith(ALONE):
            return module
        return next((folder for folder in TOGETHER if module.startswith(f"{folder}/")), module)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort the tests by what takes longest; the tests of a module keep their order."""

    def place(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))

    items.sort(key=place)


def is_one_of_several(config: Any) -> bool:
    """Whether this process runs a part of the tests."""
    return hasattr(config, "workerinput")
