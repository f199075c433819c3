"""A running suite: where it is, tokens for it, and breaking it on purpose."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from carnet_operations.keys import KeyFiles
from carnet_operations.tokens import SCOPES, TEST_STAFF, WORKING_DAY, Kind, make_token
from carnet_suite.layout import DATA
from carnet_suite.servers import Servers
from carnet_suite.servers.ports import is_open
from carnet_suite.supervisor.crew import Crew
from carnet_suite.supervisor.errors import ServerGoneError
from carnet_suite.topology import Places, Process, Role


@dataclass(frozen=True)
class Suite:
    """A running suite.

    Attributes:
        front: The address of the front, without a slash at the end; `/contracts/v1/...` and so on below it.
        backoffice: The address of the back office, likewise; None if it was not asked for.
        servers: MongoDB, Kafka and SMTP.
        namespace: What the names of its databases, topics and groups begin with.
        inbox: The folder of the mails that were sent; see `carnet_suite.inbox.read_inbox`.
        folder: Where its data, keys and logs are.
    """

    front: str
    servers: Servers
    namespace: str
    inbox: Path
    folder: Path
    places: Places
    backoffice: str | None
    _keys: KeyFiles
    _crew: Crew

    @property
    def sandbox(self) -> str:
        """The address of the sandbox, without a slash at the end; `/book` shows everything that it did."""
        return self.places.sandbox or ""

    def url(self, service: str) -> str:
        """The front address of a service: `http://127.0.0.1:8400/contracts`."""
        return f"{self.front}/{service}"

    def token(
        self,
        organisation: str,
        scopes: Sequence[str] = SCOPES,
        *,
        subject: str = TEST_STAFF,
        kind: Kind = "user",
        account: str | None = None,
        expires: timedelta = WORKING_DAY,
    ) -> str:
        """A token for one organisation, of staff with every scope by default; see `make_token`."""
        return make_token(
            self._keys.private,
            organisation=organisation,
            scopes=scopes,
            subject=subject,
            kind=kind,
            account=account,
            expires=expires,
        )

    def pid(self, service: str, role: Role, number: int = 1) -> int | None:
        """The process that runs now under that name."""
        return self._crew.members[Process(service, role, number).name].pid

    def log(self, service: str, role: Role, number: int = 1) -> Path:
        """The log of a process."""
        return self._crew.members[Process(service, role, number).name].plan.log

    def kill(
        self,
        service: str,
        role: Role,
        number: int = 1,
        sig: signal.Signals = signal.SIGKILL,
        *,
        restart: bool = True,
    ) -> None:
        """Send a signal to a process; SIGKILL returns when it is gone.

        It is started again at once, as after any death; with `restart=False` only by `start`.
        """
        self._crew.kill(Process(service, role, number).name, sig, restart=restart)

    def start(self, service: str, role: Role, number: int = 1) -> None:
        """Start a process that was ended on purpose, and return when it is ready."""
        name = Process(service, role, number).name
        self._crew.launch(name)
        self._crew.await_ready([name])

    def await_ready(self) -> None:
        """Return when every process is ready.

        Raises:
            SuiteError: one of them does not get ready.
        """
        self._crew.await_ready(name for name, member in self._crew.members.items() if not member.held)

    def wait(self, told_to_stop: threading.Event) -> None:
        """Return when asked to stop.

        Raises:
            SuiteError: it cannot go on, because a server is gone or a process dies again and again.
        """
        while not told_to_stop.wait(0.5):
            if self._crew.failure is not None:
                raise self._crew.failure
            self._check_servers()

    def _check_servers(self) -> None:
        data = self.folder / DATA
        if self.servers.mongo is not None and not self.servers.mongo.running:
            raise ServerGoneError("MongoDB", data / "mongo.log")
        if self.servers.kafka is not None and not self.servers.kafka.running:
            raise ServerGoneError("Kafka", data / "kafka.log")
        if not is_open(self.servers.smtp_port):
            raise ServerGoneError("The mail server", data / "inbox.log")
