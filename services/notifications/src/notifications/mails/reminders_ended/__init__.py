"""The reminders of what is late or on no date have ended, and it is not paid: staff is informed (PAY-10, NOT-4)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.events.payments import RemindersEnded
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.reminded import DuePayment, Owed, owed_of, sample_debts, shown, sum_of
from notifications.mails.samples import STATEMENT
from notifications.mails.views import View as BaseView
from notifications.templates.values import Sum


class Facts(BaseFacts):
    """What is late or on no date of an account, and will not be recalled again."""

    kind: Literal["reminders_ended"] = "reminders_ended"
    contract: Id | None = None
    """None: it is about the account."""
    reminders: Id
    debts: tuple[Owed, ...]
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class View(BaseView):
    """The variables of its templates: what is late, what is on no date (``orders``), and what both come to (``due``).

    ``stopped`` where the client wanted no more reminders.
    """

    late: tuple[DuePayment, ...]
    due: Sum
    orders: tuple[DuePayment, ...] = ()
    stopped: bool = False


def compose(facts: Facts, known: Known) -> View:
    """The variables."""
    return known.view(
        View,
        facts,
        late=shown(facts.debts, known, "late"),
        due=sum_of(facts.debts, known, "late", "order"),
        orders=shown(facts.debts, known, "order"),
    )


def facts_of(event: RemindersEnded) -> Facts:
    """The facts of the event."""
    return Facts.of(event, debts=owed_of(event.debts))


def sample(currency: str) -> Facts:
    """Two instalments that are late, and a sale that is still to be paid."""
    late = tuple(each for each in sample_debts() if each.kind == "late")
    order = late[0].model_copy(update={"kind": "order", "due": date(2026, 12, 1), "number": "2027-0063"})
    return Facts(reminders=STATEMENT, debts=(*late, order), currency=currency)


MAIL = MailKind(
    to="support",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={RemindersEnded: facts_of},
    about="reminders",
)
