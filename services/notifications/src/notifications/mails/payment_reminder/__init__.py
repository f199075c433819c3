"""A reminder of all that is due of an account, by the calendar or by hand (PAY-10, NOT-4).

What it lists is read from payments when it is sent: what was paid meanwhile is left out, and where nothing is left, or
the client has stopped the reminders, it does not go.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from carnet.events.payments import PaymentsReminded
from carnet.ids import Id
from notifications.mails.composing import Known
from notifications.mails.definition import MailKind
from notifications.mails.facts import Facts as BaseFacts
from notifications.mails.facts import Source
from notifications.mails.reminded import DuePayment, Owed, owed_now, owed_of, sample_debts, shown, sum_of
from notifications.mails.samples import SAMPLE_ACCOUNT, STATEMENT
from notifications.mails.views import ContractView
from notifications.templates.values import Sum


class Facts(BaseFacts):
    """What an account is reminded of."""

    kind: Literal["payment_reminder"] = "payment_reminder"
    contract: Id | None = None
    """None: it is about the account."""
    account: Id
    reminders: Id
    reminder: Id
    by_hand: bool = False
    debts: tuple[Owed, ...]
    text_en: str = ""
    text_fr: str = ""
    """The school's own words, known when it is sent."""
    code: str = ""
    """The code that comes with it, likewise."""

    @property
    def source(self) -> Source:
        """What is due of it when the mail is sent, as payments answers."""
        return Source("payments", "reminder-links", "reminder", (self.account, self.reminder))

    def as_now(self, answer: bytes) -> Self | None:
        """The facts as payments says now; None if nothing is to be sent any more."""
        now = json.loads(answer)
        if not now["needed"]:
            return None
        texts = {name: now.get(name, "") for name in ("text_en", "text_fr", "code")}
        return self.model_copy(update={"debts": owed_now(Owed, now["debts"]), **texts})


@dataclass(frozen=True, slots=True)
class View(ContractView):
    """The variables of its templates.

    ``late`` was due before the day of the mail, ``today`` is due on it, ``coming`` after it; ``orders`` are on no date.
    ``due`` is what the family has to pay itself: late, due today or on no date, and not collected. ``text`` are the
    school's own words, of the step or of who sends it, and may be empty. ``code`` is that of a voucher or a discount
    that comes with a reminder of what is on no date; it may be empty. ``stop`` leads to a page on which the client
    stops reminders, until ``stop_until``.
    """

    late: tuple[DuePayment, ...]
    today: tuple[DuePayment, ...]
    coming: tuple[DuePayment, ...]
    orders: tuple[DuePayment, ...]
    due: Sum
    text: str
    code: str
    stop: str
    stop_until: date


def compose(facts: Facts, known: Known) -> View:
    """The variables. What the code was for may be paid by now."""
    orders = shown(facts.debts, known, "order")
    own = (facts.text_fr, facts.text_en) if known.language == "fr" else (facts.text_en, facts.text_fr)
    return known.view(
        View,
        facts,
        late=shown(facts.debts, known, "late"),
        today=shown(facts.debts, known, "today"),
        coming=shown(facts.debts, known, "coming"),
        orders=orders,
        due=sum_of(facts.debts, known, "late", "today", "order"),
        text=own[0] or own[1],
        code=facts.code if orders else "",
        stop=known.link.address,
        stop_until=known.link.until,
    )


def facts_of(event: PaymentsReminded) -> Facts:
    """The facts of the event."""
    return Facts.of(event, debts=owed_of(event.debts))


def sample(currency: str) -> Facts:
    """Two instalments that are late, and one to come."""
    return Facts(
        account=SAMPLE_ACCOUNT.id, reminders=STATEMENT, reminder=STATEMENT, debts=sample_debts(), currency=currency
    )


MAIL = MailKind(
    to="client",
    facts=Facts,
    view=View,
    compose=compose,
    sample=sample,
    due={PaymentsReminded: facts_of},
    about="reminders",
)
