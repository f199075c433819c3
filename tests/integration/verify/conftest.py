"""A season that is as it should be, to tamper with; and another whose topics may be spoilt for good."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from carnet_local.servers import Servers
from carnet_local.verify import Report, verify
from tests.integration.verify.money import Money
from tests.integration.verify.plot import Plot, Season
from tests.integration.verify.world import World
from tests.servers import sweep


@dataclass
class Played:
    """A world with a season in it."""

    world: World
    season: Season

    async def verified(self, wait: float = 0) -> Report:
        servers = self.world.servers
        return await verify(servers.mongo_url, servers.kafka_bootstrap, self.world.namespace, wait=wait)


async def _play(servers: Servers) -> AsyncIterator[Played]:
    world = World(servers, f"tv{secrets.token_hex(4)}")
    try:
        await world.open()
        plot = Plot(world)
        yield Played(world, await plot.play(Money(plot).play))
    finally:
        await world.close()
        await sweep(servers, world.namespace)


@pytest.fixture(scope="module")
async def played(servers: Servers) -> AsyncIterator[Played]:
    """Shared by the tests of a module: each puts back what it tampers with."""
    async for each in _play(servers):
        yield each


@pytest.fixture
async def spoilt(servers: Servers) -> AsyncIterator[Played]:
    """For one test alone."""
    async for each in _play(servers):
        yield each
