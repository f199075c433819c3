"""A client who asks for the cancellation of a subscription is informed that the request has arrived (CON-17)."""

from datetime import date
from typing import Literal

from carnet.events.subscriptions import CancellationRequested
from notifications.mails.definition import MailKind
from notifications.mails.samples import CONTRACT
from notifications.mails.wished import WishedFacts, WishedView, compose


class Facts(WishedFacts):
    """A client who asks for the cancellation of a subscription is informed that the request has arrived (CON-17)."""

    kind: Literal["cancellation_received"] = "cancellation_received"


def sample(currency: str) -> Facts:
    """A subscription of which a client asks the cancellation."""
    return Facts(contract=CONTRACT, currency=currency, name="Studio", wished_on=date(2027, 3, 1))


MAIL = MailKind(
    to="client", facts=Facts, view=WishedView, compose=compose, sample=sample, due={CancellationRequested: Facts.of}
)
