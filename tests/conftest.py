"""What all tests share: real servers, and a name of its own for each test to use on them."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from carnet_local.servers import Servers
from carnet_local.servers.errors import ServerError
from tests.servers import own, provided, sweep

OF_ALL_PROCESSES = ("tests/agreement", "tests/chaos", "tests/e2e")
"""Tests that take a core or two for themselves: one after another, beside the small ones."""


class BesideEachOther(LoadFileScheduling):
    """A whole run by two processes: a file at a time, but for what would only slow each other down."""

    def _split_scope(self, nodeid: str) -> str:
        return "all processes" if nodeid.startswith(OF_ALL_PROCESSES) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BesideEachOther:
    """What `make test` divides the tests by."""
    return BesideEachOther(config, log)


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


@pytest.fixture
async def namespace(servers: Servers) -> AsyncIterator[str]:
    """A short name to prefix databases, topics and consumer groups with; all that is swept away at the end."""
    name = f"t{secrets.token_hex(4)}"
    yield name
    await sweep(servers, name)
