"""Clerks that make files for a bank at the same time, while the API that they ask is killed (PAY-18)."""

import asyncio
import gzip
import random
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx

from carnet.ids import new_id
from carnet.jobs import JOBS
from carnet_operations.keys import key_files
from carnet_operations.tokens import make_token
from carnet_sandbox.bank import Order, answers_to, read_order
from tests.chaos.collecting import comes_to_nothing
from tests.chaos.crew import Crew
from tests.chaos.load import Load


@dataclass(frozen=True)
class Files:
    """A kind of file for the bank: where it is built, by which body, and how the answer names it."""

    path: str
    body: dict[str, Any] | None
    name: str


REMITTANCES = Files("/v1/remittances", {}, "remittance")
REFUNDS = Files("/v1/refund-files", None, "refund_file")


class Clerks:
    """They build files at the same time, take some back, send the others, and read what the bank says of them."""

    def __init__(self, load: Load, crew: Crew, dice: random.Random, files: Files = REMITTANCES) -> None:
        self._crew = crew
        self._files = files
        self._dice = dice
        self._databases = load.world.databases["payments"]
        keys = key_files(crew.folder / "keys")
        scopes = ("payments:read", "payments:collect", "payments:correct")
        self._token = make_token(keys.private, organisation=load.world.organisation, scopes=scopes)
        self.at_the_bank: list[Order] = []
        self.taken_back = 0
        self.files_read = 0
        self.closing = asyncio.Event()

    async def work(self) -> None:
        """Build until ``closing`` is set and nothing is left."""
        async with patient() as client:
            while True:
                last = self.closing.is_set()
                built = await self.ask(client, "POST", self._files.path, self._files.body)
                if built.status_code == 409:
                    if last:
                        return
                    await asyncio.sleep(0.05)
                    continue
                assert built.status_code == 201, built.text
                await self._finish(client, built.json()[self._files.name]["id"])

    async def _finish(self, client: httpx.AsyncClient, file: str) -> None:
        path = f"{self._files.path}/{file}"
        if self._dice.random() < 0.4:
            back = await self.ask(client, "POST", f"{path}/taking-back", None, version=1)
            assert back.status_code == 200, back.text
            self.taken_back += 1
            return
        order = read_order((await self.ask(client, "GET", f"{path}/file")).content)
        sent = await self.ask(client, "POST", f"{path}/sent", None, version=1)
        assert sent.status_code == 200, sent.text
        self.at_the_bank.append(order)

    async def read_all(self) -> None:
        """Give Carnet every file of the bank twice, in any order, some at the same time."""
        answers = [answer for order in self.at_the_bank for answer in answers_to(order)] * 2
        self._dice.shuffle(answers)
        async with patient() as client:
            for first in range(0, len(answers), 3):
                await asyncio.gather(
                    *(self._read(client, each.name, each.content) for each in answers[first : first + 3])
                )
        self.files_read = len(answers)
        await comes_to_nothing(self._to_apply)

    async def _read(self, client: httpx.AsyncClient, name: str, content: bytes) -> None:
        # Compressed as the pages do: what the bank says of hundreds of debits is too long otherwise.
        body = {"name": name, "content": b64encode(gzip.compress(content, mtime=0)).decode()}
        read = await self.ask(client, "POST", "/v1/bank-files", body)
        assert read.status_code == 201, read.text

    async def _to_apply(self) -> dict[str, int]:
        lines = await self._databases["sepa_file_lines"].count_documents({"outcome": "waiting"})
        jobs = await self._databases[JOBS.name].count_documents({"status": {"$nin": ["done", "failed"]}})
        return {"lines to apply": lines, "jobs under way": jobs}

    async def ask(
        self, client: httpx.AsyncClient, method: str, path: str, body: Any = None, *, version: int | None = None
    ) -> httpx.Response:
        """Ask until there is an answer, always by the same key, as a page does whose connection was cut."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if method == "POST":
            headers["Idempotency-Key"] = new_id()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        while True:
            try:
                address = self._crew.apis["payments-api"].address
                response = await client.request(method, f"{address}{path}", json=body, headers=headers)
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code not in {500, 503}:
                return response
            await asyncio.sleep(0.1)


def patient() -> httpx.AsyncClient:
    """A client that waits for its answer until the connection is cut."""
    return httpx.AsyncClient(timeout=httpx.Timeout(None))
