"""Which services react to which topics: the one list of the services' tables of reactions."""

from collections.abc import Mapping, Sequence

from contracts.reactions import REACTIONS as CONTRACTS
from credits.reactions import REACTIONS as CREDITS
from notifications.reactions import REACTIONS as NOTIFICATIONS
from payments.reactions import REACTIONS as PAYMENTS

_TABLES = {"contracts": CONTRACTS, "payments": PAYMENTS, "credits": CREDITS, "notifications": NOTIFICATIONS}
"""The tables of each service that reacts to events; catalog reacts to none."""


def followers() -> Mapping[str, Sequence[str]]:
    """The services that react to each topic, by its name."""
    found: dict[str, list[str]] = {}
    for service, tables in _TABLES.items():
        for table in tables:
            found.setdefault(table.topic.name, []).append(service)
    return found
