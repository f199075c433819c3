"""Every collection of the service, as its processes make them at their start."""

from carnet.organisations import ORGANISATIONS
from contracts.access.store import ACCESSES
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS, PACKS, PRODUCTS, SCHEDULES
from contracts.numbers.store import COUNTERS

COLLECTIONS = (ACCESSES, ACCOUNTS, CONTRACTS, COUNTERS, PACKS, PRODUCTS, SCHEDULES, ORGANISATIONS)
