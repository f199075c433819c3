"""The `carnet` command on the servers of the tests: in this process, or as one of its own."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import structlog
from typer.testing import CliRunner

from carnet_operations.cli import commands
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
    """Runs `carnet` in this process, as in the tools' container but for the servers and the secrets."""
    for name in ("CARNET_SANDBOX_SECRET", "CARNET_LINK_KEYS"):
        (tmp_path / name).write_text("the secret of the tests of some length")
    folder = str(tmp_path)
    places = replace(CONTAINERS, sandbox_secrets=folder, link_keys=folder, sepa_keys=folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CARNET_", "COLUMNS"))}
    for service in SERVICES:
        environment |= variables(Process(service, "worker"), places)
    environment |= {
        "CARNET_MONGO_URL": servers.mongo_url,
        "CARNET_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "CARNET_NAMESPACE": namespace,
    }

    return partial(_ran, environment)


@pytest.fixture
def carnet_process(carnet: Carnet) -> Carnet:
    """The same as a process of its own, whose start takes two seconds of CPU: for what only that can show."""
    (environment,) = cast("partial[Awaitable[Ran]]", carnet).args

    async def run(*arguments: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "carnet_operations", *arguments, env=environment, stdout=-1, stderr=-1
        )
        said, wrong = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, said.decode(), wrong.decode())

    return run


async def _ran(environment: dict[str, str], *arguments: str) -> Ran:
    """Run a command in this process, in a thread with a loop of its own."""
    kept = structlog.get_config()
    others = {name: None for name in os.environ if name not in environment}
    try:
        done = await asyncio.to_thread(
            CliRunner().invoke, commands(arguments[0]), arguments, env=environment | others, prog_name="carnet"
        )
    finally:
        structlog.configure(**kept)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)
