"""Who may do what with mails and templates (ORG-2)."""

from typing import Annotated

from carnet.http import Call, Command, changes, reads

Reads = Annotated[Call, reads("notifications:read")]
StaffReads = Annotated[Call, reads("notifications:read", staff=True)]
Previews = Annotated[Call, reads("notifications:write", staff=True)]
Writes = Annotated[Command, changes("notifications:write", if_match=True, staff=True)]
Starts = Annotated[Command, changes("notifications:write", staff=True)]
