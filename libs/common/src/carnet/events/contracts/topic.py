"""The topic of contracts, on which subscriptions, uses of scholarships and imports are published too."""

from carnet.events.base import Topic

CONTRACTS = Topic("contracts.contracts", "facts")
