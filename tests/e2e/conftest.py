"""The suite that modules share whose tests keep to organisations of their own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carnet.ids import new_id
from carnet_suite.servers import Servers
from carnet_suite.supervisor import Suite, suite
from tests.forked import forked
from tests.servers import sweep


@contextmanager
def started(servers: Servers, folder: Path) -> Iterator[Suite]:
    """All processes of the suite under a name of their own, that is swept away at the end."""
    with suite(folder, servers=servers, namespace=f"e2e{new_id()[-6:]}", start=forked) as running:
        yield running
    asyncio.run(sweep(servers, running.namespace))


@pytest.fixture(scope="package")
def running(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite that is started once: what a test kills it starts again."""
    with started(servers, tmp_path_factory.mktemp("suite")) as shared:
        yield shared
