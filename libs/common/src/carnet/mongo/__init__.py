"""MongoDB: typed collections of states, and one unit of work in one transaction.

With the services' stores, the journal, the relay, the consumer and the leases, this is the
only place that knows the driver (Motor today, see ``docs/decisions``). It has a file per subject:
``collections``, ``database``, ``units``, ``transactions`` and ``faults``; everybody imports from here. The names of the
kit's own collections are in ``kit``.
"""

from carnet.mongo.collections import REBUILT, Collection, Document, Join, Link, Repeated, View, Wanted, Write
from carnet.mongo.database import Database, appname_of
from carnet.mongo.faults import (
    BusyError,
    ForeignError,
    NotLoadedError,
    VersionConflictError,
    is_transient,
    may_be_too_much,
    patiently,
)
from carnet.mongo.kit import KIT_COLLECTIONS
from carnet.mongo.transactions import PATIENCE, look, transact
from carnet.mongo.units import Unit

__all__ = [
    "KIT_COLLECTIONS",
    "PATIENCE",
    "REBUILT",
    "BusyError",
    "Collection",
    "Database",
    "Document",
    "ForeignError",
    "Join",
    "Link",
    "NotLoadedError",
    "Repeated",
    "Unit",
    "VersionConflictError",
    "View",
    "Wanted",
    "Write",
    "appname_of",
    "is_transient",
    "look",
    "may_be_too_much",
    "patiently",
    "transact",
]
