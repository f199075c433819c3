"""The part of the season in which families buy online plans, and change their minds (CON-20)."""

from dataclasses import replace
from typing import Any

from carnet.decisions import Decision
from carnet.events.contracts import AtOnce
from carnet.mongo import Unit, transact
from contracts.access.store import follow_plans
from contracts.contracts.domain.changes import Change, Opening, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import PlanChange
from contracts.contracts.store import CONTRACTS
from tests.integration.verify.plot import CURRENCY, Plot, there

PLANS: dict[str, dict[str, Any]] = {
    "basic plan": {"kind": "online_plan", "courses": ["harmony"], "settings": {"lessons": 5}, "months": 6},
    "full plan": {"kind": "online_plan", "courses": ["harmony", "rhythm"]},
}


async def study(plot: Plot) -> None:
    """Two plans open the same course, one of them goes again, and the other is changed, there and back."""
    for name, details in PLANS.items():
        await plot.product(name, details, 9_000, participant=True)
    await plot.world.settle()
    await plot.know_products()
    await _saved(plot, "online", lambda offer, context: open_contract(_opening(plot), offer, context))
    full = await _changed(plot, lambda _: Change(add=(_bought(plot, "full plan"),)))
    await _changed(plot, lambda _: Change(cancel=(full.lines[-1].id,)))
    for name in ("full plan", "basic plan"):
        await _changed(
            plot, lambda before, to=name: Change(plans=(PlanChange(next(before.live).id, plot.addition(to)),))
        )


def _bought(plot: Plot, name: str) -> Any:
    return replace(plot.addition(name), participant=plot.owners["petit"])


def _opening(plot: Plot) -> Opening:
    return Opening("online", AtOnce(), CURRENCY, (_bought(plot, "basic plan"),))


async def _changed(plot: Plot, change: Any) -> Contract:
    def decide(offer: Any, context: Any, before: Contract) -> Decision[Contract]:
        return change_contract(before, change(before), offer, context)

    return await _saved(plot, "online", decide, plot.season.contracts["online"])


async def _saved(plot: Plot, name: str, decide: Any, contract: str | None = None) -> Contract:
    """The contract, saved with the accesses that it opens, as the API saves it."""
    offer = await plot.offer("petit")

    async def work(unit: Unit) -> Contract:
        await unit.load(CONTRACTS, [contract] if contract else [])
        before = there(unit.get(CONTRACTS, contract)) if contract else None
        context = plot.world.context()
        decided = decide(offer, context, before) if before else decide(offer, context)
        after = unit.decide(CONTRACTS, decided, context)
        await follow_plans(unit, before, after, context)
        return after

    saved = await transact(plot.world.databases["contracts"], work)
    plot.season.contracts[name] = saved.id
    return saved
