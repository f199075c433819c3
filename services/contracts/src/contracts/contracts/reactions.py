"""Events in: copies of products and organisations, what is heard of schedules, what credits answers (CRE-4, CRE-5)."""

from dataclasses import replace
from typing import get_args

from carnet.envelope import Received
from carnet.events import catalog, credits, payments
from carnet.mongo import Unit
from carnet.organisations import organisation_reactions, reaction_context
from carnet.reactions import Reactions, Wanted
from contracts.contracts.domain.pending import credit_answered, removal_refused
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.schedules import KnownSchedule
from contracts.contracts.store import CONTRACTS, PRODUCTS, SCHEDULES

SERVICE = "contracts"

Balanced = payments.ScheduleCreated | payments.ScheduleAdjusted | payments.PaymentCollected | payments.ScheduleMoved
Other = (
    payments.CreditGivenBack
    | payments.ContractPaid
    | payments.ContractReopened
    | payments.RefundLineCreated
    | payments.RefundLineChanged
    | payments.RefundLineDropped
    | payments.ReversalConfirmed
    | payments.LossResolved
)

BALANCED: tuple[type[Balanced], ...] = tuple(event for event in payments.EVENTS if issubclass(event, Balanced))
"""The events that carry the balance: each one that moves a schedule."""
OTHERS: tuple[type[Other], ...] = get_args(Other)

PRODUCT_REACTIONS = Reactions(catalog.PRODUCTS)
SCHEDULE_REACTIONS = Reactions(payments.SCHEDULES)
CREDIT_REACTIONS = Reactions(credits.CREDITS)


@PRODUCT_REACTIONS.on(catalog.ProductChanged, loads=lambda event: [(PRODUCTS, event.body.product)])
def product_changed(event: Received[catalog.ProductChanged], unit: Unit) -> None:
    """Keep the product as it now is, unless the catalog was asked since and gave a newer one."""
    known = unit.get(PRODUCTS, event.body.product)
    if known is None or known.version < event.sequence:
        unit.put(PRODUCTS, product_of(event.body, event.organisation, event.sequence))


def product_of(told: catalog.ProductChanged, organisation: str, version: int) -> Product:
    """The copy of a product that the catalog tells."""
    return Product(
        id=told.product,
        organisation=organisation,
        version=version,
        name=told.name,
        status=told.status,
        vat_rate=told.vat_rate,
        participant=told.participant,
        formats=told.formats,
        details=told.details,
    )


def _concerned(event: Received[Balanced | Other]) -> Wanted:
    # The contract too: a schedule told for one of another organisation is refused (ORG-1).
    return [(CONTRACTS, event.body.contract), (SCHEDULES, event.body.contract)]


@SCHEDULE_REACTIONS.on(*BALANCED, loads=_concerned)
def schedule_moved(event: Received[Balanced], unit: Unit) -> None:
    """Keep the newest version of the schedule with its balance (CON-3, PAY-14)."""
    unit.get(CONTRACTS, event.body.contract)
    unit.get(SCHEDULES, event.body.contract)
    heard = KnownSchedule(
        id=event.body.contract,
        organisation=event.organisation,
        version=event.sequence,
        covers=event.body.covers,
        balance=event.body.balance,
    )
    unit.put(SCHEDULES, heard)


@SCHEDULE_REACTIONS.on(*OTHERS, loads=_concerned)
def schedule_told_more(event: Received[Other], unit: Unit) -> None:
    """What else is told of a schedule counts in its version too."""
    unit.get(CONTRACTS, event.body.contract)
    heard = unit.get(SCHEDULES, event.body.contract)
    if heard is not None:
        unit.put(SCHEDULES, heard.model_copy(update={"version": event.sequence}))


def _asking(event: Received[credits.CreditRemoved]) -> Wanted:
    # Without a request nobody asked: the line was cancelled before contracts did ask.
    return [] if event.body.request is None else [(CONTRACTS, event.body.contract)]


@CREDIT_REACTIONS.on(credits.CreditRemoved, loads=_asking)
def sold_credit_removed(event: Received[credits.CreditRemoved], unit: Unit) -> None:
    """Make the change that waited for it, once all that it asked is answered (CRE-4)."""
    if event.body.request is not None:
        _answered(event, unit, event.body.request, event.body.line)


@CREDIT_REACTIONS.on(credits.CreditGrantPostponed, loads=lambda event: [(CONTRACTS, event.body.contract)])
def sold_credits_do_not_exist(event: Received[credits.CreditGrantPostponed], unit: Unit) -> None:
    """Make the change that lets these lines bring less, once all that it asked is answered (CON-11)."""
    _answered(event, unit, event.body.request, *event.body.lines)


def _answered(
    event: Received[credits.CreditRemoved] | Received[credits.CreditGrantPostponed],
    unit: Unit,
    request: str,
    *lines: str,
) -> None:
    """The change is published in the name of whoever confirmed it, and takes effect on that day (MON-5)."""
    contract = unit.get(CONTRACTS, event.body.contract)
    if contract is None or contract.pending is None:
        return
    asked = reaction_context(event, SERVICE, contract.pending.on)
    context = replace(asked, actor=contract.pending.by, change=contract.pending.change)
    decision = credit_answered(contract, request, *lines)
    if decision.events:
        unit.decide(CONTRACTS, decision, context)
    elif decision.state != contract:
        unit.put(CONTRACTS, decision.state)


@CREDIT_REACTIONS.on(credits.CreditRemovalRefused, loads=lambda event: [(CONTRACTS, event.body.contract)])
def removal_was_refused(event: Received[credits.CreditRemovalRefused], unit: Unit) -> None:
    """Leave the contract as it is: the change that waited is not made (CRE-5)."""
    contract = unit.get(CONTRACTS, event.body.contract)
    if contract is None:
        return
    context = replace(reaction_context(event, SERVICE, event.body.effective_on), change=event.body.request)
    unit.decide(CONTRACTS, removal_refused(contract, event.body.request, event.body, context), context)


REACTIONS = (PRODUCT_REACTIONS, SCHEDULE_REACTIONS, CREDIT_REACTIONS, organisation_reactions())
