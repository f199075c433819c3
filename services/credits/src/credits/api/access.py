"""Who may do what with credits (ORG-2)."""

from typing import Annotated

from carnet.http import Call, Command, changes, reads

Reads = Annotated[Call, reads("credits:read")]
Grants = Annotated[Command, changes("credits:adjust")]
Adjusts = Annotated[Command, changes("credits:adjust", if_match=True)]
