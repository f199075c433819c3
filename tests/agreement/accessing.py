"""Steps of access: plans are changed, and what is late is withheld and given back (CON-19, CON-20)."""

from datetime import timedelta

from hypothesis import event
from hypothesis import strategies as st

from carnet.journal import SLOTS
from contracts.access.ending import Ender
from contracts.access.store import ACCESSES
from contracts.access.withholding import Withholder
from contracts.contracts.store import CONTRACTS
from payments.schedules.store import SCHEDULES
from tests.agreement.oracle import ContractBook, Planned
from tests.agreement.school import COURSES, PROFILE
from tests.agreement.selling import Selling
from tests.agreement.stage import action

ALL_SLOTS = frozenset(range(SLOTS))


class Accessing(Selling):
    """Plans open courses to children, while they are paid in time."""

    @property
    def with_plans(self) -> list[ContractBook]:
        """The contracts with a plan that is live."""
        return [book for book in self.open_books if any(line.name in COURSES for line in book.live.values())]

    @action(weight=3, when=lambda self: self.open_books)
    def sell_plan(self, data: st.DataObject) -> None:
        book = self._an_open_book(data)
        plan = data.draw(st.sampled_from(list(COURSES)), label="plan")
        self._confirm(data, book, "changes", self._cart(data, book, [plan], []), Planned())

    @action(weight=3, when=lambda self: self.with_plans)
    def change_plan(self, data: st.DataObject) -> None:
        """A plan for the other one, in one change (CON-19)."""
        book = self.pick(data, self.with_plans, "contract")
        line = self.pick(data, [id_ for id_, each in book.live.items() if each.name in COURSES], "plan")
        (other,) = (name for name in COURSES if name != book.lines[line].name)
        cancelled = [line, *(id_ for id_, each in book.live.items() if line in each.shares)]
        body = {**self._cart(data, book, [other], []), "cancel": cancelled}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled)))

    @action(weight=2, when=lambda self: self.with_plans)
    def see_to_access(self, data: st.DataObject) -> None:
        """A round of the worker that withholds and gives back, or of the one that ends accesses; it may die."""
        database = self.suite.services["contracts"].database
        worker = data.draw(st.sampled_from([Withholder, Withholder, Ender]), label="worker")(database)
        if self.work(data, "contracts", lambda: worker.round(ALL_SLOTS)):
            event(f"{type(worker).__name__} moved something")

    def see_to_all_access(self) -> None:
        """Until nothing is to be withheld, given back or ended; then everything is as it must be."""
        self.suite.next_commit_of("contracts")
        database = self.suite.services["contracts"].database
        while self.suite.run(Withholder(database).round(ALL_SLOTS)):
            pass
        while self.suite.run(Ender(database).round(ALL_SLOTS)):
            pass
        self._check()

    def _check(self) -> None:
        """Late contracts withhold, and no others; a course is open to a child while one that does not has a plan."""
        documents = self.suite.services["contracts"].database.documents(CONTRACTS.name)
        schedules = self.suite.services["payments"].database.documents(SCHEDULES.name)
        late_from = self.school.today(service="contracts") - timedelta(days=PROFILE["access_late_days"])
        expected: set[tuple[str, str]] = set()
        for book in self.contracts.values():
            waiting = {each["line"]: each["due"] for each in schedules[book.id]["charges"] if each["paused"]}
            late = any(
                each["due"] <= late_from.isoformat() and each["cheque"] is None
                for each in schedules[book.id]["instalments"]
                if each["line"] is None or waiting.get(each["line"]) != each["due"]
            )
            assert documents[book.id]["withheld"] == late, ("CON-20: withheld", book.id, late, schedules[book.id])
            child = next(each.child for each in self.school.accounts if each.id == book.account)
            for line in book.live.values() if not late else ():
                expected |= {(child, course) for course in COURSES.get(line.name, ())}
        accesses = self.suite.services["contracts"].database.documents(ACCESSES.name).values()
        found = {(each["member"], each["course"]) for each in accesses if each["open"]}
        assert found == expected, ("CON-20: open accesses", found, expected)
