"""What a bulk job grants (CRE-2)."""

from carnet.decisions import State

MOST_FAMILIES = 2_000
"""How many families one job grants a credit at most."""


class BulkGrant(State):
    """What a job grants: to each account the same amount, in minor units. Its id is the job's parameter ``grant``."""

    accounts: tuple[str, ...]
    """Each once, in the order of their ids."""
    amount: int
    currency: str
    reason: str | None
    """As staff said it, for each movement; None once a person of one of the accounts was erased (ORG-4)."""
