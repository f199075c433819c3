"""Events in: what notifications makes of what the other services tell."""

from carnet.answers import forget_answers
from carnet.dates import utc_now
from carnet.envelope import Received
from carnet.events.contracts import (
    ACCOUNTS as ACCOUNTS_TOPIC,
)
from carnet.events.contracts import (
    CONTRACTS,
    AccountChanged,
    AccountErased,
    ContractCancelled,
    ContractChanged,
    ContractOpened,
    DiscountPlaced,
    ProductAdded,
    ProductCancelled,
    ProductEdited,
)
from carnet.events.credits import CREDITS
from carnet.events.payments import SCHEDULES, ScheduleAdjusted, ScheduleCreated
from carnet.journal import slot_of
from carnet.mongo import Unit
from carnet.organisations import organisation_reactions
from carnet.reactions import Reactions, Wanted
from notifications.domain import accounts
from notifications.domain.accounts import Account
from notifications.domain.content import Content, Kind
from notifications.domain.dossiers import ContractFact, Dossier, Schedule, close, is_whole, with_answer, with_fact
from notifications.domain.dues import BY_CREDITS, BY_PAYMENTS, KIND_OF, Telling, content_of
from notifications.domain.mails import mail_id, new_mail
from notifications.store import ACCOUNTS, DOSSIERS, MAILS, erase_from_mails

CONTRACTS_TABLE = Reactions(CONTRACTS)
SCHEDULES_TABLE = Reactions(SCHEDULES)
CREDITS_TABLE = Reactions(CREDITS)
ACCOUNTS_TABLE = Reactions(ACCOUNTS_TOPIC)

REACTIONS = (CONTRACTS_TABLE, SCHEDULES_TABLE, CREDITS_TABLE, ACCOUNTS_TABLE, organisation_reactions())

_FACTS: tuple[type[ContractFact], ...] = (
    ContractOpened,
    ProductAdded,
    DiscountPlaced,
    ProductCancelled,
    ProductEdited,
    ContractChanged,
    ContractCancelled,
)
_SCHEDULES: tuple[type[Schedule], ...] = (ScheduleCreated, ScheduleAdjusted)
_OF_A_CHANGE: tuple[Kind, ...] = ("contract_opened", "contract_changed")


def _dossier(change: str) -> Wanted:
    return [(DOSSIERS, change), *((MAILS, mail_id(kind, change)) for kind in _OF_A_CHANGE)]


def _own_mail(event: Received[Telling]) -> Wanted:
    return [(MAILS, mail_id(KIND_OF[type(event.body)], event.id))]


@CONTRACTS_TABLE.on(*_FACTS, loads=lambda event: _dossier(event.change))
def told_of_a_change(event: Received[ContractFact], unit: Unit) -> None:
    """One more fact of an opening or change; the mail goes once all of them and the schedule are known (EVT-1)."""
    known = unit.get(DOSSIERS, event.change)
    dossier = with_fact(
        known, event.body, organisation=event.organisation, change=event.change, sequence=event.sequence
    )
    _settle(dossier, known, unit)


@SCHEDULES_TABLE.on(*_SCHEDULES, loads=lambda event: _dossier(event.body.change) if event.body.change else ())
def answered(event: Received[Schedule], unit: Unit) -> None:
    """The schedule that answers an opening or change (EVT-1); one that staff moved by itself is not mailed about."""
    change = event.body.change
    if change is None:
        return
    known = unit.get(DOSSIERS, change)
    _settle(with_answer(known, event.body, organisation=event.organisation, change=change), known, unit)


@SCHEDULES_TABLE.on(*BY_PAYMENTS, loads=_own_mail)
def told_by_payments(event: Received[Telling], unit: Unit) -> None:
    """What became of a payment, a contract fully paid, what became of a refund line (NOT-1)."""
    _mail_about(event, unit)


@CREDITS_TABLE.on(*BY_CREDITS, loads=_own_mail)
def told_by_credits(event: Received[Telling], unit: Unit) -> None:
    """A credit was granted, used or restored (NOT-1)."""
    _mail_about(event, unit)


@ACCOUNTS_TABLE.on(AccountChanged, loads=lambda event: [(ACCOUNTS, event.body.account)])
def account_changed(event: Received[AccountChanged], unit: Unit) -> None:
    """Keep the copy; a member erased leaves the mails kept, too (ORG-4)."""
    _keep(accounts.copy_of(event.body, organisation=event.organisation, sequence=event.sequence), unit)


@ACCOUNTS_TABLE.on(AccountErased, loads=lambda event: [(ACCOUNTS, event.aggregate)])
def account_erased(event: Received[AccountErased], unit: Unit) -> None:
    """Keep of the account only that it was erased (ORG-4)."""
    _keep(accounts.erased_copy(event.aggregate, organisation=event.organisation, sequence=event.sequence), unit)


def _settle(dossier: Dossier, known: Dossier | None, unit: Unit) -> None:
    if dossier == known:
        return
    if not is_whole(dossier):
        unit.put(DOSSIERS, dossier)
        return
    closed, content = close(dossier)
    unit.put(DOSSIERS, closed)
    if content is not None:
        _make(content, unit, dossier.organisation, dossier.account, cause=dossier.id, change=dossier.id)


def _mail_about(event: Received[Telling], unit: Unit) -> None:
    content = content_of(event.body)
    if content is not None:
        _make(content, unit, event.organisation, event.body.account, cause=event.id, change=event.change)


def _make(content: Content, unit: Unit, organisation: str, account: str, *, cause: str, change: str) -> None:
    id_ = mail_id(content.kind, cause)
    if unit.get(MAILS, id_) is not None:
        return
    mail = new_mail(
        content,
        organisation=organisation,
        account=account,
        cause=cause,
        change=change,
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
