"""The topic of contracts."""

from carnet.events import subscriptions

CONTRACTS = subscriptions.CONTRACTS
