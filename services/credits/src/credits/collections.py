"""Every collection of the service, which its processes make at their start."""

from carnet.exporting.collections import Exported
from carnet.jobs import COLLECTIONS as JOB_COLLECTIONS
from credits.bulk.store import BULK_GRANTS
from credits.packs.store import PACK_COLLECTIONS, PACK_ENTRIES, PACKS, SESSION_USES
from credits.scholarships.store import FUNDS, SCHOLARSHIP_COLLECTIONS, SCHOLARSHIP_USES, SCHOLARSHIPS
from credits.store import COLLECTIONS as CREDIT_COLLECTIONS
from credits.store import CREDITS, ENTRIES, VOUCHERS

COLLECTIONS = (*CREDIT_COLLECTIONS, *PACK_COLLECTIONS, *SCHOLARSHIP_COLLECTIONS, BULK_GRANTS, *JOB_COLLECTIONS)

EXPORTED = (
    Exported(CREDITS, without={"card": {"code": True}}),
    Exported(VOUCHERS, without={"code": True}),
    Exported(ENTRIES),
    Exported(PACKS, derived={"expires_on": lambda pack: pack.expires_on}),
    Exported(PACK_ENTRIES),
    Exported(SESSION_USES),
    Exported(FUNDS),
    Exported(SCHOLARSHIPS),
    Exported(SCHOLARSHIP_USES),
)
"""What an export of an organisation has of it (IMP-5)."""
