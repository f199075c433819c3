"""What all rules of the machine share: the suite in memory, the books beside it, and what goes wrong on the way."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import structlog
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from contracts.contracts.store import CONTRACTS
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES
from tests.agreement.journals import Listener
from tests.agreement.oracle import ContractBook, Planned, Till
from tests.agreement.school import Account, School
from tests.memory.asking import Answer
from tests.memory.nature import natural
from tests.memory.store import CrashError
from tests.memory.suite import Kept, Suite

T = TypeVar("T")

_OPENED: list[tuple[Kept, list[Account], dict[str, dict[str, Any]]]] = []
FAULTS = ("none",) * 7 + ("before", "after", "between")


Play = Callable[[Any, st.DataObject], None]


def action(*, weight: int = 1, when: Callable[[Any], object] = lambda _: True) -> Callable[[Play], Play]:
    """Something that can happen, ``when`` it can, as often as its ``weight`` says.

    Not a rule of its own: Hypothesis leaves half of the rules out of each history, and here it
    takes many kinds of steps together to get anywhere.
    """

    def mark(play: Play) -> Play:
        play.weight, play.when = weight, when
        return play

    return mark


class Stage(RuleBasedStateMachine):
    """The suite, the school and the books."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        # Faults are played on purpose, thousands of them: what is logged of them helps nobody.
        self._stack.callback(structlog.configure, **structlog.get_config())
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.suite = Suite(self._stack.enter_context(natural()))
        self.school = School(self.suite, self.suite.organisation)
        self.school.let_in()
        self._begin()
        self.listener = Listener(self.suite)
        self.till = Till()
        self.contracts: dict[str, ContractBook] = {}
        self.openings: dict[str, tuple[ContractBook, Planned]] = {}
        """The contracts whose opening waits for credits, by its id (CRE-9)."""
        self.broken = False
        self.absent: set[str] = set()

    def _begin(self) -> None:
        """The school, which every service knows: it is opened once, and each history begins there."""
        if not _OPENED:
            self.school.open()
            _OPENED.append((self.suite.kept(), list(self.school.accounts), dict(self.school.products)))
        kept, accounts, products = _OPENED[0]
        self.suite.begin_from(kept)
        self.school.accounts, self.school.products = list(accounts), products

    def leave_out(self, data: st.DataObject) -> None:
        """Some kinds of steps stay out of this history."""
        names = [name for name in dir(type(self)) if hasattr(getattr(type(self), name), "weight")]
        self.absent = data.draw(st.sets(st.sampled_from(names), max_size=6), label="never happens")

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One of the things that can happen now."""
        kinds = {name: getattr(type(self), name) for name in dir(type(self)) if name not in self.absent}
        possible = {name: play for name, play in kinds.items() if hasattr(play, "weight") and play.when(self)}
        ballot = [name for name, play in possible.items() for _ in range(play.weight)]
        if ballot:
            name = data.draw(st.sampled_from(ballot), label="step")
            event(name)
            possible[name](self, data)

    def teardown(self) -> None:
        """Leave no clock behind."""
        self._stack.close()
        super().teardown()

    @contextmanager
    def proving(self) -> Iterator[None]:
        """Where something does not hold, the end does not look for more."""
        self.broken = True
        yield
        self.broken = False

    # Choosing

    def pick(self, data: st.DataObject, things: Any, label: str) -> Any:
        """One of ``things``, which are not empty."""
        return data.draw(st.sampled_from(list(things)), label=label)

    @property
    def schedules(self) -> dict[str, Schedule]:
        """The schedules as payments has them now."""
        return self.suite.services["payments"].database.states(SCHEDULES)

    def a_contract(self, data: st.DataObject) -> ContractBook:
        """One of the contracts."""
        return self.contracts[self.pick(data, self.contracts, "contract")]

    def amount_up_to(self, data: st.DataObject, whole: int, *, beyond: bool = True) -> int:
        """An amount above zero: a part of ``whole``, all of it or, sometimes, more."""
        ways = ["all", "part", "part", *(["more"] if beyond else [])]
        way = data.draw(st.sampled_from(ways), label="amount") if whole > 0 else "more"
        if way == "all":
            return whole
        return data.draw(st.integers(1, max(whole, 1)), label="minor units") + (max(whole, 0) if way == "more" else 0)

    # States

    def schedule(self, contract: str) -> Schedule | None:
        """The schedule of a contract as payments has it now."""
        return self.schedules.get(contract)

    def version(self, contract: str) -> int:
        """The version of a contract."""
        document = self.suite.services["contracts"].database.documents(CONTRACTS.name)[contract]
        return int(document["version"])

    # Asking, with faults

    def ask(
        self,
        data: st.DataObject,
        service: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        waits: bool = False,
    ) -> Answer:
        """The answer of an API to a POST, whatever goes wrong on the way.

        One that ``waits`` for another service is sometimes answered while everything published is handled.
        """
        if data.draw(st.integers(0, 3), label="all is handled before") == 3:
            self.suite.settle()
        self._fault(data, service)
        meanwhile = waits and data.draw(st.booleans(), label="others answer in time")
        with self.proving():
            answer = self.suite.ask(service, "POST", path, body, version=version, meanwhile=meanwhile)
        self.suite.next_commit_of(service)
        what = "/".join(part for part in path.split("/")[2:] if not part.startswith("0"))
        event(f"{what}: {answer.status} {'' if answer.ok else answer.slug}")
        return answer

    def work(
        self, data: st.DataObject, service: str, work: Callable[[], Awaitable[T]], *, passing: int = 0
    ) -> T | None:
        """Let a service do something of its own accord; None if it died on the way, after ``passing`` commits."""
        self._fault(data, service, passing)

        async def done() -> T | None:
            try:
                return await work()
            except CrashError:
                return None

        with self.proving():
            result = self.suite.run(done())
        self.suite.next_commit_of(service)
        return result

    def _fault(self, data: st.DataObject, service: str, passing: int = 0) -> None:
        fault = data.draw(st.sampled_from(FAULTS), label="fault")
        if fault == "between":
            self.suite.next_commit_of(service, interlude=self._interlude(data, service))
        else:
            self.suite.next_commit_of(service, dies=fault if fault != "none" else None, passing=passing)

    def _interlude(self, data: st.DataObject, service: str) -> Callable[[], Awaitable[None]] | None:
        """A batch that the same service applies while the transaction that is meant has not committed yet."""
        topics = [topic for name, topic in self.suite.waiting() if name == service]
        if not topics:
            return None
        topic = self.pick(data, topics, "between: topic")
        lane = self.pick(data, self.suite.bus.unread(service, topic), "between: lane")

        async def others() -> None:
            await self.suite.delivered(service, {lane: 3})

        return others
