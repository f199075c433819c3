"""What the mails about accesses that are withheld and given back share: the plans (CON-20)."""

from collections.abc import Sequence
from dataclasses import dataclass

from carnet.events.contracts import WithheldPlan
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.facts import Fact
from notifications.mails.samples import CHILD, LINE


class Plan(Fact):
    """A plan of which the access is withheld, or given back."""

    line: Id
    name: str
    participant: Id


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan: its name, and the member who has it; empty if the person was erased."""

    name: str
    participant: str


def plans_of(plans: Sequence[WithheldPlan]) -> tuple[Plan, ...]:
    """The plans of an event."""
    return tuple(map(Plan.of_part, plans))


def shown(plans: Sequence[Plan], known: Known) -> tuple[PlanShown, ...]:
    """The plans, as templates show them."""
    return tuple(PlanShown(each.name, known.name(each.participant)) for each in plans)


def sample_plans() -> tuple[Plan, ...]:
    """A plan of a child."""
    return (Plan(line=LINE.format(0), name="Harmony online, 20 lessons", participant=CHILD),)
