"""What contracts knows of the session packs that its lines sold: what is left of each (CON-10, CRE-10)."""

from datetime import date

from carnet.decisions import State


class KnownPack(State):
    """A session pack, as credits last published it; ``id`` is that of the line that sold it.

    ``version`` is the sequence of the last event received.
    """

    contract: str
    left: int | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
