"""What all tests share: real servers, and a name of its own for each test to use on them."""

import gc
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from carnet.mongo import transactions
from carnet.run import look_for_cycles_seldom
from carnet_suite.servers import Servers
from carnet_suite.servers.errors import ServerError
from tests.declared import UNDECLARED, answers_noted
from tests.folders import keep_in_memory
from tests.servers import Names, own, provided
from tests.spread import Spread, is_one_of_several, longest_first
from tests.waits import BOUND

keep_in_memory()
# A busy machine takes its time: no test says how long an example may take, nor how long to make one.
settings.register_profile("carnet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("carnet")
# Where many change the same documents, all get their turn, however long that takes.
transactions.PATIENCE = BOUND
# What is logged here is read where a test fails. With all local variables, the exceptions of one test took 3 s of CPU.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--real`: what runs on servers in memory by default runs on the real ones."""
    parser.addoption("--real", action="store_true", help="run on real servers what runs in memory by default")


def pytest_report_header() -> str:
    """Where the servers of the tests keep their data."""
    return f"temporary files: {tempfile.gettempdir()}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    """Share whole modules between the workers of a run."""
    config.option.loadscopereorder = False
    return Spread(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest where several share the tests."""
    if is_one_of_several(config):
        longest_first(items)


def pytest_collection_finish() -> None:
    """Look for cycles among new objects less often, as processes do: what was imported and collected stays."""
    gc.collect()
    gc.freeze()
    look_for_cycles_seldom()


@pytest.fixture(scope="session", autouse=True)
def _answers() -> Iterator[None]:
    """Look at every answer of an API in this process."""
    with answers_noted():
        yield


@pytest.fixture(autouse=True)
def _answers_are_declared() -> Iterator[None]:
    """What a route answers in a test, its OpenAPI document says."""
    UNDECLARED.clear()
    yield
    assert set() == UNDECLARED, "answers that the OpenAPI document does not declare"


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """MongoDB, Kafka and SMTP, started when the first test asks for them, shared by all."""
    try:
        with provided() as running:
            yield running
    except ServerError as error:
        pytest.exit(str(error), returncode=3)


@pytest.fixture(scope="session")
def breakable_servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Servers with handles to kill and start them: the shared ones, unless others run those."""
    shared: Servers = request.getfixturevalue("servers")
    if shared.mongo is not None:
        yield shared
        return
    try:
        with own() as running:
            yield running
    except ServerError as error:
        pytest.exit(str(error), returncode=3)


@pytest.fixture(scope="session")
def names(servers: Servers) -> Iterator[Names]:
    """The names that tests have for themselves."""
    with Names(servers) as given:
        yield given


@pytest.fixture
async def namespace(names: Names) -> AsyncIterator[str]:
    """A short name to prefix databases, topics and consumer groups with; what was made under it is gone at the end."""
    name = names.take()
    yield name
    await names.give_back(name)
