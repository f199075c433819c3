"""The suite that modules share whose tests keep to organisations of their own."""

import asyncio
from collections.abc import Iterator

import pytest

from carnet.ids import new_id
from carnet_local.servers import Servers
from carnet_local.suite import Suite, suite
from tests.servers import sweep


@pytest.fixture(scope="package")
def running(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """All processes of the suite, started once: what a test kills it starts again."""
    with suite(tmp_path_factory.mktemp("suite"), servers=servers, namespace=f"e2e{new_id()[-6:]}") as started:
        yield started
    asyncio.run(sweep(servers, started.namespace))
