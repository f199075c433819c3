"""How attempts are shown: what was asked of a payment provider, and what became of it (PAY-6)."""

from datetime import date
from typing import Literal, Self

from pydantic import Field

from carnet.dates import Instant
from carnet.events.payments import FailureReason, OnlineMethod
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.collection.domain.orders import Order, Status


class AttemptView(Tolerant):
    """An order to a provider: to collect an instalment, or to refund a payment."""

    id: str
    kind: Literal["charge", "refund"]
    status: Status = Field(description="`asked` until the provider has answered, `pending` while it works on it.")
    amount: Money
    provider: str
    method: str
    method_kind: OnlineMethod
    instalment: str | None
    due: date | None
    number: int = Field(description="Of a charge: which attempt of the instalment it is, from 1.")
    payment: str | None = Field(description="Of a refund: the payment that is given back.")
    settlement: str | None
    reference: str | None = Field(description="The provider's own id of it.")
    reason: FailureReason | None
    code: str | None = Field(description="The provider's own code of why it failed.")
    made_at: Instant
    ended_at: Instant | None

    @classmethod
    def of(cls, order: Order) -> Self:
        """An order as it is; its token is shown to nobody."""
        return cls(
            amount=Money(amount=order.amount, currency=order.currency),
            **order.model_dump(include=cls.model_fields.keys() - {"amount"}),
        )
