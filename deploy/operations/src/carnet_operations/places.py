"""Which databases and brokers a command works on: those named in the environment, or the running suite's."""

import importlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from carnet.settings import Settings
from carnet.worker import Worker
from carnet_operations.errors import CommandError
from carnet_operations.home import carnet_home
from carnet_operations.running import read_state
from carnet_operations.services import SERVICES


@dataclass(frozen=True, slots=True)
class Backends:
    """Where the data is."""

    mongo_url: str
    kafka_bootstrap: str
    namespace: str
    sandbox: str | None = None
    """The address of the running suite's payment provider to try with."""


def backends() -> Backends:
    """Those of `CARNET_MONGO_URL`, `CARNET_KAFKA_BOOTSTRAP`, `CARNET_NAMESPACE`, or the running suite's.

    Raises:
        CommandError: neither is there.
    """
    url, kafka = os.environ.get("CARNET_MONGO_URL"), os.environ.get("CARNET_KAFKA_BOOTSTRAP")
    if url and kafka:
        return Backends(url, kafka, os.environ.get("CARNET_NAMESPACE", ""))
    if url or kafka:
        raise CommandError("Give both CARNET_MONGO_URL and CARNET_KAFKA_BOOTSTRAP, or neither.")
    state = read_state(carnet_home())
    sandbox = state.variables.get("payments", {}).get("CARNET_SANDBOX_URL")
    return Backends(state.mongo_url, state.kafka_bootstrap, state.namespace, sandbox)


def worker_of(service: str) -> Worker:
    """A service's worker as it is wired, not started: its database and its reactions.

    Its settings are those in the environment, or those of the running suite.

    Raises:
        CommandError: there is no such service, or no suite runs and the environment names no servers.
    """
    if service not in SERVICES:
        raise CommandError(f"There is no service {service}; there are {', '.join(SERVICES)}.")
    given = {} if "CARNET_MONGO_URL" in os.environ else read_state(carnet_home()).variables[service]
    wiring = importlib.import_module(f"{service}.worker")
    with _environment(given):
        settings: Settings = wiring.settings()
    worker: Worker = wiring.build_worker(settings)
    return worker


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables while the block lasts."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def closing(worker: Worker) -> AsyncIterator[Worker]:
    """Close its connections when the block ends."""
    try:
        yield worker
    finally:
        for close in worker.closing:
            await close()
        worker.database.close()
