"""The `carnet` command as a process of its own, on the servers of the tests."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from carnet_operations.services import SERVICES
from carnet_suite.containers import CONTAINERS
from carnet_suite.servers import Servers
from carnet_suite.topology import Process, variables


@dataclass
class Ran:
    code: int
    said: str
    wrong: str


Carnet = Callable[..., Awaitable[Ran]]


@pytest.fixture
def carnet(servers: Servers, namespace: str, tmp_path: Path) -> Carnet:
    """Runs `carnet` with the environment of the tools' container, but for the servers and the secrets."""
    (tmp_path / "CARNET_SANDBOX_SECRET").write_text("the secret of the tests")
    places = replace(CONTAINERS, sandbox_secrets=str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CARNET_", "COLUMNS"))}
    for service in SERVICES:
        environment |= variables(Process(service, "worker"), places)
    environment |= {
        "CARNET_MONGO_URL": servers.mongo_url,
        "CARNET_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "CARNET_NAMESPACE": namespace,
    }

    async def run(*arguments: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "carnet_operations", *arguments, env=environment, stdout=-1, stderr=-1
        )
        said, wrong = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, said.decode(), wrong.decode())

    return run
