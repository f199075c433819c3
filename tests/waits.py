"""Waits of tests: each ends on what it waits for. The bound says that it hangs, and is no measure of how fast it is."""

import time
from collections.abc import Callable

BOUND = 120.0
"""Seconds: far above what is needed, also on a machine that others load."""


def until(holds: Callable[[], bool], what: str = "it did not happen") -> None:
    """Return once it holds; ``what`` says what is wrong if it never does."""
    deadline = time.monotonic() + BOUND
    while not holds():
        assert time.monotonic() < deadline, f"{what}, in {BOUND:.0f} s"
        time.sleep(0.02)
