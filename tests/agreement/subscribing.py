"""Steps of subscriptions: sold, billed by the worker, paused, lifted, repriced, cancelled (CON-17, CON-18, CON-21)."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from carnet.events.catalog import ORGANISATIONS
from carnet.journal import SLOTS
from contracts.contracts.store import CONTRACTS
from contracts.subscriptions.billing import Biller
from payments.schedules.store import SCHEDULES
from tests.agreement.oracle import ContractBook, LineBook
from tests.agreement.periods import NEVER, Subscribed, on_day
from tests.agreement.school import FEE, STUDIO, money
from tests.agreement.selling import Selling
from tests.agreement.stage import action
from tests.memory.asking import Answer
from tests.memory.bus import Lane

MOST_SUBSCRIPTIONS = 2
ALL_SLOTS = frozenset(range(SLOTS))


class Subscribing(Selling):
    """Subscriptions are sold, and the worker bills them."""

    @property
    def subscriptions(self) -> list[ContractBook]:
        """The contracts of subscriptions that are not cancelled as a whole."""
        return [book for book in self.contracts.values() if book.apart is not None and not book.cancelled]

    @action(weight=3, when=lambda self: len(self.subscriptions) < MOST_SUBSCRIPTIONS)
    def subscribe(self, data: st.DataObject) -> None:
        account = self.school.accounts[data.draw(st.integers(0, 1), label="account")]
        mode = data.draw(st.sampled_from(["online", "online", "on_site"]), label="mode")
        first = self.school.today(data.draw(st.integers(0, 40), label="first day in"), "contracts")
        addition = {**self.school.bought(STUDIO, account), "first_day": first.isoformat()}
        sale = {"start": "on_site" if mode == "on_site" else data.draw(st.sampled_from(["at_once", "later"]))}
        body = {"account": account.id, "mode": mode, "sale": sale, "add": [addition]}
        answer = self.ask(data, "contracts", "/v1/contracts", body)
        if answer.ok:
            book = ContractBook(answer.body["id"], account.id, mode, apart=Subscribed.since(first))
            self.contracts[book.id] = book
            self._moved(book, answer.version)

    @action(weight=6, when=lambda self: self.subscriptions)
    def bill(self, data: st.DataObject) -> None:
        """A round of the worker, perhaps a month later; it may die."""
        days = data.draw(st.sampled_from((0, 0, 10, 31)), label="days later")
        if days:
            self.school.move_clock(days)
            self.suite.relay("catalog")
            self.suite.deliver("contracts", {Lane(ORGANISATIONS.name, self.suite.organisation): 1000})
        self.work(data, "contracts", self._round)
        self.follow_bills()

    async def _round(self) -> int:
        return await Biller(self.suite.services["contracts"].database).round(ALL_SLOTS, asyncio.Event())

    def follow_bills(self) -> None:
        """Write into the books what the worker has billed: one period at a time, and only what was due."""
        today = self.school.today(service="contracts")
        for book in self.subscriptions:
            kept = self._kept(book)["subscription"]["added"]
            if kept != book.apart.billed:
                assert kept == book.apart.billed + 1, ("CON-21: more than one period at once", book.id, kept)
                assert book.apart.is_due(today), ("CON-21: billed before its day", book.id, book.apart, today)
                book.apart.billed = kept
                self._moved(book, self.version(book.id))
                event("a period billed")

    @action(weight=2, when=lambda self: self.subscriptions)
    def pause(self, data: st.DataObject) -> None:
        book = self._one(data)
        on = self._a_day(data, book)
        months = data.draw(st.sampled_from([None, 1, 1, 2, 3]), label="months")
        today = self.school.today(service="contracts")
        if (answer := self._do(data, book, "pause", {"on": on.isoformat(), "months": months})).ok:
            book.apart.pauses(on, months, today)
            self._moved(book, answer.version)

    @property
    def on_pause(self) -> list[ContractBook]:
        """The subscriptions with a pause that nobody has lifted yet."""
        return [book for book in self.subscriptions if book.apart.pause and not book.apart.pause.lifted]

    @action(weight=5, when=lambda self: self.on_pause)
    def lift(self, data: st.DataObject) -> None:
        """From a month after its first day, on or around the day on which the next period would have begun."""
        book = self.pick(data, self.on_pause, "contract")
        pause, today = book.apart.pause, self.school.today(service="contracts")
        earliest = max(today, on_day(pause.on, 1, pause.on.day), pause.before[pause.number - 1][0])
        days = data.draw(st.sampled_from([None, -1, 0, 1, 1, 20]), label="lifted, after the earliest day")
        on = None if days is None else max(today, earliest + timedelta(days=days))
        if (answer := self._do(data, book, "pause/lifting", {"on": on and on.isoformat()})).ok:
            book.apart.lifts(on, today)
            self._moved(book, answer.version)

    @action(when=lambda self: self.subscriptions)
    def reprice(self, data: st.DataObject) -> None:
        book = self._one(data)
        on, price = self._a_day(data, book), data.draw(st.integers(0, 9_000), label="price")
        if (answer := self._do(data, book, "price", {"on": on.isoformat(), "price": money(price)})).ok:
            number = book.apart.begins_from(on)
            book.apart.prices[number - 1 :] = [price] * len(book.apart.prices[number - 1 :])
            self._moved(book, answer.version)

    @action(when=lambda self: self.subscriptions)
    def unsubscribe(self, data: st.DataObject) -> None:
        """Cancelled at a date, the period under way by its days or whole; or the whole contract (CON-17, CON-22)."""
        book = self._one(data)
        if data.draw(st.integers(0, 4), label="the whole contract") == 4:
            if (answer := self._do(data, book, "", {})).ok:
                book.cancelled = True
                self._moved(book, answer.version)
            return
        on, by_days = self._a_day(data, book), data.draw(st.booleans(), label="by days")
        fee = data.draw(st.sampled_from([None, 0, 1_234]), label="fee")
        body = {"on": on.isoformat(), "by_days": by_days, "fee": None if fee is None else money(fee)}
        if (answer := self._do(data, book, "cancellation", body)).ok:
            book.apart.cancelled_on, book.apart.by_days = on, by_days
            self._moved(book, answer.version, fee=FEE if fee is None else fee)

    def bill_all(self) -> None:
        """Bill until nothing is due: then nothing is."""
        self.suite.next_commit_of("contracts")
        while self.suite.run(self._round()):
            self.follow_bills()
        today = self.school.today(service="contracts")
        late = [book.id for book in self.subscriptions if book.apart.is_due(today)]
        assert not late, ("CON-21: due and not billed", late)

    def check_charges(self) -> None:
        """What is planned of a subscription is of its live periods, on their days, and of each at most its price."""
        schedules = self.suite.services["payments"].database.documents(SCHEDULES.name)
        for book in self.contracts.values():
            if book.apart is None:
                continue
            schedule, lines = schedules[book.id], self._lines(book)
            charges = {each["line"]: (each["amount"], each["paused"] or each["due"]) for each in schedule["charges"]}
            expected = {
                line["purchase"]["line"]: (price, True if first == NEVER else first.isoformat())
                for line, first, _, price in lines
                if line["state"] == "live" and price
            }
            assert charges == expected, ("PAY-15: the charges", book.id, charges, expected)
            if book.id in self.listener.arranged:
                continue  # staff moved some (PAY-5)
            for each in schedule["instalments"]:
                if each["line"] is not None:
                    charge = next(it for it in schedule["charges"] if it["line"] == each["line"])
                    late = each["due"] > charge["due"]  # what a paid period costs more is due at once
                    assert each["due"] == charge["due"] or late, ("PAY-15: on its day", each, charge)
                    assert each["amount"] <= charge["amount"], ("PAY-15: above its period", each, charge)

    def _a_day(self, data: st.DataObject, book: ContractBook) -> Any:
        """A day around those that matter: today, and where periods begin."""
        today = self.school.today(service="contracts")
        begins = [first for first, _ in book.apart.days[: book.apart.billed + 2] if first != NEVER]
        day = data.draw(st.sampled_from([today, *begins]), label="day")
        return max(day + timedelta(days=data.draw(st.integers(-1, 20), label="and")), today)

    def _one(self, data: st.DataObject) -> ContractBook:
        book: ContractBook = self.pick(data, self.subscriptions, "contract")
        return book

    def _do(self, data: st.DataObject, book: ContractBook, what: str, body: Mapping[str, Any]) -> Answer:
        schedule = self.schedule(book.id)
        path = f"/v1/contracts/{book.id}/" + (f"subscription/{what}" if what else "cancellation")
        body = {**body, "schedule_version": schedule.version if schedule else 0}
        return self.ask(data, "contracts", path, body, version=self.version(book.id))

    def _kept(self, book: ContractBook) -> Mapping[str, Any]:
        documents = self.suite.services["contracts"].database.documents(CONTRACTS.name)
        kept: Mapping[str, Any] = documents[book.id]
        return kept

    def _lines(self, book: ContractBook) -> Iterator[tuple[Mapping[str, Any], Any, Any, int]]:
        """The periods that are kept, by number, each with the days and the price that it must have."""
        periods = [line for line in self._kept(book)["lines"] if line["purchase"]["period"] is not None]
        numbers = [line["purchase"]["period"] for line in periods]
        assert numbers == list(range(1, book.apart.billed + 1)), ("CON-21: each period once", book.id, numbers)
        for number, line in enumerate(periods, start=1):
            yield (line, *book.apart.line(number))

    def _moved(self, book: ContractBook, version: int, fee: int = 0) -> None:
        """Write into the book what its subscription comes to now, and compare the days that are kept with it."""
        for number, (line, first, last, price) in enumerate(self._lines(book), start=1):
            purchase, live = line["purchase"], not (book.cancelled or book.apart.is_cancelled(number))
            book.lines[purchase["line"]] = LineBook(STUDIO, price, live=live)
            if live and first != NEVER:
                found = (purchase["first_day"], purchase["last_day"])
                assert found == (first.isoformat(), last.isoformat()), ("CON-18, CON-21", book.id, number, found, first)
        for line in self._kept(book)["lines"]:
            purchase = line["purchase"]
            if purchase["period"] is None and purchase["line"] not in book.lines:
                book.lines[purchase["line"]] = LineBook("fee", fee)
        if book.cancelled:
            for line_book in book.lines.values():
                line_book.live = False
        book.changes += 1
        book.totals[version], book.cards[version] = (book.total, len(book.live)), 0
