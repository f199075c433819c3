"""The sandbox as the process that it is, started as the local suite starts it, to be broken on purpose."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST, Ports
from carnet_suite.supervisor.member import answer_of
from tests.forked import forked
from tests.waits import BOUND

HUSH = "a secret of the tests"


@dataclass
class SandboxProcess:
    """A sandbox at an address that stays the same over its starts."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: Ports().chosen().smtp)
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        """Start it, and return once it is ready."""
        environment = {
            "CARNET_SANDBOX_FILE": str(self.folder / "book.sqlite"),
            "CARNET_SANDBOX_SECRET": HUSH,
            "CARNET_SANDBOX_PORT": str(self.port),
            **self.env,
        }
        command = [sys.executable, "-m", "carnet_sandbox"]
        child = self.child = forked("sandbox", command, self.folder / "sandbox.log", env=environment, grace=BOUND)
        await asyncio.to_thread(child.await_ready, lambda: answer_of(f"{self.url}/health/ready") == "ready", BOUND)

    async def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        if self.child is not None:
            await asyncio.to_thread(self.child.kill)

    async def stop(self) -> None:
        """SIGTERM; returns when it is gone."""
        if self.child is not None:
            await asyncio.to_thread(self.child.stop)

    async def book(self) -> list[dict[str, Any]]:
        """Everything that it did."""
        return await self._all("/book")

    async def webhooks(self) -> list[dict[str, Any]]:
        """Its webhooks as they are."""
        return await self._all("/webhooks")

    async def _all(self, path: str) -> list[dict[str, Any]]:
        async with httpx.AsyncClient(base_url=self.url, timeout=BOUND, verify=False) as client:  # noqa: S501 # over HTTP
            entries: list[dict[str, Any]] = []
            after = 0
            while page := (await client.get(path, params={"after": after, "limit": 1000})).json():
                entries += page
                after = page[-1]["seq"]
            return entries


@asynccontextmanager
async def sandbox_process(folder: Path, **env: str) -> AsyncIterator[SandboxProcess]:
    """A running sandbox with its book in ``folder``; ``env`` are further variables of its environment."""
    running = SandboxProcess(folder, env)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
