"""A small dance school for the tests of contracts: its products, an account, a context with counted ids."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from carnet.decisions import Actor, Context, Decision
from carnet.events.catalog import (
    ClientCreditDetails,
    CourseDetails,
    Details,
    DiscountDetails,
    Format,
    ItemDetails,
    LicenceDetails,
    MembershipDetails,
    Occurrence,
    Tariff,
    WorkshopDetails,
)
from carnet.events.contracts import AtOnce
from contracts.accounts.domain import Account, Member
from contracts.contracts.domain.changes import (
    LINES_PER_CHANGE,
    LINES_PER_CONTRACT,
    Change,
    Opening,
    change_contract,
    open_contract,
)
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Addition, Offer, Product

TODAY = date(2026, 11, 22)


def an_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


ORGANISATION, ACCOUNT, OTHER_ACCOUNT = an_id(1), an_id(2), an_id(3)
ADA, BEN, CAL = an_id(11), an_id(12), an_id(13)
FORMAT, FULL, REDUCED = an_id(21), an_id(22), an_id(23)


def counted(start: int = 1000) -> Callable[[], str]:
    numbers = count(start)
    return lambda: an_id(next(numbers))


def a_context(today: date = TODAY, new_id: Callable[[], str] | None = None) -> Context:
    return Context(
        now=datetime(2026, 11, 22, 9, tzinfo=UTC),
        today=today,
        actor=Actor("user", "claire"),
        change=an_id(999),
        new_id=new_id or counted(),
    )


def an_account(**fields: Any) -> Account:
    return Account(
        **{
            "id": ACCOUNT,
            "organisation": ORGANISATION,
            "owner": ADA,
            "language": "en",
            "members": (
                Member(id=ADA, kind="adult", first_name="Ada"),
                Member(id=BEN, kind="child", first_name="Ben"),
                Member(id=CAL, kind="contact", first_name="Cal"),
            ),
            **fields,
        }
    )


def a_product(
    number: int, details: Details, *, price: int = 30000, participant: bool = False, **fields: Any
) -> Product:
    sold = details.kind != "discount"
    tariffs = (Tariff(id=FULL, name="Full", price=price), Tariff(id=REDUCED, name="Reduced", price=price // 2))
    return Product(
        **{
            "id": an_id(number),
            "organisation": ORGANISATION,
            "version": 3,
            "name": f"{details.kind} {number}",
            "status": "on_sale",
            "vat_rate": 2000,
            "participant": participant,
            "formats": (Format(id=FORMAT, name="A term", tariffs=tariffs),) if sold else (),
            "details": details,
            **fields,
        }
    )


JAZZ = a_product(101, CourseDetails(), participant=True)
BALLET = a_product(102, CourseDetails(), price=20000, participant=True)
WORKSHOP = a_product(103, WorkshopDetails(), price=5000, participant=True)
LICENCE = a_product(104, LicenceDetails(valid_until=date(2027, 8, 31)), price=2000, participant=True)
MEMBERSHIP = a_product(105, MembershipDetails(months=12), price=1500)
CREDIT = a_product(106, ClientCreditDetails(value=10000), price=10000)
BOOK = a_product(107, ItemDetails(), price=1000)
FREE = a_product(108, ItemDetails(), price=0)
TEN_PERCENT = a_product(201, DiscountDetails(rate=1000))
FIFTY_OFF = a_product(202, DiscountDetails(amount=5000))
COURSES_OFF = a_product(203, DiscountDetails(rate=1000, kinds=("course",)))
BALLET_OFF = a_product(204, DiscountDetails(amount=3000, products=(BALLET.id,)))
ENORMOUS = a_product(205, DiscountDetails(amount=10**9))

PRODUCTS = {
    product.id: product
    for product in (
        JAZZ, BALLET, WORKSHOP, LICENCE, MEMBERSHIP, CREDIT, BOOK, FREE,
        TEN_PERCENT, FIFTY_OFF, COURSES_OFF, BALLET_OFF, ENORMOUS,
    )
}  # fmt: skip


def an_offer(*products: Product, account: Account | None = None) -> Offer:
    """The whole school on offer, ``products`` in the place of those of the same id."""
    return Offer(
        products=PRODUCTS | {product.id: product for product in products},
        account=account or an_account(),
        beneficiaries=frozenset({OTHER_ACCOUNT}),
    )


def buying(product: Product, /, **fields: Any) -> Addition:
    return Addition(
        **{
            "product": product.id,
            "format": FORMAT,
            "tariff": FULL,
            "participant": BEN if product.participant else None,
            **fields,
        }
    )


def kept(decision: Decision[Contract]) -> Contract:
    """The contract as it is once saved: its version is the sequence of its last event."""
    version = decision.state.version + len(decision.events)
    return decision.state.model_copy(update={"version": version})


def opened(*products: Product, discounts: tuple[Product, ...] = (), **fields: Any) -> Contract:
    """A contract with these products, whose ids are counted from 1000, its own first."""
    opening = Opening(
        **{
            "mode": "online",
            "sale": AtOnce(),
            "currency": "EUR",
            "add": tuple(buying(product) for product in products),
            "discounts": tuple(product.id for product in discounts),
            **fields,
        }
    )
    return kept(open_contract(opening, an_offer(), a_context()))


def changing(contract: Contract, *, new_id: Callable[[], str] | None = None, **fields: Any) -> Decision[Contract]:
    return change_contract(
        contract, Change(**fields), an_offer(), a_context(new_id=new_id or counted(1000 * (contract.version + 1)))
    )


def largest(name: str) -> tuple[Contract, list[Decision[Contract]]]:
    """The contract with as many lines and shares as there can be, everything of that name, and what it was made by.

    Half of its lines are discounts on all the others.
    """
    sittings = tuple(Occurrence(on=TODAY, starts="18:00", ends="19:30") for _ in range(400))
    long = a_product(121, CourseDetails(occurrences=sittings), participant=True, name=name)
    named = tuple(f"{number:08d}-0000-7000-8000-000000000000" for number in range(199))
    discount = a_product(221, DiscountDetails(rate=1, products=(*named, long.id)), name=name)
    offer, ids, contract, decisions = an_offer(long, discount), counted(10_000), opened(BOOK), []
    half = LINES_PER_CONTRACT // 2
    purchases_added, placed = half - 1, half
    while purchases_added or placed:
        added = min(purchases_added, LINES_PER_CHANGE)
        discounts = 0 if added else min(placed, LINES_PER_CHANGE)
        purchases_added, placed = purchases_added - added, placed - discounts
        change = Change(add=(buying(long),) * added, discounts=(discount.id,) * discounts)
        decisions.append(change_contract(contract, change, offer, a_context(new_id=ids)))
        contract = kept(decisions[-1])
    return contract, decisions


def line_of(contract: Contract, product: Product) -> str:
    """The id of the last line of that product."""
    return next(line.id for line in reversed(contract.lines) if line.purchase.product == product.id)
