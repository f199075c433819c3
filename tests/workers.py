"""Workers as the processes that they are, started as the local suite starts them, to be broken on purpose."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER, key_files
from carnet_operations.secrets import make_secrets
from carnet_suite.servers import Servers
from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST, Ports
from carnet_suite.supervisor.member import answer_of
from carnet_suite.topology import Issuer, Places, Process, variables
from tests.forked import forked
from tests.waits import BOUND

STOPS_WITHIN = BOUND
"""Seconds after which a worker that is asked to stop, and still is at something, does not stop."""

NOBODY = Issuer(name="nobody", audience="nobody", key_file="", algorithm="EdDSA")
"""Workers take no tokens."""

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Worker:
    """A running worker process."""

    process: Process
    child: Child
    address: str
    """Where it answers for its health and metrics."""
    port: int

    @property
    def health(self) -> str:
        return f"{self.address}/health/ready"

    @property
    def pid(self) -> int:
        return self.child.pid

    async def ready(self, seconds: float = BOUND) -> None:
        """Return once it is ready; raises with the end of its log where it is not in time, or dies."""
        await asyncio.to_thread(self.child.await_ready, lambda: answer_of(self.health) == "ready", seconds)

    async def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        await asyncio.to_thread(self.child.kill)

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    async def ended(self, seconds: float) -> int:
        """Its exit code, once it has ended unasked, which must be within so many seconds."""
        deadline = time.monotonic() + seconds
        while (code := self.child.exit_code) is None:
            assert time.monotonic() < deadline, f"{self.child.name} still runs: {self.child.log_tail()}"
            await asyncio.sleep(0.02)
        return code

    async def stop(self) -> None:
        """SIGTERM, on which it is not ready any more, ends well and in time."""
        self.ask_to_stop()
        ended, answers = asyncio.create_task(self.ended(STOPS_WITHIN)), []
        while not ended.done():
            answers.append(await self.answer())
            await asyncio.sleep(0.01)
        code = await ended
        assert code == 0, f"{self.child.name} ended with {code}: {self.child.log_tail()}"
        stops_at = answers.index(503) if 503 in answers else len(answers)
        assert 200 not in answers[stops_at:], "it was ready again while it stopped"

    async def answer(self) -> int | None:
        """The status of its readiness; None if it does not answer."""
        try:
            # Reading certificates, which HTTP does not need, takes 25 ms of CPU: it is asked a hundred times a second.
            async with httpx.AsyncClient(timeout=BOUND, verify=False) as client:  # noqa: S501 # no TLS
                return (await client.get(self.health)).status_code
        except httpx.TransportError:
            return None

    def has_logged(self, event: str) -> bool:
        """Whether it has logged that by now."""
        return f'"event":"{event}"'.encode() in self.child.log.read_bytes()

    def logged(self) -> Iterator[dict[str, Any]]:
        """What it has logged, line by line; not for one that was killed in the middle of a line."""
        for line in self.child.log.read_bytes().splitlines():
            if line.startswith(b"{"):
                yield orjson.loads(line)


def start_worker(
    servers: Servers, namespace: str, folder: Path, service: str, number: int = 1, *, env: Mapping[str, str] = NOTHING
) -> Worker:
    """Start a worker; does not wait until it is ready. Its log is added to one in ``folder``.

    ``env`` are further variables of its environment.
    """
    return _start(Process(service, "worker", number), servers, namespace, folder, issuer=NOBODY, env=env)


def start_api(
    servers: Servers, namespace: str, folder: Path, service: str, *, env: Mapping[str, str], port: int | None = None
) -> Worker:
    """Start the API of a service as a process; does not wait until it is ready. It takes tokens of the local issuer.

    ``port`` is that of one that was killed, in whose place it comes.
    """
    issuer = Issuer(ISSUER, AUDIENCE, str(key_files(folder / "keys").public), ALGORITHM)
    return _start(Process(service, "api"), servers, namespace, folder, issuer=issuer, env=env, port=port)


def _start(
    process: Process,
    servers: Servers,
    namespace: str,
    folder: Path,
    *,
    issuer: Issuer,
    env: Mapping[str, str],
    port: int | None = None,
) -> Worker:
    port = port or Ports().chosen().smtp
    places = Places(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        smtp_host=servers.smtp_host,
        smtp_port=servers.smtp_port,
        issuer=issuer,
        apis=dict.fromkeys(("catalog", "credits", "payments"), f"http://{HOST}:9"),
        host=HOST,
        public=f"http://{HOST}:9",
        link_keys=str(make_secrets(folder / "secrets").links),
        ports={process.name: port},
        namespace=namespace,
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
    environment = {**inherited, "PYTHONUNBUFFERED": "1", **variables(process, places), **env}
    log = folder / f"{process.name}.log"
    child = forked(process.name, [sys.executable, *process.arguments], log, env=environment, grace=STOPS_WITHIN)
    return Worker(process, child, f"http://{HOST}:{port}", port)


@asynccontextmanager
async def working(
    servers: Servers, namespace: str, folder: Path, service: str, number: int = 1, *, env: Mapping[str, str] = NOTHING
) -> AsyncIterator[Worker]:
    """A worker for the length of a block, at whose end it is killed if it still runs."""
    worker = await asyncio.to_thread(start_worker, servers, namespace, folder, service, number, env=env)
    try:
        yield worker
    finally:
        await worker.kill()
