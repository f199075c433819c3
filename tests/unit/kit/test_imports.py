"""A process of a service imports what it needs at rest: not what a request needs, nor what others bring."""

import linecache
import subprocess
import sys

from carnet.mongo import Database

NOW_AND_THEN = ("babel", "lxml", "pikepdf", "PIL", "segno", "stdnum", "stripe", "typst")
"""What papers, mails, numbers of registers and providers need: loaded by the request or the work that uses it."""

BESIDE = ("attr", "colorama", "greenlet", "psutil", "pygments", "rich", "watchfiles")
"""What the `carnet` command, the local suite, the back office or the tests bring."""

RECORDING = ("opentelemetry.sdk",)
"""What a process needs that exports traces."""

OF_APIS = ("carnet.http", "cryptography", "fastapi", "jwt")
"""What a process does without that takes no requests."""

APIS = ("catalog.app", "contracts.app", "payments.app", "credits.app", "notifications.app")
WORKERS = ("catalog.worker", "contracts.worker", "payments.worker", "credits.worker", "notifications.worker")


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Those of these modules that a process of a service has loaded after ``code``."""
    whole = (
        f"import sys, carnet.run; carnet.run.leave_out_others(); carnet.run.build_late()\n{code}\n"
        f"print(*(name for name in {names} if sys.modules.get(name)))"
    )
    done = subprocess.run([sys.executable, "-c", whole], check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_a_process_of_a_service_loads_nothing_that_it_does_not_need_at_rest() -> None:
    named = ("structlog", "httpx", *NOW_AND_THEN, *BESIDE, *RECORDING)
    assert loaded(f"import carnet.api_process, carnet.worker_process, {', '.join((*APIS, *WORKERS))}", named) == [
        "structlog",
        "httpx",
    ]


def test_a_worker_loads_nothing_that_only_apis_need() -> None:
    code = f"import carnet.worker_process, {', '.join(WORKERS)}"
    assert loaded(code, ("pymongo", "aiokafka", *OF_APIS)) == ["pymongo", "aiokafka"]


def test_validators_are_made_when_they_are_first_used() -> None:
    code = (
        "import contracts.app, fastapi.openapi.models as of_fastapi\n"
        "from contracts.contracts.api.views import ContractView\n"
        "assert not ContractView.__pydantic_complete__ and not of_fastapi.OpenAPI.__pydantic_complete__"
    )
    assert loaded(code, ("contracts",)) == ["contracts"]


async def test_opening_a_database_takes_no_sources_into_memory() -> None:
    linecache.clearcache()
    Database.open("mongodb://localhost:1", "carnet_none").close()
    assert not linecache.cache
    assert not hasattr(sys, "tracebacklimit")
