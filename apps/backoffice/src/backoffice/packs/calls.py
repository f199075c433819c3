"""What the pages of session packs ask of the APIs, and the words for what they answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.accounts.calls import name_of, person_of
from backoffice.apis import Away, Json, part, quoted
from backoffice.contracts.calls import account_of
from backoffice.languages import N_
from backoffice.web import Visit

PACKS = "/credits/v1/session-packs"
MOST_SHOWN = 200

MOVEMENTS: Mapping[str, str] = {
    "issued": N_("bought"),
    "removed": N_("void: its purchase was cancelled"),
}
"""Why a pack moved (CRE-10)."""


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
