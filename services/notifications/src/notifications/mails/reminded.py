"""What the mails about reminders share: the debts that they list (PAY-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from carnet.events.payments import Debt
from carnet.money import Amount
from notifications.mails.composing import Known
from notifications.mails.facts import Fact
from notifications.mails.samples import CONTRACT, SAMPLE_NUMBER
from notifications.templates.values import Sum


class Owed(Fact):
    """Something that is due, as payments says."""

    contract: str
    number: str | None = None
    instalment: str | None = None
    kind: str
    due: date
    amount: Amount
    collected: bool = False


D = TypeVar("D", bound=Owed)


@dataclass(frozen=True, slots=True)
class DuePayment:
    """A payment that is due: of the contract of that number, which may be empty.

    ``due`` is its date; of an order that is on no date, the day since which it waits. ``collected`` if it will be
    collected automatically.
    """

    number: str
    due: date
    amount: Sum
    collected: bool


def owed_of(debts: Sequence[Debt]) -> tuple[Owed, ...]:
    """The debts of an event."""
    return tuple(map(Owed.of_part, debts))


def owed_now(kind: type[D], debts: Sequence[Mapping[str, Any]]) -> tuple[D, ...]:
    """The debts as payments answers them over HTTP, with amounts in minor units; an older one answers less of them."""
    return tuple(
        kind(**{**{name: each[name] for name in kind.model_fields if name in each}, "amount": each["amount"]["amount"]})
        for each in debts
    )


def shown(debts: Sequence[Owed], known: Known, *kinds: str) -> tuple[DuePayment, ...]:
    """Those of some kinds, as templates show them."""
    return tuple(known.part(DuePayment, each) for each in debts if each.kind in kinds)


def sum_of(debts: Sequence[Owed], known: Known, *kinds: str) -> Sum:
    """What those of some kinds come to that the family has to pay itself."""
    return known.sum(sum(each.amount for each in debts if each.kind in kinds and not each.collected))


def sample_debts() -> tuple[Owed, ...]:
    """Two instalments that are late, and one to come."""
    late = Owed(contract=CONTRACT, number=SAMPLE_NUMBER, kind="late", due=date(2026, 12, 5), amount=12_000)
    return (
        late,
        late.model_copy(update={"due": date(2026, 12, 28), "amount": 4_500, "number": "2027-0051"}),
        late.model_copy(update={"kind": "coming", "due": date(2027, 1, 8), "collected": True}),
    )
