"""All processes of the suite, watched: one that dies is started again at once."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from carnet_suite.servers.child import Child
from carnet_suite.servers.errors import ServerError
from carnet_suite.supervisor.errors import ProcessDiedError, ProcessSlowError, SuiteError
from carnet_suite.supervisor.member import Member, Plan, Start

MOST_DEATHS, WITHIN_S = 5, 60.0
"""A process that dies so often in so many seconds is not started again."""

READY_S = 300.0
_LOOK_S = 0.1

Notify = Callable[[str], None]


class Crew:
    """The processes that were planned, by name.

    `notice` is called with a sentence when one died and was started again; `changed` whenever
    another process took over a name. Both from the watching thread. `start` starts each process.
    """

    def __init__(
        self, plans: Sequence[Plan], notice: Notify, changed: Callable[[], None], start: Start = Child
    ) -> None:
        self.members = {plan.name: Member(plan, start) for plan in plans}
        self.failed = threading.Event()
        self.failure: SuiteError | None = None
        self._notice = notice
        self._changed = changed
        self._ending = threading.Event()
        self._lock = threading.RLock()
        self._watching = threading.Thread(target=self._watch, name="suite-watch", daemon=True)

    def start(self, ready: Notify) -> None:
        """Start all of them and wait until each is ready; `ready` is called with each name.

        Raises:
            SuiteError: one dies again and again, or does not get ready.
        """
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Member.start, self.members.values()))
        self._changed()
        self._watching.start()
        self.await_ready(self.members, ready)

    def await_ready(self, names: Iterable[str], ready: Notify = lambda _name: None, seconds: float = READY_S) -> None:
        """Return once those are ready.

        Raises:
            SuiteError: one dies again and again, or does not get ready in that many seconds.
        """
        deadline = time.monotonic() + seconds
        waiting = [self.members[name] for name in names]
        while waiting:
            if self.failure is not None:
                raise self.failure
            answers = [(member, member.answer()) for member in waiting]
            for member in (member for member, answer in answers if answer == "ready"):
                ready(member.plan.name)
            late = [(member, answer) for member, answer in answers if answer != "ready"]
            if late and time.monotonic() > deadline:
                member, answer = late[0]
                raise ProcessSlowError(member.plan.name, seconds, answer, member.plan.log, member.log_tail())
            waiting = [member for member, _ in late]
            if waiting:
                time.sleep(_LOOK_S)

    def kill(self, name: str, number: signal.Signals, *, restart: bool) -> None:
        """Send a signal to a process and wait for its end, if the signal is one that ends it."""
        with self._lock:
            member = self.members[name]
            child = member.child
            member.held, member.asked = not restart, True
        if child is None:
            return
        if number is signal.SIGKILL:
            child.kill()
        elif child.running:
            os.kill(child.pid, number)

    def launch(self, name: str) -> None:
        """Start a process that was ended on purpose; does nothing if it runs."""
        with self._lock:
            if not self.members[name].running:
                self.members[name].start()
                self._changed()

    def stop(self, tiers: Sequence[Sequence[str]]) -> None:
        """Stop all: tier after tier, those of a tier side by side. Returns when they are gone."""
        self._ending.set()
        if self._watching.is_alive():
            self._watching.join()
        for tier in tiers:
            with ThreadPoolExecutor(max(1, len(tier))) as pool:
                list(pool.map(lambda name: self.members[name].stop(), tier))

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK_S):
            with self._lock:
                for member in self.members.values():
                    if not (member.running or member.held or self._ending.is_set()):
                        self._revive(member)

    def _revive(self, member: Member) -> None:
        name, child = member.plan.name, member.child
        deaths = 0 if member.asked else member.died(WITHIN_S)
        if deaths >= MOST_DEATHS:
            self._give_up(member, ProcessDiedError(name, deaths, WITHIN_S, member.plan.log, member.log_tail()))
            return
        code = child.exit_code if child else None
        try:
            member.start()
        except ServerError as error:
            self._give_up(member, SuiteError(str(error)))
            return
        self._notice(f"{name} ended ({_how(code)}) and has been started again as process {member.pid}.")
        self._changed()

    def _give_up(self, member: Member, failure: SuiteError) -> None:
        member.held = True
        self.failure = failure
        self.failed.set()


def _how(code: int | None) -> str:
    if code is not None and code > 128:
        return signal.Signals(code - 128).name
    return f"exit code {code}"
