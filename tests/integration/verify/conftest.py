"""A correct season to tamper with, and another whose topics may be spoilt for good."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from carnet_operations.verify import Report, verify
from carnet_suite.servers import Servers
from payments.provider.bounds import Bounds
from payments.provider.sandbox import Sandbox
from tests.integration.verify.invoicing import invoice
from tests.integration.verify.money import Money
from tests.integration.verify.online import study
from tests.integration.verify.plot import Plot, Season
from tests.integration.verify.world import World
from tests.sandboxes import HUSH, sandbox_process
from tests.servers import sweep
from tests.waits import BOUND


@dataclass
class Played:
    """A world with a season in it."""

    world: World
    season: Season
    sandbox: str | None = None

    async def verified(self, wait: float = 0) -> Report:
        servers = self.world.servers
        return await verify(
            servers.mongo_url, servers.kafka_bootstrap, self.world.namespace, sandbox=self.sandbox, wait=wait
        )


@asynccontextmanager
async def _opened(servers: Servers) -> AsyncIterator[World]:
    world = World(servers, f"tv{secrets.token_hex(4)}")
    try:
        await world.open()
        yield world
    finally:
        await world.close()
        await sweep(servers, world.namespace)


@pytest.fixture(scope="module")
async def played(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """A season with a provider, shared by the tests of a module: each puts back what it tampers with."""
    async with _opened(servers) as world, sandbox_process(tmp_path_factory.mktemp("sandbox")) as sandbox:
        bounds = Bounds("sandbox", calls=4, seconds=BOUND)
        provider = Sandbox(sandbox.url, secret=HUSH, webhooks="http://127.0.0.1:9/none", bounds=bounds)
        plot = Plot(world)
        season = await plot.play(Money(plot, provider).play, partial(invoice, plot), partial(study, plot))
        await provider.close()
        yield Played(world, season, sandbox.url)


@pytest.fixture
async def spoilt(servers: Servers) -> AsyncIterator[Played]:
    """A season without a provider, for one test alone."""
    async with _opened(servers) as world:
        yield Played(world, await Plot(world).play())
