"""The client accounts that credits may belong to, and what is no longer shown under their names."""

from carnet.decisions import State


class DeletedSale(State):
    """A line that sold something and was deleted as a wrong entry (CON-12); ``id`` is that of the line.

    What it sold is removed, and is not in the list of what the account has any more.
    """

    account: str
    """The account under whose name it was listed."""


class Account(State):
    """A client account that is known to exist; nearly all else about it is the business of contracts."""

    erased_members: int = 0
    """How many of its people were erased: with each, what staff wrote about its credits goes (ORG-4)."""

    members: tuple[str, ...] | None = None
    """Its people who are there; None if it was kept before they were."""

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id
