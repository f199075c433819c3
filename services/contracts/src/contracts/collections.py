"""Every collection of the service, as its processes make them at their start."""

from carnet.jobs import COLLECTIONS as JOB_COLLECTIONS
from carnet.organisations import ORGANISATIONS
from contracts.access.store import ACCESSES
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS, PACKS, PRODUCTS, SCHEDULES
from contracts.imports.store import COLUMNS, FAMILIES, IMPORTS, STAGED
from contracts.numbers.store import COUNTERS

COLLECTIONS = (
    ACCESSES,
    ACCOUNTS,
    COLUMNS,
    CONTRACTS,
    COUNTERS,
    FAMILIES,
    IMPORTS,
    PACKS,
    PRODUCTS,
    SCHEDULES,
    STAGED,
    ORGANISATIONS,
    *JOB_COLLECTIONS,
)
