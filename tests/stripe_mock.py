"""stripe-mock: a server that holds requests against the description of Stripe's API, built by go on first use."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carnet_operations.home import carnet_home
from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST, is_open
from tests.waits import BOUND

VERSION = "v0.203.0"


def program() -> Path:
    """The program, below the cache of this checkout."""
    folder = carnet_home().resolve() / "cache" / f"stripe-mock-{VERSION}"
    built = folder / "stripe-mock"
    if built.exists():
        return built
    go = shutil.which("go")
    if go is None:
        pytest.skip("stripe-mock is built by go, which is not installed")
    command = [go, "install", f"github.com/stripe/stripe-mock@{VERSION}"]
    environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-buildvcs=false"}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"go could not build stripe-mock: {made.stderr}"
    return built


@contextmanager
def stripe_mock(folder: Path) -> Iterator[str]:
    """The address of a running one."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [str(program()), "-http-addr", f"{HOST}:{port}"]
    child = Child("stripe-mock", command, folder / "stripe-mock.log")
    try:
        child.await_ready(lambda: is_open(port), BOUND)
        yield f"http://{HOST}:{port}"
    finally:
        child.stop()
