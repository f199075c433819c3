"""The settings of the access to an online course as somebody writes them: for a plan, or for one client (CON-20)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from carnet.events.access import AccessSettings, Exercises, LanguageCode


class _Fields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReleaseFields(_Fields):
    """Lessons are released step by step: so many at a time, the first ones at once."""

    lessons: Annotated[int, Field(strict=True, ge=1, le=1000, description="How many lessons each step releases.")]
    every_days: Annotated[
        int, Field(strict=True, ge=1, le=366, description="So many days after a step comes the next one.")
    ]


class AccessFields(_Fields):
    """What the access to the courses of a plan is (CON-20)."""

    lessons: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        default=None, description="How many lessons are open, the first ones; null: all."
    )
    release: ReleaseFields | None = Field(
        default=None, description="The calendar by which lessons are released; null: all at once."
    )
    deadlines: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether what is to be handed in has deadlines."
    )
    exercises: Exercises = Field(
        default="automatic",
        description="How exercises are checked: by the platform (`automatic`), by a `teacher`, by the `learner`, or "
        "not at all (`unchecked`).",
    )
    checkpoints: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether a lesson opens only once the checkpoint before it is passed."
    )
    language: LanguageCode | None = Field(
        default=None, description="The language of the course, a code of ISO 639; null: the platform chooses."
    )

    def written(self) -> AccessSettings:
        """The settings as they are kept and published."""
        return AccessSettings.model_validate(self.model_dump())
