"""Where other services show what follows from a command: they receive its events a moment later."""

from pydantic import BaseModel, Field


class Follows(BaseModel):
    """What another service makes of a command, as a rule within a second.

    Until then it answers 404 (``not-here-yet``), or shows what it knew before.
    """

    service: str = Field(description="The service to ask: `payments`.")
    path: str = Field(description="The path within that service: `/v1/schedules/...`.")
    field: str | None = Field(
        default=None,
        description="The field of its answer that says how far it has come; null where any answer will do.",
    )
    at_least: int | None = Field(
        default=None, description="The value that `field` has, or more, once the command has arrived there."
    )
