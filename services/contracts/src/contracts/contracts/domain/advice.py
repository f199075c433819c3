"""Advice: what an answer recommends without forbidding anything (CON-5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from carnet.events.payments import Balance
from contracts.contracts.domain.contracts import Contract, Line


@dataclass(frozen=True, slots=True)
class Advice:
    """A stable name, a sentence that says what to do instead, and the rule's code."""

    name: str
    detail: str
    rule: str


OPEN_ANOTHER = Advice(
    "open-another-contract",
    "This contract is paid in full online: opening a new contract for the course is advised.",
    "CON-5",
)


def advise(before: Contract, after: Contract, balance: Balance | None) -> tuple[Advice, ...]:
    """What to advise on a change, given the schedule's balance before it, where it is known (CON-5)."""
    if balance is None or before.mode != "online" or before.live_lines == 0 or not balance.all_paid:
        return ()
    return (OPEN_ANOTHER,) if any(line.purchase.kind == "course" for line in added(before, after)) else ()


def added(before: Contract, after: Contract) -> Iterable[Line]:
    """The lines that ``after`` has and ``before`` had not."""
    return after.lines[len(before.lines) :]
