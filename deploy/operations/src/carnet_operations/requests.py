"""Where each service keeps the requests that wait for another one: the one list of the services' declarations."""

from collections.abc import Mapping, Sequence

from carnet.mongo import Database
from carnet.requests.alarm import Waiting, WaitingIn, waiting_in
from contracts.contracts.store import PENDING_CHANGES
from payments.credit_uses.store import UNANSWERED_USES
from payments.invoices.store import UNANSWERED_MARKS

_PLACES: Mapping[str, Sequence[WaitingIn]] = {
    "contracts": (PENDING_CHANGES,),
    "payments": (UNANSWERED_USES, UNANSWERED_MARKS),
}
"""The places of each service that asks others."""


async def all_waiting(databases: Mapping[str, Database]) -> list[tuple[str, Waiting]]:
    """The requests without an answer, each with the service that asked, the oldest first."""
    found = [(name, each) for name, places in _PLACES.items() for each in await waiting_in(databases[name], places)]
    return sorted(found, key=lambda each: each[1].asked_at)
