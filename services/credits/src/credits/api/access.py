"""Who may do what with credits (ORG-2)."""

from typing import Annotated

from carnet.http import Call, Command, changes, reads

Reads = Annotated[Call, reads("credits:read")]
StaffReads = Annotated[Call, reads("credits:read", staff=True)]
Previews = Annotated[Call, reads("credits:adjust", staff=True)]
Grants = Annotated[Command, changes("credits:adjust", staff=True)]
Uses = Annotated[Command, changes("credits:use", staff=True)]
Adjusts = Annotated[Command, changes("credits:adjust", if_match=True, staff=True)]
