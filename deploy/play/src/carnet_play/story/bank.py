"""The bank of the sandbox: it takes files of debits and of transfers, and answers by files of its own."""

from dataclasses import dataclass
from datetime import date

import httpx

from carnet_play.story.desk import Json

RETURNED_LATER = "FR76 9999 9000 0100 0000 0000 503"
"""An account whose debits are credited, and returned three days later (docs/integration/sandbox.md)."""

CLOSED_LATER = "FR76 9999 9000 0100 0000 0000 891"
"""An account whose debits are credited and stay so; a transfer to it comes back three days later."""

FINE = "FR14 2004 1010 0505 0001 3M02 606"
"""Any other account: its debits succeed."""


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file of the bank, the day on which it has it, and what it says, in a sentence."""

    name: str
    on: date
    says: str
    content: bytes


class Bank:
    """Where files are handed in."""

    def __init__(self, sandbox: httpx.AsyncClient) -> None:
        self._sandbox = sandbox

    async def answers(self, file: bytes) -> list[BankFile]:
        """Hand in a remittance, or a file of refunds; the bank's files, in the order in which it has them."""
        answer = await self._sandbox.post("/bank/files", content=file)
        files: list[Json] = answer.raise_for_status().json()
        return [
            BankFile(each["name"], date.fromisoformat(each["on"]), each["says"], each["content"].encode())
            for each in files
        ]
