"""The settings of credits: the kit's."""

from pydantic import Field

from carnet.settings import Settings


class CreditsSettings(Settings):
    """Environment variables begin with ``CARNET_``."""

    service: str = Field(default="credits", init=False)
