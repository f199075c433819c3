"""Who may do what with contracts (ORG-2)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from carnet.http import Call, Command, changes, reads
from carnet.refusals import unknown
from contracts.contracts.domain.causes import ChangeCause
from contracts.peers import Peers

Reads = Annotated[Call, reads("contracts:read")]
StaffReads = Annotated[Call, reads("contracts:read", staff=True)]
Previews = Annotated[Call, reads("contracts:write", staff=True)]
Opens = Annotated[Command, changes("contracts:write", staff=True)]
Writes = Annotated[Command, changes("contracts:write", if_match=True, staff=True)]

Requests = Annotated[Command, changes("contracts:ask")]
"""What a client may ask of staff."""


async def _peers(request: Request) -> Peers:
    peers: Peers = request.app.state.peers
    return peers


Asks = Annotated[Peers, Depends(_peers)]
"""The services that a route may read from."""


def causes_of(call: Call) -> Sequence[ChangeCause]:
    """What changes and openings may ask of other services before they are made."""
    causes: Sequence[ChangeCause] = call.request.app.state.causes
    return causes


def refuse_unseen(call: Call, account: str, what: str, object_id: str) -> None:
    """Answer a client who asks for what is another account's as if it did not exist (ORG-1, ORG-2)."""
    if not call.principal.sees(account):
        raise unknown(what, object_id)
