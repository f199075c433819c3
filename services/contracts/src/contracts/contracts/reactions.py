"""Events in: copies of products and organisations, what is known of schedules, answers to requests (CRE-4, CRE-5)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, get_args

from carnet.decisions import Context, Decision
from carnet.envelope import Received
from carnet.events import catalog, credits, payments
from carnet.events.base import ServiceRefusal
from carnet.mongo import Unit, Wanted
from carnet.organisations import organisation_reactions, reaction_context
from carnet.reactions import Reactions
from carnet.refusals import Refusal, unknown
from carnet.requests.asked import refusal_from
from contracts.access.store import access_loads, follow_loaded
from contracts.contracts.domain.causes import CAUSES, ChangeCause
from contracts.contracts.domain.contracts import Contract, Pending
from contracts.contracts.domain.marks import mark, note_invoice, unmark
from contracts.contracts.domain.packs import KnownPack
from contracts.contracts.domain.pending import granted, refused
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.schedules import KnownSchedule, first_due
from contracts.contracts.store import CONTRACTS, PACKS, PRODUCTS, SCHEDULES

SERVICE = "contracts"

Other = (
    payments.CreditGivenBack
    | payments.ContractPaid
    | payments.ContractReopened
    | payments.RefundLineCreated
    | payments.RefundLineChanged
    | payments.RefundLineDropped
    | payments.ReversalConfirmed
    | payments.LossResolved
    | payments.PaymentMatched
    | payments.PaymentUnmatched
)

BALANCED = tuple(event for event in payments.EVENTS if issubclass(event, payments.ScheduleShown))
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
        unit.put(PRODUCTS, product_of(event.body, event.organisation, event.sequence).keeping(known))


def product_of(published: catalog.ProductChanged, organisation: str, version: int) -> Product:
    """The copy of a product that the catalog publishes."""
    return Product(
        id=published.product,
        organisation=organisation,
        version=version,
        name=published.name,
        status=published.status,
        vat_rate=published.vat_rate,
        participant=published.participant,
        formats=published.formats,
        details=published.details,
    )


def _concerned(event: Received[Any]) -> Wanted:
    # The contract too: a schedule published for one of another organisation is refused (ORG-1).
    return [(CONTRACTS, event.body.contract), (SCHEDULES, event.body.contract)]


@SCHEDULE_REACTIONS.on(*BALANCED, loads=_concerned)
def schedule_moved(event: Received[payments.ScheduleShown], unit: Unit) -> None:
    """Keep the newest version of the schedule with its balance (CON-3, PAY-14)."""
    unit.get(CONTRACTS, event.body.contract)
    known = unit.get(SCHEDULES, event.body.contract)
    moved = KnownSchedule(
        id=event.body.contract,
        organisation=event.organisation,
        version=event.sequence,
        covers=event.body.covers,
        balance=event.body.balance,
        due_since=first_due(event.body.instalments),
        withheld=known is not None and known.withheld,
    )
    unit.put(SCHEDULES, moved.keeping(known))


@SCHEDULE_REACTIONS.on(*OTHERS, loads=_concerned)
def schedule_moved_on(event: Received[Other], unit: Unit) -> None:
    """What else is published of a schedule counts in its version too."""
    unit.get(CONTRACTS, event.body.contract)
    _counted(event, unit)


def _counted(event: Received[Any], unit: Unit) -> None:
    known = unit.get(SCHEDULES, event.body.contract)
    if known is not None:
        unit.put(SCHEDULES, known.model_copy(update={"version": event.sequence}))


def _invoiced(event: Received[Any], unit: Unit) -> Contract:
    """The contract whose lines the event of payments is about; an unknown one is a fault, which has to be seen."""
    contract = unit.get(CONTRACTS, event.body.contract)
    if contract is None:
        raise unknown("contract", event.body.contract)
    _counted(event, unit)
    return contract


@SCHEDULE_REACTIONS.on(payments.InvoiceMarkRequested, loads=_concerned)
def invoice_mark_requested(event: Received[payments.InvoiceMarkRequested], unit: Unit) -> None:
    """Mark the lines of an invoice, or refuse all of them (INV-4)."""
    context = reaction_context(event, SERVICE, event.body.effective_on)
    unit.decide(CONTRACTS, mark(_invoiced(event, unit), event.body, context), context)


@SCHEDULE_REACTIONS.on(payments.InvoiceIssued, loads=_concerned)
def invoice_issued(event: Received[payments.InvoiceIssued], unit: Unit) -> None:
    """Keep the number of the invoice that bears the lines (CON-10)."""
    body = event.body
    contract = _invoiced(event, unit)
    unit.put(CONTRACTS, note_invoice(contract, body.request, body.lines, body.invoice, body.number))


@SCHEDULE_REACTIONS.on(payments.InvoiceNotIssued, payments.InvoiceCancelled, loads=_concerned)
def lines_released(event: Received[Any], unit: Unit) -> None:
    """Release lines that no live invoice bears any more (INV-3, INV-4)."""
    body = event.body
    context = reaction_context(event, SERVICE, body.effective_on)
    ended = body.invoice if isinstance(body, payments.InvoiceCancelled) else body.request
    unit.decide(CONTRACTS, unmark(_invoiced(event, unit), body.lines, ended, context), context)


Whole = credits.PackIssued | credits.SessionUsed | credits.SessionRestored
"""The events of a session pack that say both what is left and until when."""
WHOLE: tuple[type[Whole], ...] = get_args(Whole)


def _pack(event: Received[Any]) -> Wanted:
    return [(PACKS, event.body.pack)]


@CREDIT_REACTIONS.on(*WHOLE, loads=_pack)
def pack_moved(event: Received[Whole], unit: Unit) -> None:
    """Keep what is left of a session pack, and until when it is valid (CON-10)."""
    body, known = event.body, unit.get(PACKS, event.body.pack)
    moved = KnownPack(
        id=body.pack,
        organisation=event.organisation,
        version=event.sequence,
        contract=body.contract,
        left=body.left,
        expires_on=body.expires_on,
    )
    unit.put(PACKS, moved.keeping(known))


@CREDIT_REACTIONS.on(credits.SessionsAdjusted, loads=_pack)
def pack_adjusted(event: Received[credits.SessionsAdjusted], unit: Unit) -> None:
    """Keep what is left once staff added or took off a session; for an older pack, from its next use on."""
    _pack_known(event, unit, left=event.body.left)


@CREDIT_REACTIONS.on(credits.PackExpiryChanged, loads=_pack)
def pack_expiry_changed(event: Received[credits.PackExpiryChanged], unit: Unit) -> None:
    """Keep until when a pack is valid now (CON-11); for an older pack, from its next use on."""
    _pack_known(event, unit, expires_on=event.body.expires_on)


def _pack_known(event: Received[Any], unit: Unit, **moved: Any) -> None:
    known = unit.get(PACKS, event.body.pack)
    if known is not None:
        unit.put(PACKS, known.model_copy(update={"version": event.sequence, **moved}))


def add_answers(table: Reactions, causes: Sequence[ChangeCause]) -> None:
    """React to the events of the table's topic by which services answer what changes ask of them, for these causes."""
    for cause in causes:
        for event, objects in cause.grants.items():
            if event.topic == table.topic:
                table.on(event, loads=_asking, then_loads=_opened_by)(
                    partial(_granted, cause=cause, objects=objects, causes=causes)
                )
        for event, refusal in cause.refuses.items():
            if event.topic == table.topic:
                table.on(event, loads=_asking)(partial(_refused, cause=cause, refusal=refusal, causes=causes))


def _asking(event: Received[Any]) -> Wanted:
    # Without a request contracts had not asked: older releases removed the credit at once.
    return [] if event.body.request is None else [(CONTRACTS, event.body.contract)]


def _opened_by(event: Received[Any], unit: Unit) -> Wanted:
    return [] if event.body.request is None else access_loads(unit.get(CONTRACTS, event.body.contract))


def _granted(
    event: Received[Any],
    unit: Unit,
    *,
    cause: ChangeCause,
    objects: Callable[[Any], tuple[str, ...]],
    causes: Sequence[ChangeCause],
) -> None:
    """Once all is granted, make the change in the name of the person who confirmed it, on that day (MON-5)."""
    contract = _waiting(event, unit)
    if contract is not None and contract.pending is not None:
        decision = granted(contract, cause.cause.name, event.body.request, *objects(event.body), causes=causes)
        context = _context(event, contract.pending)
        if decision.state.refused_change is None:
            context = replace(context, actor=contract.pending.by)
        _keep(unit, contract, decision, context)


def _refused(
    event: Received[Any],
    unit: Unit,
    *,
    cause: ChangeCause,
    refusal: Callable[[Contract, Any], Refusal],
    causes: Sequence[ChangeCause],
) -> None:
    """Leave the contract as it is once every answer is there (CRE-5)."""
    contract = _waiting(event, unit)
    if contract is not None and contract.pending is not None:
        published: ServiceRefusal | None = getattr(event.body, "refusal", None)
        why = refusal(contract, event.body) if published is None else refusal_from(published)
        decision = refused(contract, cause.cause.name, event.body.request, why, causes)
        _keep(unit, contract, decision, _context(event, contract.pending))


def _waiting(event: Received[Any], unit: Unit) -> Contract | None:
    return None if event.body.request is None else unit.get(CONTRACTS, event.body.contract)


def _context(event: Received[Any], pending: Pending) -> Context:
    return replace(reaction_context(event, SERVICE, pending.on), change=pending.change)


def _keep(unit: Unit, before: Contract, decision: Decision[Contract], context: Context) -> None:
    if decision.events:
        follow_loaded(unit, before, unit.decide(CONTRACTS, decision, context), context)
    elif decision.state != before:
        unit.put(CONTRACTS, decision.state)


add_answers(CREDIT_REACTIONS, CAUSES)

REACTIONS = (PRODUCT_REACTIONS, SCHEDULE_REACTIONS, CREDIT_REACTIONS, organisation_reactions())
