"""A reminder of a session pack: one session is left, or its last day comes soon (CRE-10).

It is read from credits when it is sent: where the pack was used up, its sale cancelled or its last day moved
meanwhile, it does not go.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from carnet.events.credits import PackReminded, PackReminderReason
from carnet.ids import Id
from carnet.money import Currency
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import ContractFacts, Source
from notifications.mails.samples import CHILD, CONTRACT, STATEMENT
from notifications.mails.views import ContractView


class Facts(ContractFacts):
    """A session pack of which the family is reminded."""

    kind: Literal["pack_reminder"] = "pack_reminder"
    reminder: Id
    pack: Id
    name: str
    member: Id | None = None
    """For whom it is; None if the family shares it."""
    why: PackReminderReason
    left: int | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    currency: Currency = "XXX"
    """No currency, by ISO 4217: a pack is no amount."""

    @property
    def source(self) -> Source:
        """What is still true of it when the mail is sent, as credits answers."""
        return Source("credits", "pack-reminder-links", "pack_reminder", (self.reminder,))

    def as_now(self, answer: bytes) -> Self | None:
        """The facts as credits says now; None if what the mail says is not so any more."""
        now = json.loads(answer)
        if not now["needed"]:
            return None
        until = now["expires_on"]
        return self.model_copy(
            update={"left": now["left"], "expires_on": None if until is None else date.fromisoformat(until)}
        )


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates.

    ``one_left`` is true if it goes because one session is left, and not because the last day comes soon. ``left`` is
    absent if the sessions are unlimited.
    """

    name: str
    member: str
    """For whom the pack is; empty if the family shares it."""
    one_left: bool
    left: int | None
    expires_on: date | None
    """Its last day; absent if it has none, or starts at the first use."""


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(View, facts, member=known.name(facts.member), one_left=facts.why == "one_left")


def sample(currency: str) -> Facts:
    """A pack whose last day comes soon."""
    return Facts(
        contract=CONTRACT,
        reminder=STATEMENT,
        pack=STATEMENT,
        name="Ten dance classes",
        member=CHILD,
        why="expires",
        left=4,
        expires_on=date(2027, 1, 19),
        currency=currency,
    )


MAIL = MailKind(
    to="client", facts=Facts, view=View, compose=compose, sample=sample, due={PackReminded: Facts.of}, about="reminder"
)
