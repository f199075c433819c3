"""Events in: the copies of products and organisations, and what is heard of payment schedules."""

from typing import get_args

from carnet.envelope import Received
from carnet.events import catalog, payments
from carnet.mongo import Unit
from carnet.organisations import organisation_reactions
from carnet.reactions import Reactions, Wanted
from contracts.domain.products import Product
from contracts.domain.schedules import HeardSchedule
from contracts.store.contracts import CONTRACTS, PRODUCTS, SCHEDULES

Balanced = payments.ScheduleCreated | payments.ScheduleAdjusted | payments.PaymentCollected
Other = (
    payments.ContractPaid
    | payments.ContractReopened
    | payments.RefundLineCreated
    | payments.RefundLineChanged
    | payments.RefundLineDropped
)

BALANCED: tuple[type[Balanced], ...] = get_args(Balanced)
OTHERS: tuple[type[Other], ...] = get_args(Other)

PRODUCTS_TABLE = Reactions(catalog.PRODUCTS)
SCHEDULES_TABLE = Reactions(payments.SCHEDULES)


@PRODUCTS_TABLE.on(catalog.ProductChanged, loads=lambda event: [(PRODUCTS, event.body.product)])
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


@SCHEDULES_TABLE.on(*BALANCED, loads=_concerned)
def schedule_moved(event: Received[Balanced], unit: Unit) -> None:
    """Keep the newest version of the schedule with its balance (CON-3, PAY-14)."""
    unit.get(CONTRACTS, event.body.contract)
    unit.get(SCHEDULES, event.body.contract)
    heard = HeardSchedule(
        id=event.body.contract,
        organisation=event.organisation,
        version=event.sequence,
        covers=event.body.covers,
        balance=event.body.balance,
    )
    unit.put(SCHEDULES, heard)


@SCHEDULES_TABLE.on(*OTHERS, loads=_concerned)
def schedule_told_more(event: Received[Other], unit: Unit) -> None:
    """What else is told of a schedule counts in its version too."""
    unit.get(CONTRACTS, event.body.contract)
    heard = unit.get(SCHEDULES, event.body.contract)
    if heard is not None:
        unit.put(SCHEDULES, heard.model_copy(update={"version": event.sequence}))


REACTIONS = (PRODUCTS_TABLE, SCHEDULES_TABLE, organisation_reactions())
