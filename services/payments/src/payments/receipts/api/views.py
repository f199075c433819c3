"""What the API answers about what is received: money is minor units with its currency."""

from typing import Self

from pydantic import BaseModel

from carnet.decisions import Decision
from carnet.events.payments import CreditGivenBack
from carnet.money import Money
from payments.schedules.api.views import PreviewView
from payments.schedules.domain.schedule import Schedule


class GivenBackView(BaseModel):
    """What a client credit had paid of the contract and gets back (CRE-6)."""

    credit: str
    amount: Money


class PaymentPreview(PreviewView):
    """What a payment would do; ``given_back`` is what goes back to client credits, the latest use first."""

    given_back: list[GivenBackView]

    @classmethod
    def shown(cls, before: Schedule, decision: Decision[Schedule]) -> Self:
        """The schedule before and after."""
        preview = PreviewView.of(before, decision.state)
        given_back = [
            GivenBackView(credit=event.credit, amount=Money(amount=event.amount, currency=event.currency))
            for event in decision.events
            if isinstance(event, CreditGivenBack)
        ]
        return cls(**dict(preview), given_back=given_back)
