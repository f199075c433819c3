"""Cancelling a line that sold a client credit: contracts, credits and payments agree on the outcome (CRE-4, CRE-5)."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from carnet.mongo import Unit, transact
from carnet_operations.verify import verify
from carnet_suite.servers import Servers
from contracts.contracts.domain.changes import Change
from contracts.contracts.domain.contracts import Contract
from credits.domain.movements import adjust
from credits.store import CREDITS, save
from tests.integration.verify.plot import AtOnce, Plot, there
from tests.integration.verify.world import World
from tests.servers import sweep


@pytest.fixture
async def plot(servers: Servers) -> AsyncIterator[Plot]:
    world = World(servers, f"tv{secrets.token_hex(4)}")
    try:
        await world.open()
        plot = Plot(world)
        await plot.begin()
        yield plot
    finally:
        await world.close()
        await sweep(servers, world.namespace)


async def sells(plot: Plot, *products: str, paid: int = 0) -> Contract:
    """The contract ``sold``, received by all, and paid that much."""
    contract = await plot.open("sold", "petit", AtOnce(), *products)
    await plot.world.settle()
    if paid:
        await plot.pay("sold", paid)
        await plot.world.settle()
    return contract


async def cancels(plot: Plot, *lines: str) -> Contract:
    """The lines are cancelled and a workshop is added; credits has not answered yet."""
    return await plot.change("sold", "petit", Change(cancel=lines, add=(plot.addition("workshop"),)))


async def takes(plot: Plot, credit: str, amount: int) -> None:
    """Staff takes a part off a credit, so that less is left of it than was sold."""

    async def work(unit: Unit) -> None:
        await unit.load(CREDITS, [credit])
        before, context = there(unit.get(CREDITS, credit)), plot.world.context()
        save(unit, before, adjust(before, -amount, context.today), context, note="Agreed.")

    await transact(plot.world.databases["credits"], work)


async def kept(plot: Plot, service: str, collection: str, id_: str) -> dict[str, Any]:
    return await plot.world.one(service, collection, {"_id": id_})


async def found(plot: Plot) -> list[Any]:
    servers = plot.world.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, plot.world.namespace, wait=0)
    return list(report.findings)


@pytest.mark.parametrize("paid", [0, 10_000])
async def test_cre_4_credits_are_removed_granted_or_not_and_the_schedule_follows_once(plot: Plot, paid: int) -> None:
    contract = await sells(plot, "credit", "credit", paid=paid)
    lines = [line.id for line in contract.lines]
    waiting = await cancels(plot, *lines)
    assert waiting.total == 10_000
    await plot.world.settle()
    changed = await kept(plot, "contracts", "contracts", contract.id)
    assert (changed["pending"], [line["state"] for line in changed["lines"]]) == (
        None, ["cancelled", "cancelled", "live"],
    )  # fmt: skip
    for line in lines:
        credit = await kept(plot, "credits", "credits", line)
        assert (credit["status"], credit["left"]) == ("removed", 0)
    schedule = await kept(plot, "payments", "schedules", contract.id)
    assert (schedule["total"], schedule["covers"]) == (6_000, changed["version"])
    assert schedule["refund_due"] == max(0, paid - 6_000)
    assert await found(plot) == []


async def test_cre_5_one_credit_that_is_not_whole_keeps_all_of_them_and_the_schedule(plot: Plot) -> None:
    contract = await sells(plot, "credit", "credit", paid=10_000)
    first, second = (line.id for line in contract.lines)
    await takes(plot, second, 1_000)
    await cancels(plot, first, second)
    await plot.world.settle()
    left = await kept(plot, "contracts", "contracts", contract.id)
    assert (left["pending"], [line["state"] for line in left["lines"]]) == (None, ["live", "live"])
    assert (left["refused_change"]["credit"], left["refused_change"]["left"]) == (second, 4_000)
    assert [(await kept(plot, "credits", "credits", line))["left"] for line in (first, second)] == [5_000, 4_000]
    schedule = await kept(plot, "payments", "schedules", contract.id)
    assert (schedule["total"], schedule["covers"]) == (10_000, contract.version)
    assert await found(plot) == []

    # What can go, goes: the contract is changed on from there.
    await cancels(plot, first)
    await plot.world.settle()
    changed = await kept(plot, "contracts", "contracts", contract.id)
    assert (changed["refused_change"], changed["last_whole"]) == (None, None)
    schedule = await kept(plot, "payments", "schedules", contract.id)
    assert (schedule["total"], schedule["covers"]) == (11_000, changed["version"])
    assert await found(plot) == []
