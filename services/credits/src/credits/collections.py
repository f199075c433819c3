"""Every collection of the service, which its processes make at their start."""

from credits.packs.store import PACK_COLLECTIONS
from credits.store import COLLECTIONS as CREDIT_COLLECTIONS

COLLECTIONS = (*CREDIT_COLLECTIONS, *PACK_COLLECTIONS)
