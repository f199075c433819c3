"""The dossier of one opening or change: the events of contracts and the schedule that answers it, in either order.

The mail about a change is made once both are known (EVT-1). Contracts publishes the events of a
change one after another, then names the sequence of the last; payments answers once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from carnet.decisions import State
from carnet.events.contracts import (
    ContractCancelled,
    ContractChanged,
    ContractOpened,
    DiscountPlaced,
    Mode,
    ProductAdded,
    ProductCancelled,
    ProductEdited,
)
from carnet.events.payments import Balance, Instalment, ScheduleAdjusted, ScheduleCreated
from carnet.events.scholarship_uses import ScholarshipApplied, ScholarshipReduced
from carnet.events.subscriptions import (
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionPauseLifted,
    SubscriptionPriceChanged,
)
from carnet.ids import Id
from carnet.money import Amount, Currency
from carnet.tolerance import Tolerant
from notifications.mails import (
    contract_changed,
    contract_opened,
    pause_lifted,
    subscription_cancelled,
    subscription_paused,
    subscription_price,
)
from notifications.mails.facts import Facts, ScheduleFacts
from notifications.mails.lines import AddedLine, CancelledLine, CoveredPart, EditedLine, Lines, PlacedDiscount

ContractFact = (
    ContractOpened
    | ProductAdded
    | DiscountPlaced
    | ProductCancelled
    | ProductEdited
    | ScholarshipApplied
    | ScholarshipReduced
    | SubscriptionCancelled
    | SubscriptionPaused
    | SubscriptionPauseLifted
    | SubscriptionPriceChanged
    | ContractChanged
    | ContractCancelled
)
"""The events of contracts that a change consists of."""

Schedule = ScheduleCreated | ScheduleAdjusted
"""The answer of payments."""


class Summary(Tolerant):
    """The opening or change as a whole: its totals in minor units and the sequence of its last event."""

    opening: bool
    mode: Mode
    currency: Currency
    effective_on: date
    total_before: Amount
    total: Amount
    last: int
    imported: bool = False
    """Whether the contract comes from another system: no mail is about that (IMP-3)."""


class EndedSubscription(Tolerant):
    """The cancellation of a subscription, which has a mail of its own (CON-17)."""

    name: str
    participant: Id | None = None
    ends_on: date | None = None
    by_days: bool
    fee: Amount


class BegunPause(Tolerant):
    """The pause of a subscription, which has a mail of its own (CON-18)."""

    name: str
    participant: Id | None = None
    paused_from: date
    months: int | None = None
    period: int
    first_day: date
    resumes_on: date | None = None


class LiftedPause(Tolerant):
    """The lifting of a pause, which has a mail of its own (CON-18)."""

    name: str
    participant: Id | None = None
    paused_from: date
    lifted_on: date | None = None
    resumes_on: date


class NewPrice(Tolerant):
    """The new price of a subscription, which has a mail of its own (CON-21)."""

    name: str
    participant: Id | None = None
    begins_on: date | None = None
    price_before: Amount
    price_after: Amount


class Answer(Tolerant):
    """The schedule that answers the opening or change."""

    balance: Balance
    instalments: tuple[Instalment, ...]


class Dossier(State):
    """What is known of one opening or change; its id is the change's."""

    contract: Id
    account: Id
    seen: int = 0
    """The sequence of the latest event of the contract that belongs to it."""
    lines: Lines = Lines()
    contract_cancelled: bool = False
    subscription: EndedSubscription | None = None
    """The subscription that it cancels at a date."""
    pause: BegunPause | None = None
    """The pause that it begins, or makes longer."""
    lifting: LiftedPause | None = None
    """The pause that it lifts, or takes back."""
    price: NewPrice | None = None
    """The price that the subscription has from a period on."""
    told: Summary | None = None
    """The summary that contracts published last."""
    answer: Answer | None = None
    closed: bool = False
    """True once everything is known and the mail, if one is due, was made."""


def with_fact(dossier: Dossier | None, fact: ContractFact, *, organisation: str, change: str, sequence: int) -> Dossier:
    """The dossier with one more event of the contract; a dossier that is closed stays as it is."""
    known = dossier or _new(fact, organisation, change)
    if known.closed:
        return known
    return known.model_copy(update={"seen": max(known.seen, sequence), **_learned(known, fact)})


def with_answer(dossier: Dossier | None, schedule: Schedule, *, organisation: str, change: str) -> Dossier:
    """The dossier with the schedule that answers it; a dossier that is closed stays as it is."""
    known = dossier or _new(schedule, organisation, change)
    if known.closed:
        return known
    return known.model_copy(update={"answer": Answer(balance=schedule.balance, instalments=schedule.instalments)})


def is_whole(dossier: Dossier) -> bool:
    """True if every event of the change and the schedule that answers it are known."""
    return dossier.told is not None and dossier.seen >= dossier.told.last and dossier.answer is not None


def close(dossier: Dossier) -> tuple[Dossier, Facts | None]:
    """Close a dossier that is whole; returns it without its contents, and the facts of the mail.

    The facts are None, so no mail is due, if the change touched no product, price or discount, for instance only an
    expiry date or notes; if it only billed the next period of a subscription (CON-21); or if it was imported (IMP-3).
    """
    content = _content(dossier)
    emptied = Dossier(
        id=dossier.id,
        organisation=dossier.organisation,
        contract=dossier.contract,
        account=dossier.account,
        seen=dossier.seen,
        closed=True,
    )
    return emptied, content


def _new(event: ContractFact | Schedule, organisation: str, change: str) -> Dossier:
    return Dossier(id=change, organisation=organisation, contract=event.contract, account=event.account)


def _learned(dossier: Dossier, fact: ContractFact) -> dict[str, object]:
    match fact:
        case ContractOpened():
            return {"told": _summary(fact, opening=True, total_before=0, total=fact.total)}
        case ContractChanged():
            return {"told": _summary(fact, opening=False, total_before=fact.total_before, total=fact.total_after)}
        case ContractCancelled():
            return {"contract_cancelled": True}
        case SubscriptionCancelled() | SubscriptionPaused() | SubscriptionPauseLifted() | SubscriptionPriceChanged():
            own = OWN_MAILS[type(fact)]
            return {own.kept_as: own.part.model_validate({each: getattr(fact, each) for each in own.part.model_fields})}
        case _:
            return {"lines": _with_line(dossier.lines, fact)}


@dataclass(frozen=True, slots=True)
class OwnMail:
    """A mail of its own about one event of a change, which takes the place of that about the change.

    ``kept_as`` is the field in which a dossier keeps the ``part`` of the event that the ``facts`` of the mail show.
    """

    kept_as: str
    part: type[Tolerant]
    facts: type[ScheduleFacts]

    @property
    def kind(self) -> str:
        """The kind of the mail."""
        return str(self.facts.model_fields["kind"].default)


OWN_MAILS: Mapping[type[ContractFact], OwnMail] = {
    SubscriptionCancelled: OwnMail("subscription", EndedSubscription, subscription_cancelled.Facts),
    SubscriptionPaused: OwnMail("pause", BegunPause, subscription_paused.Facts),
    SubscriptionPauseLifted: OwnMail("lifting", LiftedPause, pause_lifted.Facts),
    SubscriptionPriceChanged: OwnMail("price", NewPrice, subscription_price.Facts),
}
"""The events of a change about which there is a mail of its own."""

MAILS_OF_CHANGES = ("contract_opened", "contract_changed", *(own.kind for own in OWN_MAILS.values()))
"""The kinds of mail about an opening or a change: a dossier makes one of them, or none."""


def _summary(fact: ContractOpened | ContractChanged, *, opening: bool, total_before: int, total: int) -> Summary:
    return Summary(
        opening=opening,
        mode=fact.mode,
        currency=fact.currency,
        effective_on=fact.effective_on,
        total_before=total_before,
        total=total,
        last=fact.version,
        imported=isinstance(fact, ContractOpened) and fact.imported is not None,
    )


LineFact = ProductAdded | DiscountPlaced | ProductCancelled | ProductEdited | ScholarshipApplied | ScholarshipReduced
"""The events about one line."""


def _with_line(lines: Lines, fact: LineFact) -> Lines:
    match fact:
        case ProductAdded(purchase=bought):
            added = AddedLine(
                line=bought.line,
                name=bought.name,
                format=bought.format.name if bought.format else None,
                tariff=bought.tariff.name if bought.tariff else None,
                participant=bought.participant,
                price=bought.price,
                voucher=bought.voucher,
                period=bought.period,
                first_day=bought.first_day if bought.period else None,
                last_day=bought.last_day if bought.period else None,
            )
            return lines.model_copy(update={"added": (*lines.added, added)})
        case DiscountPlaced():
            placed = PlacedDiscount(line=fact.line, name=fact.name, amount=fact.amount)
            return lines.model_copy(update={"discounts": (*lines.discounts, placed)})
        case ProductCancelled():
            cancelled = CancelledLine(line=fact.line, name=fact.name, participant=fact.participant, amount=fact.amount)
            return lines.model_copy(update={"cancelled": (*lines.cancelled, cancelled)})
        case ProductEdited():
            if fact.price_before == fact.price_after:
                return lines
            edited = EditedLine(
                line=fact.line, name=fact.name, price_before=fact.price_before, price_after=fact.price_after
            )
            return lines.model_copy(update={"edited": (*lines.edited, edited)})
        case ScholarshipApplied() | ScholarshipReduced():
            return _with_part(lines, fact)


def _with_part(lines: Lines, fact: ScholarshipApplied | ScholarshipReduced) -> Lines:
    if isinstance(fact, ScholarshipApplied):
        before, after = 0, fact.amount
    else:
        before, after = fact.amount_before, fact.amount_after
    part = CoveredPart(line=fact.line, name=fact.name, amount_before=before, amount_after=after)
    return lines.model_copy(update={"scholarships": (*lines.scholarships, part)})


def _content(dossier: Dossier) -> Facts | None:
    summary, answer = dossier.told, dossier.answer
    if summary is None or answer is None:
        raise ValueError(f"dossier {dossier.id} is not whole yet")
    if summary.imported:
        return None
    if summary.opening:
        return contract_opened.Facts(
            contract=dossier.contract,
            mode=summary.mode,
            currency=summary.currency,
            effective_on=summary.effective_on,
            lines=dossier.lines,
            total=summary.total,
            balance=answer.balance,
            instalments=answer.instalments,
        )
    if (own := _own_mail(dossier, summary, answer)) is not None:
        return own
    if not dossier.lines or dossier.lines.only_bills:
        return None
    return contract_changed.Facts(
        contract=dossier.contract,
        mode=summary.mode,
        currency=summary.currency,
        effective_on=summary.effective_on,
        lines=dossier.lines,
        contract_cancelled=dossier.contract_cancelled,
        total_before=summary.total_before,
        total=summary.total,
        balance=answer.balance,
        instalments=answer.instalments,
    )


def _own_mail(dossier: Dossier, summary: Summary, answer: Answer) -> Facts | None:
    """The facts of the mail about a subscription that the change cancels, pauses or goes on with; None for others."""
    known: dict[str, Any] = {
        "contract": dossier.contract,
        "mode": summary.mode,
        "currency": summary.currency,
        "effective_on": summary.effective_on,
        "total_before": summary.total_before,
        "total": summary.total,
        "balance": answer.balance,
        "instalments": answer.instalments,
    }
    for own in OWN_MAILS.values():
        part: Tolerant | None = getattr(dossier, own.kept_as)
        if part is not None:
            shown = {name: value for name, value in known.items() if name in own.facts.model_fields}
            return own.facts(**shown, **part.model_dump(include=set(own.part.model_fields)))
    return None
