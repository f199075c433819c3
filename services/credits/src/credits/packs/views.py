"""What the API answers about session packs: dates are the organisation's."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.catalog import SessionPackDetails
from carnet.tolerance import Tolerant
from credits.packs.domain import Kind, Pack, PackEntry, Standing


class PackView(Tolerant):
    """A session pack, a pass (CRE-10)."""

    id: str
    account: str = Field(description="The account that bought it.")
    name: str = Field(description="What it was sold as.")
    member: str | None = Field(description="For whom it is; null where the family shares it.")
    details: SessionPackDetails
    bought_on: date
    left: int | None = Field(description="How many sessions are left; null if they are unlimited.")
    uses: int = Field(description="How many uses of it are in force.")
    expires_on: date | None = Field(description="Its last day; null if it has no end, or none before its first use.")
    standing: Standing
    contract: str = Field(description="The contract that sold it.")
    line: str = Field(description="The line that sold it.")
    issued_on: date | None = Field(description="Null where it was removed before its contract was paid.")
    removed_on: date | None = Field(description="When the line that sold it was cancelled.")
    suspended_since: date | None = Field(
        description="Since when it can't be used, because the contract that sold it is not paid any more (CRE-2)."
    )
    version: int

    @classmethod
    def of(cls, pack: Pack, suspended_since: date | None = None) -> Self:
        """The view of a pack, and since when it is suspended."""
        plain = cls.model_fields.keys() & (Pack.model_fields.keys() | {"expires_on"})
        return cls(line=pack.id, suspended_since=suspended_since, **{name: getattr(pack, name) for name in plain})


class PackEntryView(Tolerant):
    """A movement of a pack (CRE-10)."""

    pack: str = Field(description="The session pack: an id.")
    kind: Kind
    sessions: int = Field(description="Signed: the sum of a pack's movements is what is left; 0 if it is unlimited.")
    on: date = Field(description="The date on which it takes effect, in the organisation's time zone.")

    @classmethod
    def of(cls, entry: PackEntry) -> Self:
        """The view of a movement."""
        return cls(**entry.model_dump(include=set(cls.model_fields)))
