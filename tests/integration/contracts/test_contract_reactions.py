"""What contracts keeps of the catalog's products and of payment schedules (CAT-4, CON-3, ORG-1)."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from itertools import permutations

import pytest

from carnet import parking
from carnet.batches import Batches
from carnet.events.catalog import Format, ItemDetails, ProductChanged, Tariff
from carnet.events.contracts import AtOnce
from carnet.events.payments import (
    Balance,
    CollectionCalendarChanged,
    CollectionStarted,
    ContractPaid,
    CreditGivenBack,
    CreditUseCompleted,
    CreditUseRequested,
    CreditUseReturned,
    LossResolved,
    PaymentCollected,
    PaymentFailed,
    PaymentMethodAdded,
    PaymentMethodMissing,
    PaymentReversed,
    PaymentVoided,
    RefundFailed,
    RefundLineSettled,
    ReversalConfirmed,
    ScheduleAdjusted,
    ScheduleCreated,
    SettlementVoided,
)
from carnet.ids import new_id
from carnet.mongo import Database, Unit, transact
from carnet_suite.servers import Servers
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Product
from contracts.contracts.reactions import PRODUCT_REACTIONS, SCHEDULE_REACTIONS
from contracts.contracts.store import CONTRACTS, PRODUCTS, SCHEDULES, schedules_of
from tests.records import Given, record
from tests.servers import open_database, prepare_once

TODAY = date(2026, 11, 22)


@pytest.fixture
async def database(servers: Servers, namespace: str) -> AsyncIterator[Database]:
    opened = open_database(servers, f"{namespace}carnet_contracts")
    await prepare_once(opened, [CONTRACTS, PRODUCTS, SCHEDULES])
    yield opened
    opened.close()


def product_published(product: str, organisation: str, sequence: int, price: int) -> Given:
    tariff = Tariff(id=new_id(), name="Full", price=price)
    body = ProductChanged(
        product=product,
        name="A book",
        status="on_sale",
        vat_rate=2000,
        participant=False,
        formats=(Format(id=new_id(), name="One", tariffs=(tariff,)),),
        details=ItemDetails(),
    )
    return record(body, aggregate=product, sequence=sequence, organisation=organisation)


async def price_of(database: Database, product: str) -> int:
    found = await database[PRODUCTS.name].find_one({"_id": product})
    assert found is not None
    return PRODUCTS.read(found).formats[0].tariffs[0].price


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
async def test_the_newest_state_of_a_product_wins_in_whatever_order_it_is_received(
    database: Database, order: tuple[int, ...]
) -> None:
    product, organisation = new_id(), new_id()
    batches = Batches("contracts", database, PRODUCT_REACTIONS)
    records = [product_published(product, organisation, sequence, 100 * sequence) for sequence in (2, 5, 9)]
    for index in order:
        await batches.apply([records[index], records[index]])
    assert await price_of(database, product) == 900


async def test_a_product_that_the_catalog_was_asked_for_is_not_set_back_by_an_older_event(database: Database) -> None:
    product, organisation = new_id(), new_id()
    asked = Product(
        id=product,
        organisation=organisation,
        version=4,
        name="A book",
        status="archived",
        vat_rate=2000,
        participant=False,
        details=ItemDetails(),
    )

    async def keep(unit: Unit) -> None:
        unit.put(PRODUCTS, asked)

    await transact(database, keep)
    batches = Batches("contracts", database, PRODUCT_REACTIONS)
    await batches.apply([product_published(product, organisation, 3, 100)])
    found = await database[PRODUCTS.name].find_one({"_id": product})
    assert found is not None
    assert PRODUCTS.read(found) == asked
    await batches.apply([product_published(product, organisation, 5, 100)])
    assert await price_of(database, product) == 100


def balance(paid: int, planned: int) -> Balance:
    return Balance(total=paid + planned, paid=paid, processing=0, planned=planned, unscheduled=0, refund_due=0)


def schedule_published(contract: str, organisation: str) -> Iterator[Given]:
    """A schedule that is created, then adjusted after a change to nothing left, then fully paid."""
    about = {"contract": contract, "account": new_id(), "currency": "EUR", "effective_on": TODAY}
    bodies = (
        ScheduleCreated(**about, mode="online", change=new_id(), covers=2, balance=balance(1000, 500), instalments=()),
        ScheduleAdjusted(
            **about,
            mode="online",
            change=new_id(),
            covers=4,
            balance=balance(1000, 0),
            balance_before=balance(1000, 500),
            instalments=(),
        ),
        ContractPaid(**about, covers=4, total=1000),
    )
    for sequence, body in enumerate(bodies, start=1):
        yield record(body, aggregate=contract, sequence=sequence, organisation=organisation)


async def test_con_3_the_newest_version_of_a_schedule_is_known_with_its_balance(database: Database) -> None:
    contract, organisation = new_id(), new_id()
    batches = Batches("contracts", database, SCHEDULE_REACTIONS)
    for published, version in zip(schedule_published(contract, organisation), (1, 2, 3), strict=True):
        await batches.apply([published, published])
        received = (await schedules_of(database, organisation, [contract]))[contract]
        assert received.version == version
    assert (received.covers, received.balance.paid, received.balance.planned) == (4, 1000, 0)
    assert await schedules_of(database, new_id(), [contract]) == {}


def schedule_collected(contract: str, organisation: str) -> Iterator[tuple[Given, int]]:
    """A schedule that is collected, paid by a credit, settled and reversed; each event with what is paid then."""
    about = {"contract": contract, "account": new_id(), "currency": "EUR", "mode": "online", "covers": 2}
    moved = {**about, "effective_on": TODAY, "instalments": ()}
    tried = {"attempt": new_id(), "instalment": new_id(), "due": TODAY, "amount": 500, "method": "card"}
    missing = {"instalment": new_id(), "due": TODAY, "amount": 500}
    use = {"request": new_id(), "credit": new_id(), "amount": 300}
    settled = {"settlement": new_id(), "amount": 100, "how": "refunded", "left": 0}
    failed = {"settlement": settled["settlement"], "payment": new_id(), "amount": 100, "reason": "other"}
    reversed_ = {"payment": failed["payment"], "amount": 500, "method": "card", "reason": "chargeback"}
    got = {"payment": new_id(), "amount": 500, "method": "card", "received_on": TODAY, "instalments": ()}
    back = {"contract": contract, "account": about["account"], "currency": "EUR", "credit": use["credit"]}
    of_payment = {"contract": contract, "account": about["account"], "currency": "EUR", "payment": failed["payment"]}
    of_payment |= {"effective_on": TODAY}
    voided = {"payment": new_id(), "amount": 300, "method": "cash", "received_on": TODAY}
    unsettled = {"settlement": new_id(), "amount": 100, "how": "waived", "settled_on": TODAY}
    bodies = (
        (ScheduleCreated(**moved, change=new_id(), balance=balance(0, 800)), 0),
        (PaymentMethodMissing(**moved, **missing, balance=balance(0, 800)), 0),
        (CollectionStarted(**moved, **tried, number=1, balance=at_work(0, 500, 300)), 0),
        (PaymentFailed(**moved, **tried, reason="refused", next_try=None, balance=balance(0, 800)), 0),
        (PaymentCollected(**about, **got, balance=balance(500, 300)), 500),
        (CreditUseRequested(**moved, **use, balance=at_work(500, 300, 0)), 500),
        (CreditUseReturned(**moved, **use, reason="removed", balance=balance(500, 300)), 500),
        (CreditUseCompleted(**moved, **use, balance=balance(800, 0)), 800),
        (CreditGivenBack(**back, amount=50, change=new_id(), effective_on=TODAY), 800),
        (RefundLineSettled(**moved, **settled, balance=balance(700, 0)), 700),
        (RefundFailed(**moved, **failed, balance=balance(800, 0)), 800),
        (PaymentReversed(**moved, **reversed_, balance=balance(300, 500)), 300),
        (ReversalConfirmed(**of_payment, reversal=new_id(), amount=500), 300),
        (LossResolved(**of_payment, amount=500, left=0), 300),
        (PaymentVoided(**moved, **voided, balance=balance(0, 800)), 0),
        (SettlementVoided(**moved, **unsettled, balance=balance(100, 700)), 100),
    )
    for sequence, (body, paid) in enumerate(bodies, start=1):
        yield record(body, aggregate=contract, sequence=sequence, organisation=organisation), paid


def at_work(paid: int, processing: int, planned: int) -> Balance:
    return balance(paid, planned + processing).model_copy(update={"processing": processing, "planned": planned})


async def test_pay_14_what_is_paid_follows_every_event_that_moves_a_schedule(database: Database) -> None:
    contract, organisation = new_id(), new_id()
    batches = Batches("contracts", database, SCHEDULE_REACTIONS)
    for version, (published, paid) in enumerate(schedule_collected(contract, organisation), start=1):
        await batches.apply([published, published])
        received = (await schedules_of(database, organisation, [contract]))[contract]
        assert (received.version, received.balance.paid) == (version, paid)
    assert await parking.listing(database) == []


async def test_what_payments_publishes_of_accounts_and_organisations_is_ignored(database: Database) -> None:
    contract, account, organisation = new_id(), new_id(), new_id()
    added = PaymentMethodAdded(account=account, method=new_id(), provider="sandbox", kind="card", default=True)
    calendar = CollectionCalendarChanged(hour=6, retry_after=(3, 7))
    others = [
        record(added, aggregate=account, sequence=1, organisation=organisation),
        record(calendar, aggregate=organisation, sequence=1, organisation=organisation),
    ]
    published = next(schedule_published(contract, organisation))
    await Batches("contracts", database, SCHEDULE_REACTIONS).apply([*others, published])
    assert await database[SCHEDULES.name].count_documents({}) == 1
    assert await parking.listing(database) == []


async def test_org_1_a_schedule_published_for_a_contract_of_another_organisation_is_parked(database: Database) -> None:
    kept = Contract(
        id=new_id(),
        organisation=new_id(),
        account=new_id(),
        mode="online",
        sale=AtOnce(),
        currency="EUR",
        opened_on=TODAY,
    )

    async def keep(unit: Unit) -> None:
        unit.put(CONTRACTS, kept)

    await transact(database, keep)
    foreign = new_id()
    await Batches("contracts", database, SCHEDULE_REACTIONS).apply(list(schedule_published(kept.id, foreign)))
    assert len(await parking.listing(database)) == 3
    assert await schedules_of(database, foreign, [kept.id]) == {}
