"""Session packs, and what contracts publishes of those that are sold."""

from datetime import date
from typing import Any

from carnet.events.catalog import SessionPackDetails
from carnet.events.contracts import CreditRemovalRequested, ProductAdded, Purchase
from credits.domain.packs import Pack
from credits.domain.selling import SellingContract, sell, whole_until
from tests.unit.credits.credits_builders import ACCOUNT, DAY, LINE, ORGANISATION, REQUEST, SELLING, an_id

LEA, NOE = an_id(71), an_id(72)
TEN = SessionPackDetails(sessions=10)


def a_pack(left: int | None = 10, **fields: Any) -> Pack:
    """A pack of ten sessions that the family shares, without an end, unless given otherwise."""
    usual = {
        "id": LINE,
        "organisation": ORGANISATION,
        "account": ACCOUNT,
        "contract": SELLING,
        "name": "Ten lessons",
        "details": TEN if left is not None else SessionPackDetails(),
        "bought_on": DAY,
        "left": left,
        "standing": "issued",
        "issued_on": DAY,
    }
    return Pack.model_validate(usual | fields)


def sold(
    line: str = LINE,
    details: SessionPackDetails = TEN,
    expires_on: date | None = None,
    participant: str | None = None,
) -> ProductAdded:
    """A line that sells a pack."""
    purchase = Purchase(
        line=line,
        product=an_id(40),
        kind="session_pack",
        name="Ten lessons",
        participant=participant,
        price=12000,
        vat_rate=0,
        bought_on=DAY,
        expires_on=expires_on,
        details=details,
    )
    return ProductAdded(contract=SELLING, account=ACCOUNT, currency="EUR", effective_on=DAY, purchase=purchase)


def selling(*added: ProductAdded) -> SellingContract:
    """A contract that is whole with these lines, and not paid."""
    known = whole_until(SellingContract(id=SELLING, organisation=ORGANISATION), 1 + len(added))
    for sequence, each in enumerate(added, 2):
        known = sell(known, each, sequence)
    return known


def removal(*lines: str, with_fee: bool = False) -> CreditRemovalRequested:
    """A change would cancel these lines."""
    return CreditRemovalRequested(
        contract=SELLING,
        account=ACCOUNT,
        request=REQUEST,
        lines=lines or (LINE,),
        effective_on=DAY,
        with_fee=with_fee,
    )
