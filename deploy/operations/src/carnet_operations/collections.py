"""Which collections each service has: the one list of what its processes make at their start."""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Collection
from catalog.store import COLLECTIONS as CATALOG
from contracts.collections import COLLECTIONS as CONTRACTS
from credits.collections import COLLECTIONS as CREDITS
from notifications.store import COLLECTIONS as NOTIFICATIONS
from payments.collections import COLLECTIONS as PAYMENTS

COLLECTIONS: Mapping[str, Sequence[Collection[Any]]] = {
    "catalog": CATALOG,
    "contracts": CONTRACTS,
    "payments": PAYMENTS,
    "credits": CREDITS,
    "notifications": NOTIFICATIONS,
}
