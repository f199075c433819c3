"""Session packs: issued, used, adjusted, reminded of and removed (CRE-10)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, ServiceRefusal, Topic
from carnet.events.credits.topic import CREDITS
from carnet.ids import Id

Sessions = Annotated[int, Field(ge=0)]
"""How many sessions of a pack."""


PackReminderReason = Literal["one_left", "expires"]
"""Why a family is reminded of a session pack: one session is left of it, or its last day comes soon (CRE-10)."""


class PackIssued(Event):
    """A session pack that a line sold exists: at once, or now that its contract is paid (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    name: str
    """What it was sold as."""
    member: Id | None = None
    """For whom it is; None if the family shares it."""
    sessions: Sessions | None = None
    """How many were sold; None if they are unlimited."""
    starts: Literal["purchase", "first_use"] = "purchase"
    """When its days or months begin, if it has any."""
    days: int | None = None
    """For how many days it is valid, the first one included."""
    months: int | None = None
    """For how many months it is valid."""
    usable: Literal["at_once", "paid"] = "paid"
    """Whether it could be used at once, or once its contract was paid."""
    bought_on: date
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    effective_on: date


class SessionUsed(Event):
    """A member takes a session of a pack (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    use: Id
    member: Id
    """Who takes part in the session."""
    on: date
    """The day of the session."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """The last day of the pack from now on: a pack may start at this use."""
    effective_on: date
    occurrence: Id | None = None
    """The occurrence of an activity for which it is taken (CAT-6); None if it is taken at the door."""


class SessionRestored(Event):
    """A use was cancelled: its session is back in the pack, and a start at this use is undone (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    use: Id
    member: Id
    """Who had taken it."""
    on: date
    """The day of the session."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """The last day of the pack from now on; None if it has no end, or none before its first use."""
    effective_on: date
    occurrence: Id | None = None
    """The occurrence of an activity for which it was taken; None if it was taken at the door."""


class SessionsAdjusted(Event):
    """Staff added a session to a pack, or took one off; the reason is in its entries (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    sessions: int
    """What was added, below zero where it was taken off."""
    left: Sessions
    """How many sessions are left."""
    effective_on: date


class PackExpiryChanged(Event):
    """Staff edited the last day of the purchase of a session pack (CON-11)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
    effective_on: date


class PackRemoved(Event):
    """The line that sold the session pack was cancelled, so what was left of it is void (CON-8)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    void: Sessions | None = None
    """How many sessions were left; None if they were unlimited."""
    request: Id | None = None
    """The request of contracts that this answers."""
    effective_on: date


class PackRemovalRefused(Event):
    """A sold session pack was used, so its line is not cancelled without a fee (CON-8).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers: nothing that its lines sold was removed."""
    contract: Id
    """The contract that sold it."""
    pack: Id
    uses: Sessions
    """How many uses of it are in force."""
    effective_on: date
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""


class PackReminded(Event):
    """The family is reminded of a session pack: one session is left, or its last day comes soon (CRE-10).

    Each once: for a day on which it comes to one session left, and for each last day. In a sequence of the reminder's
    own.
    """

    topic: ClassVar[Topic] = CREDITS

    reminder: Id
    """The reminder: one for each pack and day that comes to one session left, or for each last day."""
    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    name: str
    """What it was sold as."""
    member: Id | None = None
    """For whom it is; None if the family shares it."""
    why: PackReminderReason
    """``one_left`` or ``expires``: one session is left of it, or its last day comes soon."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
    effective_on: date


class PackRemindersChanged(Event):
    """When the organisation reminds of the last day of session packs (CRE-10); in a sequence of its own."""

    topic: ClassVar[Topic] = CREDITS

    days_before: Annotated[int, Field(ge=1)] | None = None
    """How many days before it; None if it does not remind."""
    hour: Annotated[int, Field(ge=0, le=23)]
    """The hour of its day from which reminders go."""
