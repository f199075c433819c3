"""Events in: how notifications handles the events of the other services."""

from typing import Any, get_args

from carnet.answers import forget_answers
from carnet.dates import utc_now
from carnet.envelope import Received
from carnet.events.base import Event, Topic
from carnet.events.contracts import (
    ACCOUNTS as ACCOUNTS_TOPIC,
)
from carnet.events.contracts import (
    CONTRACTS,
    AccountChanged,
    AccountErased,
    ContractOpened,
)
from carnet.events.credits import CREDITS
from carnet.events.payments import SCHEDULES, ScheduleAdjusted
from carnet.journal import slot_of
from carnet.mongo import Unit, Wanted
from carnet.organisations import organisation_reactions
from carnet.reactions import Reactions
from notifications.domain import accounts, bursts
from notifications.domain.accounts import Account
from notifications.domain.dossiers import (
    MAILS_OF_CHANGES,
    ContractFact,
    Dossier,
    Schedule,
    close,
    is_whole,
    with_answer,
    with_fact,
)
from notifications.domain.mails import mail_id, new_mail
from notifications.domain.numbers import NumberedContract, after
from notifications.mails import DUE, facts_due
from notifications.mails.facts import Facts
from notifications.store import ACCOUNTS, BURSTS, DOSSIERS, MAILS, erase_from_mails
from notifications.store import CONTRACTS as NUMBERED

CONTRACTS_TABLE = Reactions(CONTRACTS)
SCHEDULE_REACTIONS = Reactions(SCHEDULES)
CREDIT_REACTIONS = Reactions(CREDITS)
ACCOUNTS_TABLE = Reactions(ACCOUNTS_TOPIC)

REACTIONS = (CONTRACTS_TABLE, SCHEDULE_REACTIONS, CREDIT_REACTIONS, ACCOUNTS_TABLE, organisation_reactions())

_FACTS: tuple[type[ContractFact], ...] = get_args(ContractFact)
_SCHEDULES: tuple[type[Schedule], ...] = get_args(Schedule)


def _dossier(change: str) -> Wanted:
    return [(DOSSIERS, change), *((MAILS, mail_id(kind, change)) for kind in MAILS_OF_CHANGES)]


def _own_mails(event: Received[Event]) -> Wanted:
    return [(MAILS, mail_id(kind, event.id)) for kind in DUE[type(event.body)]]


def _own_mails_and_burst(event: Received[Any]) -> Wanted:
    return [*_own_mails(event), *([(BURSTS, event.aggregate)] if _is_of_schedule(event) else ())]


def _own_mails_and_contract(event: Received[Any]) -> Wanted:
    return [*_own_mails(event), (NUMBERED, event.body.contract)]


def _burst_mail(event: Received[Any], unit: Unit) -> Wanted:
    burst = unit.get(BURSTS, event.body.contract) if _is_of_schedule(event) else None
    return [(MAILS, burst.mail)] if burst else []


def _is_of_schedule(event: Received[Any]) -> bool:
    """Whether it is in the sequence of a schedule, which has the id of its contract.

    An invoice, a statement, the reminders of an account and a mandate have sequences of their own on the same topic.
    """
    return event.aggregate == getattr(event.body, "contract", None)


def _due_by(topic: Topic) -> tuple[type[Event], ...]:
    return tuple(event for event in DUE if event.topic.name == topic.name)


@CONTRACTS_TABLE.on(*_FACTS, loads=lambda event: [*_dossier(event.change), (NUMBERED, event.body.contract)])
def contract_moved(event: Received[ContractFact], unit: Unit) -> None:
    """One more event of an opening or change; the mail is due once all of them and the schedule are known (EVT-1)."""
    if isinstance(event.body, ContractOpened) and event.body.number is not None:
        number, contract = event.body.number, event.body.contract
        unit.put(NUMBERED, NumberedContract(id=contract, organisation=event.organisation, number=number))
    _follow(event, unit)
    known = unit.get(DOSSIERS, event.change)
    dossier = with_fact(
        known, event.body, organisation=event.organisation, change=event.change, sequence=event.sequence
    )
    _close_if_whole(dossier, known, event, unit)


@SCHEDULE_REACTIONS.on(
    *_SCHEDULES,
    loads=lambda event: [*(_dossier(event.body.change) if event.body.change else ()), (BURSTS, event.body.contract)],
    then_loads=_burst_mail,
)
def schedule_answered(event: Received[Schedule], unit: Unit) -> None:
    """The schedule that answers an opening or change (EVT-1), or a move by staff (PAY-5)."""
    change = event.body.change
    if change is None:
        if isinstance(event.body, ScheduleAdjusted):
            _gather(event, event.body, unit)
        return
    _end_burst(event, unit)
    known = unit.get(DOSSIERS, change)
    _close_if_whole(with_answer(known, event.body, organisation=event.organisation, change=change), known, event, unit)


@SCHEDULE_REACTIONS.on(*_due_by(SCHEDULES), loads=_own_mails_and_burst, then_loads=_burst_mail)
def mail_due_by_payments(event: Received[Event], unit: Unit) -> None:
    """The outcome of a payment or refund line, or a contract fully paid (NOT-1): it shows the schedule.

    Or an invoice, a statement, a reminder, an invitation or an announcement is to be sent (PAY-10, PAY-18).
    """
    if _is_of_schedule(event):
        _end_burst(event, unit)
    _mail_about(event, unit)


@CONTRACTS_TABLE.on(*_due_by(CONTRACTS), loads=_own_mails_and_contract)
def contract_asked_about(event: Received[Event], unit: Unit) -> None:
    """A client asks something of staff, is answered (CON-17), or is informed of a renewal or what is withheld."""
    _follow(event, unit)
    _mail_about(event, unit)


@CREDIT_REACTIONS.on(*_due_by(CREDITS), loads=_own_mails)
def credit_moved(event: Received[Event], unit: Unit) -> None:
    """A credit was granted, used or restored (NOT-1)."""
    _mail_about(event, unit)


@ACCOUNTS_TABLE.on(AccountChanged, loads=lambda event: [(ACCOUNTS, event.body.account)])
def account_changed(event: Received[AccountChanged], unit: Unit) -> None:
    """Keep the copy; an erased member is also removed from the stored mails (ORG-4)."""
    known = unit.get(ACCOUNTS, event.body.account)
    _keep(accounts.copy_of(event.body, known, organisation=event.organisation, sequence=event.sequence), unit)


@ACCOUNTS_TABLE.on(AccountErased, loads=lambda event: [(ACCOUNTS, event.aggregate)])
def account_erased(event: Received[AccountErased], unit: Unit) -> None:
    """Keep only the fact that the account was erased (ORG-4)."""
    _keep(accounts.erased_copy(event.aggregate, organisation=event.organisation, sequence=event.sequence), unit)


def _follow(event: Received[Any], unit: Unit) -> None:
    """Keep what may overtake mails: whether a renewal that was announced takes place, and what is withheld."""
    contract = event.body.contract
    known = unit.get(NUMBERED, contract)
    now = after(known, event.body, contract=contract, organisation=event.organisation)
    if now is not None and now != known:
        unit.put(NUMBERED, now)


def _close_if_whole(dossier: Dossier, known: Dossier | None, event: Received[Any], unit: Unit) -> None:
    if dossier == known:
        return
    if not is_whole(dossier):
        unit.put(DOSSIERS, dossier)
        return
    closed, content = close(dossier)
    unit.put(DOSSIERS, closed)
    if content is not None:
        _make(content, unit, event, account=dossier.account, cause=dossier.id, change=dossier.id)


def _gather(event: Received[Schedule], moved: ScheduleAdjusted, unit: Unit) -> None:
    """Add a move by staff to the waiting mail, or begin another (NOT-1)."""
    burst = unit.get(BURSTS, moved.contract)
    mail = unit.get(MAILS, burst.mail) if burst else None
    gathered = bursts.moved(
        burst,
        mail,
        moved,
        sequence=event.sequence,
        now=utc_now(),
        organisation=event.organisation,
        account=moved.account,
        cause=event.id,
        change=event.change,
        request=event.request,
        slot=slot_of(mail_id("payments_moved", event.id)),
    )
    if gathered is None:
        return
    burst, mail = gathered
    unit.put(BURSTS, burst)
    if bursts.is_void(mail):
        unit.remove(MAILS, mail.id)
    else:
        unit.put(MAILS, mail)


def _end_burst(event: Received[Any], unit: Unit) -> None:
    """Make the mail about the moves due now: this event shows the schedule again."""
    burst, now = unit.get(BURSTS, event.body.contract), utc_now()
    mail = unit.get(MAILS, burst.mail) if burst else None
    if mail is not None and bursts.is_open(mail, now):
        unit.put(MAILS, bursts.ended(mail, now))


def _mail_about(event: Received[Any], unit: Unit) -> None:
    for facts in facts_due(event.body):
        _make(facts, unit, event, account=event.body.account, cause=event.id, change=event.change)


def _make(facts: Facts, unit: Unit, event: Received[Any], *, account: str, cause: str, change: str) -> None:
    id_ = mail_id(facts.kind, cause)
    if unit.get(MAILS, id_) is not None:
        return
    mail = new_mail(
        facts,
        organisation=event.organisation,
        account=account,
        cause=cause,
        change=change,
        request=event.request,
        slot=slot_of(id_),
        now=utc_now(),
    )
    unit.put(MAILS, mail)


def _keep(copy: Account, unit: Unit) -> None:
    before = unit.get(ACCOUNTS, copy.id)
    if accounts.newly_erased(before, copy):
        erase_from_mails(unit, copy.organisation, copy.id)
        forget_answers(unit, copy.organisation, copy.id)
    unit.put(ACCOUNTS, copy)
