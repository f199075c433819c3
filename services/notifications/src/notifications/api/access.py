"""Who may do what with mails and templates (ORG-2)."""

from typing import Annotated

from carnet.http import Call, Command, changes, reads

Reads = Annotated[Call, reads("notifications:read")]
Previews = Annotated[Call, reads("notifications:write")]
Writes = Annotated[Command, changes("notifications:write", if_match=True)]
Starts = Annotated[Command, changes("notifications:write")]
