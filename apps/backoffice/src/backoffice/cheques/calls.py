"""What the list of cheques asks, and what depositing one does."""

import asyncio
from dataclasses import dataclass

from backoffice.apis import Json, Problem, quoted
from backoffice.web import Visit

ADDRESS = "/payments/v1/cheques"
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Ticked:
    """A cheque that was ticked: its contract, the instalment that it is held for, and its minor units."""

    contract: str
    instalment: str
    amount: int

    @classmethod
    def read(cls, value: str) -> "Ticked | None":
        """What the box of a cheque says; None if it says something else."""
        parts = value.split("/")
        if len(parts) != 3 or not parts[2].isdecimal():
            return None
        return cls(parts[0], parts[1], int(parts[2]))


@dataclass(frozen=True, slots=True)
class Deposited:
    """What became of cheques that were ticked: how many are paid now, and why the others are not."""

    count: int
    faults: tuple[Problem, ...]


async def deposit(visit: Visit, ticked: list[Ticked], currency: str, key: str) -> Deposited:
    """Record each of these cheques as received today; those of one contract one after the other.

    Sent twice with the same ``key``, each is recorded once.
    """
    today = await visit.today()
    by_contract: dict[str, list[tuple[int, Ticked]]] = {}
    for place, cheque in enumerate(ticked):
        by_contract.setdefault(cheque.contract, []).append((place, cheque))
    results = await asyncio.gather(
        *(_deposit(visit, each, today=today, currency=currency, key=key) for each in by_contract.values())
    )
    faults = tuple(fault for result in results for fault in result.faults)
    return Deposited(sum(result.count for result in results), faults)


async def _deposit(
    visit: Visit, cheques: list[tuple[int, Ticked]], *, today: str, currency: str, key: str
) -> Deposited:
    address = f"/payments/v1/schedules/{quoted(cheques[0][1].contract)}"
    count, faults = 0, list[Problem]()
    try:
        version = (await visit.api.read(address)).version
    except Problem as problem:
        return Deposited(0, (problem,))
    for place, cheque in cheques:
        body: Json = {
            "amount": {"amount": cheque.amount, "currency": currency},
            "method": "cheque",
            "received_on": today,
            "instalment": cheque.instalment,
        }
        try:
            answer = await visit.api.send(f"{address}/payments", body, key=f"{key}-{place}", version=version)
        except Problem as problem:
            faults.append(problem)
        else:
            version, count = answer.version, count + 1
    return Deposited(count, tuple(faults))
