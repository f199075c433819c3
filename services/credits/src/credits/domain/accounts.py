"""The client accounts that credits may belong to."""

from carnet.decisions import State


class Account(State):
    """A client account that is known to exist; nearly all else about it is the business of contracts."""

    erased_members: int = 0
    """How many of its people were erased: with each, what staff wrote about its credits goes (ORG-4)."""

    members: tuple[str, ...] | None = None
    """Its people who are there; None where it was kept before they were."""

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id
