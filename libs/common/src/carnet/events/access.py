"""What contracts publishes of the access that online plans give to the courses of a platform (CON-20)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Part, Topic
from carnet.ids import Id

ACCESSES = Topic("contracts.access", "state")

CourseId = Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
"""A course as the platform that runs it names it: 1 to 100 visible ASCII characters, without spaces."""

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""The code of a language in two or three letters (ISO 639): ``fr``."""

Exercises = Literal["automatic", "teacher", "learner", "unchecked"]
"""How exercises are checked: by the platform, by a teacher, by the learner, or not at all."""


class ReleaseCalendar(Part):
    """Lessons are released step by step, from the first day of the access."""

    lessons: Annotated[int, Field(ge=1, le=1000)]
    """How many lessons each step releases; the first step is the first day."""
    every_days: Annotated[int, Field(ge=1, le=366)]
    """So many days after a step comes the next one."""


class AccessSettings(Part):
    """What the access to a course is: always whole, never a difference."""

    lessons: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many lessons of the course are open, the first ones; null: all of them."""
    release: ReleaseCalendar | None = None
    """The calendar by which they are released; null: all at once."""
    deadlines: bool = False
    """Whether what is to be handed in has deadlines."""
    exercises: Exercises = "automatic"
    """How exercises are checked: by the platform (`automatic`), by a `teacher`, by the `learner`, or not at all
    (`unchecked`)."""
    checkpoints: bool = False
    """Whether a lesson opens only once the checkpoint before it is passed."""
    language: LanguageCode | None = None
    """The language of the course, as a code of ISO 639; null: the platform chooses."""


class AccessPersonal(Part):
    """Why staff changed it: kept in the journal, never published."""

    reason: str | None = None


class AccessShown(Event):
    """The whole access of a member to a course: the newest event of an access says all of it."""

    topic: ClassVar[Topic] = ACCESSES

    access: Id
    """The access: one for each member and course, for ever."""
    account: Id
    member: Id
    """The member who has it."""
    course: CourseId
    """The course, as the platform that runs it names it."""
    settings: AccessSettings
    """What the access is, whole."""
    first_day: date
    """The day from which it is open, and from which a release calendar counts; a change leaves it as it is."""
    last_day: date | None = None
    """The last day on which it is open; null if it has no end."""
    contract: Id
    """The contract of the plan that gives it."""
    line: Id
    """The line of the plan that gives it."""
    product: Id
    """The plan that gives it."""
    effective_on: date


class AccessGranted(AccessShown):
    """A member may enter a course, which was closed to them (CON-20)."""

    personal: AccessPersonal | None = None


class AccessChanged(AccessShown):
    """An access that stays open has changed: its settings, its end, or the plan that gives it (CON-19, CON-20)."""

    personal: AccessPersonal | None = None


class AccessRevoked(AccessShown):
    """A member may not enter the course any more; the rest is as it was at the end (CON-20)."""

    why: Literal["cancelled", "expired", "erased", "late"]
    """No live plan opens the course (`cancelled`), its end has come (`expired`), the person was `erased`, or a payment
    is `late`: then it is granted again once that is paid."""


EVENTS: tuple[type[Event], ...] = (AccessGranted, AccessChanged, AccessRevoked)
