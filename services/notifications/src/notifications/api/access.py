"""Who may do what with mails and templates (ORG-2)."""

from typing import Annotated

from carnet.http import Call, Command, changes, reads
from carnet.refusals import Kind, Refusal

Reads = Annotated[Call, reads("notifications:read")]
Previews = Annotated[Call, reads("notifications:write")]
Writes = Annotated[Command, changes("notifications:write", if_match=True)]


def staff_only(call: Call) -> None:
    """Refuse a client: it reads the mails to its own account and nothing else."""
    if call.principal.actor.kind == "client":
        raise Refusal(
            Kind.FORBIDDEN,
            "staff-only",
            "Only staff may do this: ask the organisation.",
            rule="ORG-2",
        )
