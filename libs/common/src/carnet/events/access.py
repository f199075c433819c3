"""What an online plan lets its client do on a course platform (CON-20)."""

from typing import Annotated, Literal

from pydantic import Field

from carnet.events.base import Part

CourseId = Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
"""A course as the platform that runs it names it: 1 to 100 visible ASCII characters, without spaces."""

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""The code of a language in two or three letters (ISO 639): ``fr``."""

Exercises = Literal["automatic", "teacher", "learner", "unchecked"]
"""How exercises are checked: by the platform, by a teacher, by whoever learns, or not at all."""


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
