"""A process of a service imports what it needs at rest: not what a request needs, nor what others bring."""

import linecache
import subprocess
import sys

from carnet.mongo import Database

NOW_AND_THEN = ("babel", "lxml", "pikepdf", "PIL", "segno", "stdnum", "stripe", "typst")
"""What papers, mails, numbers of registers and providers need: loaded by the request or the work that uses it."""

BESIDE = ("attr", "greenlet", "psutil", "pygments", "rich")
"""What the `carnet` command, the local suite or the tests bring."""


def test_a_process_of_a_service_loads_nothing_that_it_does_not_need_at_rest() -> None:
    code = (
        "import sys, carnet.run; carnet.run.leave_out_others()\n"
        "import catalog.app, contracts.app, payments.app, credits.app, notifications.app, payments.worker\n"
        f"print(*(name for name in {('structlog', 'httpx', *NOW_AND_THEN, *BESIDE)} if sys.modules.get(name)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["structlog", "httpx"]


async def test_opening_a_database_takes_no_sources_into_memory() -> None:
    linecache.clearcache()
    Database.open("mongodb://localhost:1", "carnet_none").close()
    assert not linecache.cache
    assert not hasattr(sys, "tracebacklimit")
