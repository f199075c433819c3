"""The kit's own collections, in every service's database: their names, and their indexes.

They are declared here and not beside what uses them, since every process prepares all of them: a worker does not load
what only an API needs, nor an API what only a worker does, and a collection that is missing would be made inside a
transaction.
"""

from collections.abc import Sequence

from pymongo import IndexModel

from carnet.generation import SUITE
from carnet.journal import ROWS

MARKS = "marks"
PARKED = "parked"
DISCARDED = "discarded"
PAUSED_TOPICS = "paused_topics"
LEASES = "leases"
WORKERS = "workers"
VIEW_REBUILDS = "view_rebuilds"
SECRETS = "secrets"
"""The keys that the processes of a service share."""
ANSWERS = "idempotency"
"""A document for each Idempotency-Key with the answer to its command; its id begins with the organisation."""

KIT_COLLECTIONS: dict[str, Sequence[IndexModel]] = {
    ROWS: (
        IndexModel([("aggregate", 1), ("sequence", 1)], unique=True, name="aggregate_sequence"),
        IndexModel(
            [("pending", 1), ("_id", 1), ("slot", 1)], name="unpublished", partialFilterExpression={"pending": True}
        ),
        IndexModel([("request", 1)], name="of_request", partialFilterExpression={"request": {"$gt": ""}}),
    ),
    MARKS: (),
    PARKED: (IndexModel([("topic", 1), ("aggregate", 1), ("sequence", 1)], name="in_order"),),
    DISCARDED: (
        IndexModel([("parked", 1)], name="parked"),
        IndexModel([("at", -1)], name="latest"),
        IndexModel([("topic", 1), ("at", -1)], name="latest_of_topic"),
    ),
    PAUSED_TOPICS: (),
    LEASES: (IndexModel([("owner", 1)], name="owner"),),
    VIEW_REBUILDS: (),
    WORKERS: (),
    SECRETS: (),
    SUITE: (),
    ANSWERS: (IndexModel([("at", 1)], name="expiry", expireAfterSeconds=24 * 3600),),
}
"""Each with its indexes."""
