"""What the pages of session packs ask of the APIs, and the words for what they answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backoffice.accounts.calls import name_of, of_account, path_of, person_of
from backoffice.apis import Away, Json, part, quoted
from backoffice.contracts.calls import account_of
from backoffice.languages import N_
from backoffice.web import Visit

ACTIVITIES = "/catalog/v1/activities"
ACCOUNTS, PACKS, USES = "/credits/v1/accounts", "/credits/v1/session-packs", "/credits/v1/session-uses"
MOST_SHOWN = 200
USES_SHOWN = 20

MOVEMENTS: Mapping[str, str] = {
    "issued": N_("bought"),
    "used": N_("used"),
    "restored": N_("given back: the use was cancelled"),
    "adjusted": N_("adjusted by the school"),
    "removed": N_("void: its purchase was cancelled"),
}
"""Why a pack moved (CRE-10)."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the door sees of a family: its people who may come, its passes in force, the sessions taken last."""

    account: str
    family: Json
    passes: Json | Away
    uses: Json | Away
    activities: Json | Away
    """The activities of the day that is looked at, with their occurrences."""
    before: Sequence[Json | Away] = ()
    """The same of the other days of the sessions taken last."""

    @property
    def occurrences(self) -> dict[str, str]:
        """The occurrences of that day by their hours: the hour and the activity, by id."""
        return _occurrences(self.activities)

    def session(self, use: Json) -> str:
        """The hour and the activity of the occurrence for which a session was taken; empty if nobody can say.

        So it is for one that takes place on another day since.
        """
        known = (_occurrences(each) for each in (self.activities, *self.before))
        return next((each[use["occurrence"]] for each in known if use["occurrence"] in each), "")

    @property
    def people(self) -> dict[str, str]:
        """The names of those who may take a session, by id."""
        return {
            each["id"]: name
            for each in self.family["members"]
            if each["kind"] != "contact" and (name := name_of(each)) is not None
        }

    @property
    def packs(self) -> list[Json]:
        """The passes in force, those of the family first; none if credits does not answer."""
        found: list[Json] = self.passes["items"] if isinstance(self.passes, dict) else []
        return found

    def holder(self, pack: Json) -> str:
        """Who a pass is for; empty if the family shares it."""
        return holder_of(pack, self.family)

    def named(self, member: str) -> str:
        """The name of somebody; empty if erased."""
        return name_of(person_of(self.family, member)) or ""


def _occurrences(activities: Json | Away) -> dict[str, str]:
    found = activities["items"] if isinstance(activities, dict) else []
    by_hour = sorted(
        (occurrence["starts"], activity["name"], occurrence["id"])
        for activity in found
        for occurrence in activity["occurrences"]
    )
    return {id_: f"{starts} {name}" for starts, name, id_ in by_hour}


async def door_of(visit: Visit, account: str, day: str) -> Door:
    """The family with its passes and its last uses, and what takes place on a day, in one round.

    A second one asks for the activities of the other days for which sessions were taken, so that these are named.
    """
    path = f"{ACCOUNTS}/{quoted(account)}"
    family, passes, uses, activities = await asyncio.gather(
        visit.api.get(path_of(account)),
        of_account(visit.api.get(f"{path}/session-packs", limit=MOST_SHOWN)),
        of_account(visit.api.get(f"{path}/session-uses", limit=USES_SHOWN)),
        _activities(visit, day),
    )
    taken = uses["items"] if isinstance(uses, dict) else []
    days = sorted({each["on"] for each in taken if each["occurrence"]} - {day})
    before = await asyncio.gather(*(_activities(visit, each) for each in days))
    return Door(account, family, passes, uses, activities, before)


async def _activities(visit: Visit, day: str) -> Json | Away:
    if not visit.may("catalog:read"):
        return {"items": [], "next": None}
    return await part(visit.api.get(ACTIVITIES, on=day, limit=MOST_SHOWN))


@dataclass(frozen=True, slots=True)
class PackFound:
    """A pack, its family and its movements."""

    pack: Json
    version: int | None
    family: Json | Away | None
    entries: Json | Away

    @property
    def holder(self) -> str:
        """Who it is for; empty if the family shares it, or if nobody can say."""
        return holder_of(self.pack, self.family)

    def named(self, member: str) -> str:
        """The name of somebody of the family; empty if nobody can say."""
        return (name_of(person_of(self.family, member)) or "") if isinstance(self.family, dict) else ""


def holder_of(pack: Json, family: Json | Away | None) -> str:
    """The name of the member whom a pack is for; empty if the family shares it, or if nobody can say."""
    if pack["member"] is None or not isinstance(family, dict):
        return ""
    return name_of(person_of(family, pack["member"])) or ""


async def pack_found(visit: Visit, pack: str) -> PackFound:
    """A pack with its movements, then its family."""
    path = f"{PACKS}/{quoted(pack)}"
    found, entries = await asyncio.gather(
        visit.api.read(path), part(visit.api.get(f"{path}/entries", limit=MOST_SHOWN))
    )
    return PackFound(found.body, found.version, await account_of(visit, found.body["account"]), entries)
