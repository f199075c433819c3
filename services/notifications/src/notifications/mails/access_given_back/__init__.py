"""Access to online courses that was withheld because a payment was late is open again (CON-20).

If it is withheld again before the mail is sent, it does not go.
"""

from dataclasses import dataclass
from typing import Literal

from carnet.events.contracts import PlansGivenBack
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts, ContractNow
from notifications.mails.samples import CONTRACT
from notifications.mails.views import ContractView
from notifications.mails.withheld import Plan, PlanShown, plans_of, sample_plans, shown


class Facts(ContractFacts):
    """Plans of a contract whose access is open again."""

    kind: Literal["access_given_back"] = "access_given_back"
    plans: tuple[Plan, ...]

    def is_overtaken(self, contract: ContractNow) -> bool:
        """Whether it was withheld again since."""
        return contract.withheld is True


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates."""

    plans: tuple[PlanShown, ...]


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, plans=shown(facts.plans, known))


def facts_of(event: PlansGivenBack) -> Facts:
    """The facts of the event."""
    return Facts.of(event, plans=plans_of(event.plans))


def sample(currency: str) -> Facts:
    """A plan that is open again."""
    return Facts(contract=CONTRACT, plans=sample_plans(), currency=currency)


MAIL = MailKind(to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PlansGivenBack: facts_of})
