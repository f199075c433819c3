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

WITHIN_MINIMUM = Advice(
    "within-minimum-term",
    "The date is within the minimum term: the client agreed to pay until its end. The cancellation is possible.",
    "CON-17",
)


def advise(before: Contract, after: Contract, balance: Balance | None) -> tuple[Advice, ...]:
    """What to advise on a change, given the schedule's balance before it, where it is known (CON-5, CON-17)."""
    if _within_minimum(before, after):
        return (WITHIN_MINIMUM,)
    if balance is None or before.mode != "online" or before.live_lines == 0 or not balance.all_paid:
        return ()
    return (OPEN_ANOTHER,) if any(line.purchase.kind == "course" for line in added(before, after)) else ()


def added(before: Contract, after: Contract) -> Iterable[Line]:
    """The lines that ``after`` has and ``before`` had not."""
    return after.lines[len(before.lines) :]


def _within_minimum(before: Contract, after: Contract) -> bool:
    """Whether the change cancels a subscription before the end of its minimum term (CON-17)."""
    if before.subscription is None or after.subscription is None or before.subscription.cancellation is not None:
        return False
    cancellation, until = after.subscription.cancellation, after.subscription.minimum_until
    return cancellation is not None and (until is None or cancellation.on <= until)
