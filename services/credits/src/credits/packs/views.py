"""What the API answers about session packs: dates are the organisation's."""

from datetime import date
from typing import Self

from pydantic import Field

from carnet.events.catalog import SessionPackDetails
from carnet.tolerance import Tolerant
from credits.domain.packs import Kind, Pack, PackEntry, Standing
from credits.packs.domain.reminding import PackReminders
from credits.packs.domain.using import SessionUse


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
    started_on: date | None = Field(description="The day of its first use, if its validity starts with that.")
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
        plain = cls.model_fields.keys() & (Pack.model_fields.keys() | {"expires_on", "started_on"})
        return cls(line=pack.id, suspended_since=suspended_since, **{name: getattr(pack, name) for name in plain})


class PackEntryView(Tolerant):
    """A movement of a pack (CRE-10)."""

    pack: str = Field(description="The session pack: an id.")
    kind: Kind
    sessions: int = Field(description="Signed: the sum of a pack's movements is what is left; 0 if it is unlimited.")
    on: date = Field(description="The date on which it takes effect, in the organisation's time zone.")
    use: str | None = Field(description="The use that is made or cancelled.")
    member: str | None = Field(description="Who takes part in the session.")
    day: date | None = Field(description="The day of the session.")
    note: str | None = Field(
        description="What staff wrote as their reason. It is shown to staff, until people of the account are erased."
    )

    @classmethod
    def of(cls, entry: PackEntry, *, for_staff: bool = True) -> Self:
        """The view of a movement."""
        plain = cls.model_fields.keys() - {"note"}
        return cls(note=entry.note if for_staff else None, **entry.model_dump(include=plain))


class SessionUseView(Tolerant):
    """A session that a member takes of a pack (CRE-10)."""

    id: str
    account: str = Field(description="The account of the pack.")
    pack: str = Field(description="The session pack: an id.")
    member: str = Field(description="Who takes part in the session.")
    on: date = Field(description="The day of the session.")
    occurrence: str | None = Field(
        description="The occurrence of an activity for which it was taken; null if it was taken at the door."
    )
    taken_on: date = Field(description="The day on which it was entered.")
    cancelled_on: date | None = Field(description="When it was cancelled; null while it is in force.")

    @classmethod
    def of(cls, use: SessionUse) -> Self:
        """The view of a use."""
        return cls(**use.model_dump(include=set(cls.model_fields)))


class TakenView(Tolerant):
    """A session that was taken, or came back, and the pack as it then is."""

    use: SessionUseView
    pack: PackView


class PackRemindersView(Tolerant):
    """When the organisation reminds families of the last day of session packs (CRE-10)."""

    days_before: int | None = Field(description="How many days before it; null if it does not remind.")
    hour: int = Field(description="The hour of its day from which reminders go.")
    version: int

    @classmethod
    def of(cls, settings: PackReminders) -> Self:
        """The view of the settings."""
        return cls(days_before=settings.days_before, hour=settings.hour, version=settings.version)
