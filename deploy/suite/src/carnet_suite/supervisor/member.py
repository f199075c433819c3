"""One process of the suite: how it is started, and the process that runs now."""

import contextlib
import os
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from carnet_suite.servers.child import Child

GRACE_S = 10.0
"""Seconds between SIGTERM and SIGKILL: enough to finish a batch, and a kill loses nothing."""


class Start(Protocol):
    """What starts a command as a child process: `Child`, or whatever takes the same and behaves as it does."""

    def __call__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        grace: float = 10.0,
    ) -> Child:
        """The running child."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a process is started. `health` is the address that answers 200 once it is ready."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    health: str
    log: Path


class Member:
    """A process that is started again, as another one, when it dies."""

    def __init__(self, plan: Plan, start: Start = Child) -> None:
        self.plan = plan
        self._start = start
        self.held = False
        """Whether it was ended on purpose, and stays so until it is started."""
        self.asked = False
        """Whether its end was asked for: such a one does not count as a death."""
        self.child: Child | None = None
        self._deaths: deque[float] = deque()

    @property
    def pid(self) -> int | None:
        """The process id; None before the first start."""
        return self.child.pid if self.child else None

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.child is not None and self.child.running

    def start(self) -> None:
        """Start the process; does not wait until it is ready.

        Raises:
            ServerDiedError: it could not even be started.
        """
        self.held = self.asked = False
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CARNET_")}
        self.child = self._start(
            self.plan.name,
            self.plan.command,
            self.plan.log,
            env={**inherited, "PYTHONUNBUFFERED": "1", **self.plan.variables},
            grace=GRACE_S,
        )

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after the grace; returns when it is gone."""
        self.held = True
        if self.child is not None:
            self.child.stop()

    def died(self, within: float) -> int:
        """Note a death; how many there were in so many seconds."""
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > within:
            self._deaths.popleft()
        return len(self._deaths)

    def answer(self) -> str:
        """`ready`, or what its health address says instead."""
        return answer_of(self.plan.health)

    def log_tail(self) -> str:
        """The last lines of its log."""
        return self.child.log_tail() if self.child else ""


def answer_of(health: str) -> str:
    """`ready`, or the answer of a health address in a few words."""
    try:
        with urllib.request.urlopen(health, timeout=2) as response:  # noqa: S310 # our own address
            response.read()
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            return f"answers {error.code}"
    except OSError as error:
        return f"no answer ({_cause(error)})"
    return "ready"


def _cause(error: OSError) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
