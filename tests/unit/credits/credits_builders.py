"""Credits, contexts and events for the tests of credits."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from carnet.decisions import Actor, Context
from carnet.events.contracts import CreditRemovalRequested
from carnet.events.payments import Balance, CreditGivenBack, CreditUseRequested, RefundLineSettled
from credits.domain.credit import Credit

DAY = date(2027, 1, 31)


def an_id(number: int) -> str:
    return f"00000000-0000-7000-9000-{number:012d}"


ORGANISATION, ACCOUNT, GRANDMOTHER = an_id(900), an_id(901), an_id(902)
SELLING, PAID, OTHER = an_id(910), an_id(911), an_id(912)
LINE, REQUEST = an_id(1), an_id(950)


def a_context(today: date = DAY) -> Context:
    numbers = count(1000)
    return Context(
        now=datetime(2027, 1, 31, 9, tzinfo=UTC),
        today=today,
        actor=Actor("user", "ines"),
        change=an_id(990),
        new_id=lambda: an_id(next(numbers)),
    )


def a_credit(left: int = 5000, **fields: Any) -> Credit:
    """A credit of 5000 that a line sold, unless given otherwise."""
    usual = {
        "id": LINE,
        "organisation": ORGANISATION,
        "account": ACCOUNT,
        "origin": "sold",
        "contract": SELLING,
        "line": LINE,
        "amount": 5000,
        "left": left,
        "currency": "EUR",
        "status": "granted",
        "granted_on": DAY,
    }
    return Credit.model_validate(usual | fields)


_MOVED = {
    "account": ACCOUNT,
    "mode": "online",
    "currency": "EUR",
    "effective_on": DAY,
    "covers": 3,
    "balance": Balance(total=0, paid=0, processing=0, planned=0, unscheduled=0, refund_due=0),
    "instalments": (),
}


def asked(amount: int = 2000, contract: str = PAID, request: str = REQUEST, **fields: Any) -> CreditUseRequested:
    body = {**_MOVED, "contract": contract, "request": request, "credit": LINE, "amount": amount, **fields}
    return CreditUseRequested.model_validate(body)


def given_back(amount: int, contract: str = PAID, on: date = DAY) -> CreditGivenBack:
    return CreditGivenBack(
        contract=contract,
        account=ACCOUNT,
        currency="EUR",
        credit=LINE,
        amount=amount,
        effective_on=on,
        change=None,
    )


def settled(amount: int, credit: str | None) -> RefundLineSettled:
    body = {
        **_MOVED,
        "contract": PAID,
        "settlement": REQUEST,
        "amount": amount,
        "how": "converted",
        "left": 0,
        "credit": credit,
    }
    return RefundLineSettled.model_validate(body)


def removal(*lines: str, uncovered: tuple[str, ...] = ()) -> CreditRemovalRequested:
    return CreditRemovalRequested(
        contract=SELLING,
        account=ACCOUNT,
        request=REQUEST,
        lines=lines or (LINE,),
        effective_on=DAY,
        uncovered=uncovered,
    )
