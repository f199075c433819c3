"""A family, a contract and its schedule: what the sample of each mail is made of (NOT-2)."""

from datetime import date
from typing import Any

from carnet.events.payments import Balance, Instalment
from notifications.domain.accounts import Account, Person

OWNER, CHILD = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
CONTRACT, CREDIT = "01900000-0000-7000-8000-000000000003", "01900000-0000-7000-8000-000000000004"
VOUCHER = "01900000-0000-7000-8000-000000000008"
INVOICE = "01900000-0000-7000-8000-000000000009"
STATEMENT = "01900000-0000-7000-8000-00000000000a"
PAYMENT = "01900000-0000-7000-8000-000000000007"
LINE = "01900000-0000-7000-8000-00000000001{}"
TODAY, NEXT_TRY = date(2027, 1, 5), date(2027, 1, 8)

SAMPLE_NUMBER = "2027-0042"
SAMPLE_ACCOUNT = Account(
    id="01900000-0000-7000-8000-000000000005",
    organisation="01900000-0000-7000-8000-000000000006",
    number="2027-0007",
    owner=OWNER,
    people=(
        Person(id=OWNER, first_name="Camille", last_name="Morel", email="camille@example.org"),
        Person(id=CHILD, first_name="Zoé", last_name="Morel"),
    ),
)


def balance_of(total: int, paid: int, **others: int) -> Balance:
    """A balance in which all that is not paid is planned, unless ``others`` say otherwise."""
    rest = {"processing": 0, "planned": total - paid, "unscheduled": 0, "refund_due": 0, **others}
    return Balance(total=total, paid=paid, **rest)


def instalments_of(*amounts: int) -> tuple[Instalment, ...]:
    """Monthly instalments from 5 February."""
    return tuple(
        Instalment(id=LINE.format(index), due=date(2027, 2 + index, 5), amount=amount)
        for index, amount in enumerate(amounts)
    )


def schedule(currency: str, *, mode: str = "online", late: dict[str, Any] | None = None) -> dict[str, Any]:
    """Facts of a contract of 540.00 of which a third is paid, the first instalment perhaps ``late``."""
    first, *others = instalments_of(18_000, 18_000)
    if late is not None:
        first = first.model_copy(update={"due": TODAY, **late})
    return {
        "contract": CONTRACT,
        "mode": mode,
        "currency": currency,
        "balance": balance_of(54_000, 18_000),
        "instalments": (first, *others),
    }
