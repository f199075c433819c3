"""The settings of credits: the kit's, and the keys of links."""

from pydantic import Field

from carnet.links import LinkKeys
from carnet.settings import Settings


class CreditsSettings(Settings):
    """Environment variables begin with ``CARNET_``."""

    service: str = Field(default="credits", init=False)
    link_keys: LinkKeys
    """The keys that sign the links to papers which notifications writes into mails."""
