"""The cancellation of a subscription that a client asked for is declined: it goes on (CON-17)."""

from datetime import date
from typing import Literal

from carnet.events.subscriptions import CancellationDeclined
from notifications.mails.definition import MailKind
from notifications.mails.samples import CONTRACT
from notifications.mails.wished import WishedFacts, WishedView, compose


class Facts(WishedFacts):
    """The cancellation of a subscription that a client asked for is declined: it goes on (CON-17)."""

    kind: Literal["cancellation_declined"] = "cancellation_declined"


def sample(currency: str) -> Facts:
    """A subscription of which a client asks the cancellation."""
    return Facts(contract=CONTRACT, currency=currency, name="Studio", wished_on=date(2027, 3, 1))


MAIL = MailKind(
    to="client", facts=Facts, view=WishedView, compose=compose, sample=sample, due={CancellationDeclined: Facts.of}
)
