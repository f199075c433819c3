"""The sandbox's own book: what a payment provider says that it did, whatever it had answered."""

import httpx

from carnet_play.story.desk import Json

_PAGE = 500


class Book:
    """What the sandbox did for one organisation."""

    def __init__(self, sandbox: httpx.AsyncClient, organisation: str) -> None:
        self._sandbox = sandbox
        self._organisation = organisation

    async def of(self, token: str) -> list[Json]:
        """All that was done with a token, oldest first."""
        return [each for each in await self._all() if (each["merchant"], each["token"]) == (self._organisation, token)]

    async def _all(self) -> list[Json]:
        entries: list[Json] = []
        while True:
            after = entries[-1]["seq"] if entries else 0
            answer = await self._sandbox.get("/book", params={"after": after, "limit": _PAGE})
            page: list[Json] = answer.raise_for_status().json()
            entries += page
            if len(page) < _PAGE:
                return entries
