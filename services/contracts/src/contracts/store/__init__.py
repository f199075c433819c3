"""Documents, indexes and queries: the only part of the service that knows MongoDB."""

from carnet.organisations import ORGANISATIONS
from contracts.store.accounts import ACCOUNTS
from contracts.store.contracts import CONTRACTS, PRODUCTS, SCHEDULES

COLLECTIONS = (ACCOUNTS, CONTRACTS, PRODUCTS, SCHEDULES, ORGANISATIONS)
