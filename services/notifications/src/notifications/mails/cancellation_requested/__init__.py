"""A client asks for the cancellation of a subscription: support is informed, to confirm or decline it (CON-17)."""

from datetime import date
from typing import Literal

from carnet.events.subscriptions import CancellationRequested
from notifications.mails.definition import MailKind
from notifications.mails.samples import CONTRACT
from notifications.mails.wished import WishedFacts, WishedView, compose


class Facts(WishedFacts):
    """A client asks for the cancellation of a subscription: support is informed, to confirm or decline it (CON-17)."""

    kind: Literal["cancellation_requested"] = "cancellation_requested"


def sample(currency: str) -> Facts:
    """A subscription of which a client asks the cancellation."""
    return Facts(contract=CONTRACT, currency=currency, name="Studio", wished_on=date(2027, 3, 1))


MAIL = MailKind(
    to="support", facts=Facts, view=WishedView, compose=compose, sample=sample, due={CancellationRequested: Facts.of}
)
