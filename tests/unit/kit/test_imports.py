"""A process of a service imports what it needs, and not what happens to be installed beside it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("role", ["app", "worker"])
def test_a_process_of_a_service_loads_nothing_that_prints_or_makes_files(role: str) -> None:
    code = (
        f"import sys, carnet.run; carnet.run.leave_out_terminals(); import payments.{role}\n"
        "names = 'structlog', 'httpx', 'rich', 'pygments', 'attr', 'lxml', 'typst'\n"
        "print(*(name for name in names if sys.modules.get(name)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["structlog", "httpx"]
