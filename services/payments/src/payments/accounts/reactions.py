"""Payments keeps the names of accounts, and forgets them with their people (ORG-4)."""

from datetime import date

from carnet.answers import forget_answers
from carnet.envelope import Received
from carnet.events import Event
from carnet.events import contracts as published
from carnet.mongo import Unit
from carnet.organisations import ORGANISATIONS, reaction_context
from carnet.reactions import Reactions
from payments.accounts.domain import Account, Names, people_of
from payments.accounts.store import ACCOUNTS
from payments.banking.store import forget_drawers
from payments.payment_methods.domain import remove_all
from payments.payment_methods.store import PAYMENT_METHODS
from payments.refunds.store import forget_reasons
from payments.reminders.store import forget_texts
from payments.schedules.store import forget_holders
from payments.sepa.store.mandates import forget_mandates

SERVICE = "payments"

ACCOUNT_NAMES = Reactions(published.ACCOUNTS)


@ACCOUNT_NAMES.on(published.AccountChanged, loads=lambda event: [(ACCOUNTS, event.aggregate)])
def account_changed(event: Received[published.AccountChanged], unit: Unit) -> None:
    """Keep the names of an account. Where one of its people was erased, so are the holders of its cheques.

    All holders are erased, as a name does not say which of the people it is, and a cheque is known by its bank, date
    and amount. What staff wrote about settlements goes too, since nobody can say whom it mentions. A mandate belongs to
    the person whose name it has.
    """
    known = unit.get(ACCOUNTS, event.aggregate) or Account(id=event.aggregate, organisation=event.organisation)
    changed = known.model_copy(
        update={
            "version": event.sequence,
            "names": Names.of(event.body.owner, event.body.personal, event.body.number).keeping(known.names),
            "people": people_of(event.body.personal),
            "language": event.body.language,
            "erased_members": sum(member.erased for member in event.body.members),
        }
    )
    erased = changed.erased_members > known.erased_members
    _keep(unit, changed, forget=erased)
    if erased:
        gone = [name for name in known.names.members if name not in changed.names.members]
        forget_mandates(unit, changed.organisation, changed.id, gone)


@ACCOUNT_NAMES.on(
    published.AccountErased,
    loads=lambda event: [
        (ACCOUNTS, event.aggregate),
        (PAYMENT_METHODS, event.aggregate),
        (ORGANISATIONS, event.organisation),
    ],
)
def account_erased(event: Received[published.AccountErased], unit: Unit) -> None:
    """Forget all names of an account, and what it could be collected from (ORG-4)."""
    known = unit.get(ACCOUNTS, event.aggregate) or Account(id=event.aggregate, organisation=event.organisation)
    methods = unit.get(PAYMENT_METHODS, event.aggregate)
    if methods is not None:
        unit.decide(PAYMENT_METHODS, remove_all(methods), reaction_context(event, SERVICE, _day_of(event, unit)))
    forget_mandates(unit, known.organisation, known.id)
    nobody = Names(number=known.names.number)
    erased = known.model_copy(update={"version": event.sequence, "names": nobody, "people": {}})
    _keep(unit, erased.stripped(), forget=True)


def _day_of(event: Received[Event], unit: Unit) -> date:
    """The organisation's day at which something was decided that names none itself (MON-5)."""
    organisation = unit.get(ORGANISATIONS, event.organisation)
    return organisation.today(event.time) if organisation else event.time.date()


def _keep(unit: Unit, account: Account, *, forget: bool) -> None:
    unit.put(ACCOUNTS, account)
    if forget:
        forget_answers(unit, account.organisation, account.id)
        forget_drawers(unit, account.organisation, account.id)
    if account.contracts and forget:
        forget_holders(unit, account)
        forget_reasons(unit, account)
        forget_texts(unit, account.organisation, account.id)
