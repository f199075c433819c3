"""What payments does on which event: schedules follow contracts and credits, the follow-up follows names."""

from typing import Any

from carnet.dates import utc_now
from carnet.envelope import Received
from carnet.events import contracts as told
from carnet.events import credits
from carnet.mongo import Unit
from carnet.organisations import organisation_reactions, reaction_context
from carnet.reactions import Reactions, Wanted
from carnet.refusals import unknown
from payments.domain.credit_uses import KnownCredit, UseRequest, complete_use, return_use
from payments.domain.decisions import adjust_schedule, open_schedule
from payments.domain.follow_up import Account, Names
from payments.domain.methods import remove_all
from payments.domain.schedule import Schedule
from payments.domain.starting import Opening, Terms
from payments.store import (
    ACCOUNTS,
    FOLLOW_UPS,
    KNOWN_CREDITS,
    PAYMENT_METHODS,
    SCHEDULES,
    USE_REQUESTS,
    forget_holders,
    forget_reasons,
    rename,
    save,
    save_new,
)

SERVICE = "payments"

CONTRACTS = Reactions(told.CONTRACTS)
ACCOUNT_NAMES = Reactions(told.ACCOUNTS)
CREDITS = Reactions(credits.CREDITS)
REACTIONS = (CONTRACTS, ACCOUNT_NAMES, CREDITS, organisation_reactions())


@CONTRACTS.on(
    told.ContractOpened,
    loads=lambda event: [(SCHEDULES, event.body.contract), (ACCOUNTS, event.body.account)],
)
def contract_opened(event: Received[told.ContractOpened], unit: Unit) -> None:
    """Start the schedule as the sale says (PAY-7), with whatever names are known by now."""
    body = event.body
    unit.get(SCHEDULES, body.contract)  # a contract of another organisation is refused here (ORG-1)
    account = unit.get(ACCOUNTS, body.account) or Account(id=body.account, organisation=event.organisation)
    opening = Opening(
        contract=body.contract,
        organisation=event.organisation,
        account=body.account,
        mode=body.mode,
        sale=body.sale,
        currency=body.currency,
        terms=Terms(total=body.total, live_lines=body.live_lines, covers=body.version),
    )
    context = reaction_context(event, SERVICE, body.effective_on)
    save_new(unit, open_schedule(opening, context), account.names, context)
    unit.put(ACCOUNTS, account.model_copy(update={"contracts": account.contracts + 1}))


@CONTRACTS.on(
    told.ContractChanged,
    loads=lambda event: [(SCHEDULES, event.body.contract), (FOLLOW_UPS, event.body.contract)],
)
def contract_changed(event: Received[told.ContractChanged], unit: Unit) -> None:
    """Let the schedule cover the new total (PAY-2)."""
    body = event.body
    schedule = unit.get(SCHEDULES, body.contract)
    if schedule is None:
        raise unknown("schedule", body.contract)
    terms = Terms(total=body.total_after, live_lines=body.live_lines, covers=body.version)
    context = reaction_context(event, SERVICE, body.effective_on)
    save(unit, adjust_schedule(schedule, terms, context), context)


@ACCOUNT_NAMES.on(told.AccountChanged, loads=lambda event: [(ACCOUNTS, event.aggregate)])
def account_changed(event: Received[told.AccountChanged], unit: Unit) -> None:
    """Keep the names of an account. Where one of its people was erased, so are the holders of its cheques.

    Whose cheque it was cannot be told from a name, and a cheque is known by its bank, date and amount. What staff
    wrote about settlements goes too, for who is meant in it cannot be told.
    """
    known = unit.get(ACCOUNTS, event.aggregate) or Account(id=event.aggregate, organisation=event.organisation)
    changed = known.model_copy(
        update={
            "version": event.sequence,
            "names": Names.of(event.body.owner, event.body.personal),
            "erased_members": sum(member.erased for member in event.body.members),
        }
    )
    _keep(unit, changed, forget=changed.erased_members > known.erased_members)


@ACCOUNT_NAMES.on(
    told.AccountErased,
    loads=lambda event: [(ACCOUNTS, event.aggregate), (PAYMENT_METHODS, event.aggregate)],
)
def account_erased(event: Received[told.AccountErased], unit: Unit) -> None:
    """Forget all names of an account, and what it could be collected from (ORG-4)."""
    known = unit.get(ACCOUNTS, event.aggregate) or Account(id=event.aggregate, organisation=event.organisation)
    methods = unit.get(PAYMENT_METHODS, event.aggregate)
    if methods is not None:
        unit.decide(PAYMENT_METHODS, remove_all(methods), reaction_context(event, SERVICE, utc_now().date()))
    _keep(unit, known.model_copy(update={"version": event.sequence, "names": Names()}), forget=True)


def _keep(unit: Unit, account: Account, *, forget: bool) -> None:
    unit.put(ACCOUNTS, account)
    if account.contracts:
        rename(unit, account)
        if forget:
            forget_holders(unit, account)
            forget_reasons(unit, account)


def _known_credit(event: Received[Any]) -> Wanted:
    return [(KNOWN_CREDITS, event.body.credit)]


@CREDITS.on(credits.CreditGranted, loads=_known_credit)
def credit_granted(event: Received[credits.CreditGranted], unit: Unit) -> None:
    """Know a credit that a contract sells: others can be paid with it."""
    _know(event, unit, sold_by=event.body.contract)


@CREDITS.on(credits.CreditIssued, loads=_known_credit)
def credit_issued(event: Received[credits.CreditIssued], unit: Unit) -> None:
    """Know a credit that no contract sells."""
    _know(event, unit, sold_by=None)


def _know(
    event: Received[credits.CreditGranted] | Received[credits.CreditIssued], unit: Unit, sold_by: str | None
) -> None:
    credit = KnownCredit(
        id=event.body.credit,
        organisation=event.organisation,
        version=event.sequence,
        account=event.body.account,
        currency=event.body.currency,
        sold_by=sold_by,
    )
    unit.put(KNOWN_CREDITS, credit)


def _requested(event: Received[credits.CreditUsed | credits.CreditUseRefused]) -> Wanted:
    contract = event.body.contract
    return [(USE_REQUESTS, event.body.request), (SCHEDULES, contract), (FOLLOW_UPS, contract)]


@CREDITS.on(credits.CreditUsed, loads=_requested)
def credit_used(event: Received[credits.CreditUsed], unit: Unit) -> None:
    """What was asked of the credit is paid (CRE-3)."""
    request, schedule = _waiting(event, unit)
    if request.status == "requested":
        context = reaction_context(event, SERVICE, event.body.effective_on)
        save(unit, complete_use(schedule, request, context), context)
        unit.put(USE_REQUESTS, request.answered(context))


@CREDITS.on(credits.CreditUseRefused, loads=_requested)
def credit_use_refused(event: Received[credits.CreditUseRefused], unit: Unit) -> None:
    """What was asked of the credit is back where it was (CRE-3)."""
    request, schedule = _waiting(event, unit)
    if request.status == "requested":
        context = reaction_context(event, SERVICE, event.body.effective_on)
        save(unit, return_use(schedule, request, event.body.reason, context), context)
        unit.put(USE_REQUESTS, request.answered(context, event.body.reason))


def _waiting(event: Received[credits.CreditUsed | credits.CreditUseRefused], unit: Unit) -> tuple[UseRequest, Schedule]:
    """The request that credits answers, with its schedule; an answer to nothing is a fault, which has to be seen."""
    request = unit.get(USE_REQUESTS, event.body.request)
    schedule = unit.get(SCHEDULES, event.body.contract)
    if request is None or schedule is None:
        raise unknown("request", event.body.request)
    return request, schedule
