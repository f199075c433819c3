"""Who may do what in the catalog (ORG-2), and the context of its decisions."""

from typing import Annotated

from carnet.dates import today_in, utc_now
from carnet.decisions import Actor, Context
from carnet.http import Call, Command, changes, reads
from carnet.ids import new_id
from carnet.mongo import Unit
from carnet.refusals import unknown
from catalog.domain.organisations import Organisation
from catalog.store import ORGANISATIONS

Reads = Annotated[Call, reads("catalog:read")]
StaffReads = Annotated[Call, reads("catalog:read", staff=True)]
Makes = Annotated[Command, changes("catalog:write", staff=True)]
Describes = Annotated[Command, changes("catalog:write", if_match=True, staff=True, may_be_new=True)]
Edits = Annotated[Command, changes("catalog:write", if_match=True, staff=True)]


async def context_for(unit: Unit, organisation: str, actor: Actor) -> Context:
    """The context of a decision: the organisation's today (MON-5), or that of UTC before it has a profile."""
    await unit.load(ORGANISATIONS, [organisation])
    profile = unit.get(ORGANISATIONS, organisation)
    now = utc_now()
    today = today_in(profile.time_zone, now, profile.clock_ahead) if profile else now.date()
    return Context(now=now, today=today, actor=actor, change=new_id(), new_id=new_id)


async def profile_of(unit: Unit, organisation: str) -> Organisation:
    """The profile of the caller's organisation. Raises ``unknown-organisation`` before it is set up."""
    return await unit.one(ORGANISATIONS, organisation, what="organisation")


def refuse_unset(organisation: Organisation | None, organisation_id: str) -> Organisation:
    """The same refusal for a profile that was read outside a unit."""
    if organisation is None:
        raise unknown("organisation", organisation_id)
    return organisation
