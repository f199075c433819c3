"""Steps of collecting: the run, the provider's moods, late webhooks, what the bank does later (PAY-6, PAY-11 to 13)."""

import asyncio
from collections import Counter
from datetime import timedelta

from hypothesis import event
from hypothesis import strategies as st

from carnet.events.catalog import ORGANISATIONS
from carnet.ids import new_id
from carnet.journal import SLOTS
from payments.collection.collector.run import Collector, Limits
from payments.collection.store.orders import ORDERS
from payments.payment_methods.store import PAYMENT_METHODS
from payments.provider.interface import Charge
from tests.agreement.receiving import Receiving
from tests.agreement.stage import action
from tests.memory.bank import MOODS, Bank
from tests.memory.bus import Lane

ALL_SLOTS = frozenset(range(SLOTS))
WORKERS = (ALL_SLOTS, frozenset(range(0, SLOTS, 2)), frozenset(range(1, SLOTS, 2)))
moods = st.lists(st.sampled_from(MOODS), max_size=4)


class Collecting(Receiving):
    """Workers collect, and the provider does as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank()
        self.suite.services["payments"].api.state.providers = {self.bank.name: self.bank}

    @action(weight=2, when=lambda self: self.with_few_methods)
    def add_method(self, data: st.DataObject) -> None:
        account = self.pick(data, self.with_few_methods, "account")
        kind = data.draw(st.sampled_from(("card", "direct_debit")), label="kind")
        default = data.draw(st.booleans(), label="default")
        body = {"provider": self.bank.name, "kind": kind, "token": f"tok_{new_id()[-3:]}", "default": default}
        self.ask(data, "payments", f"/v1/accounts/{account}/payment-methods", body)

    @action(when=lambda self: self.methods)
    def remove_method(self, data: st.DataObject) -> None:
        account, method = self.pick(data, self.methods, "method")
        self.suite.ask("payments", "DELETE", f"/v1/accounts/{account}/payment-methods/{method}")

    @action(when=lambda self: self.with_instalments)
    def collect_by_hand(self, data: st.DataObject) -> None:
        schedule = self.pick(data, self.with_instalments, "schedule")
        instalment = self.an_instalment(data, schedule) if data.draw(st.booleans(), label="named") else None
        self.post(data, schedule, f"instalments/{instalment}/collection" if instalment else "collection")

    @action(weight=8, when=lambda self: self.open_orders or any(each.collect_on for each in self.schedules.values()))
    def collect(self, data: st.DataObject) -> None:
        """One round of a worker, perhaps days later; it may die at its first, second or third commit."""
        days = data.draw(st.sampled_from((0, 0, 0, 7, 31)), label="days later")
        if days:
            self.school.move_clock(days)
            self.suite.relay("catalog")
            lane = Lane(ORGANISATIONS.name, self.suite.organisation)
            self.suite.deliver("payments", {lane: 1000})
        self.bank.moods[:] = data.draw(moods, label="moods")
        slots = WORKERS[data.draw(st.integers(0, 2), label="slots")]
        passing = data.draw(st.integers(0, 2), label="commits before it dies")
        before = len(self.bank.book)
        self.work(data, "payments", lambda: self.round(slots), passing=passing)
        self.bank.moods.clear()
        for deed in list(self.bank.book.values())[before:]:
            event(f"{type(deed.order).__name__} {deed.status}")

    @action()
    def time_passes(self, data: st.DataObject) -> None:
        """Claims run out, unanswered orders are to be looked at again."""
        seconds = data.draw(st.sampled_from((3, 120, 4 * 3_600)), label="seconds")
        self.suite.nature.now += timedelta(seconds=seconds)

    @action(weight=4, when=lambda self: self.pending)
    def bank_decides(self, data: st.DataObject) -> None:
        key = self.pick(data, self.pending, "order")
        self.bank.decide(key, data.draw(st.sampled_from(("succeeded", "failed")), label="how"))

    @action(when=lambda self: self.bank.book)
    def bank_has_second_thoughts(self, data: st.DataObject) -> None:
        """A charge that was refused was made all the same; a refund that was made did not go through after all."""
        last_word = {
            key: "succeeded" if isinstance(deed.order, Charge) else "failed"
            for key, deed in self.bank.book.items()
            if deed.status == ("failed" if isinstance(deed.order, Charge) else "succeeded")
        }
        if last_word:
            key = self.pick(data, last_word, "order")
            self.bank.decide(key, last_word[key])

    @action(when=lambda self: self.bank.done(Charge))
    def bank_takes_back(self, data: st.DataObject) -> None:
        charges = self.bank.done(Charge)
        key = self.pick(data, charges, "charge")
        left = charges[key] - self.bank.book[key].taken_back
        if left:
            self.bank.take_back(key, self.amount_up_to(data, left, beyond=False))

    @action(weight=4, when=lambda self: self.bank.webhooks)
    def webhook(self, data: st.DataObject) -> None:
        """Any of the webhooks there ever were: late, twice, in any order."""
        place = data.draw(st.integers(0, len(self.bank.webhooks) - 1), label="webhook")
        self.ask(data, "payments", f"/v1/providers/{self.bank.name}/webhooks", self.bank.webhooks[place])
        self.bank.delivered.add(place)

    async def round(self, slots: frozenset[int] = ALL_SLOTS) -> int:
        """What a worker that has just started takes up."""
        database = self.suite.services["payments"].database
        worker = Collector(database, {self.bank.name: self.bank}, Limits(calls=4, seconds=10))
        return await worker.round(slots, asyncio.Event())

    def see_to_the_end(self) -> None:
        """The bank decides, all its webhooks come, and workers go on until no order is open."""
        self.suite.next_commit_of("payments")
        for key in self.pending:
            self.bank.decide(key, "succeeded")
        while self.undelivered or self.open_orders:
            for place in self.undelivered:
                path = f"/v1/providers/{self.bank.name}/webhooks"
                assert self.suite.ask("payments", "POST", path, self.bank.webhooks[place]).ok
                self.bank.delivered.add(place)
            self.suite.run(self.round())
            self.suite.nature.now += timedelta(days=1)

    @property
    def undelivered(self) -> list[int]:
        """The webhooks that were never sent."""
        return [place for place in range(len(self.bank.webhooks)) if place not in self.bank.delivered]

    @property
    def pending(self) -> list[str]:
        """The orders at which the bank still is."""
        return [key for key, deed in self.bank.book.items() if deed.status == "pending"]

    @property
    def open_orders(self) -> list[str]:
        """The orders whose outcome Carnet does not know."""
        orders = self.suite.services["payments"].database.documents(ORDERS.name)
        return [id_ for id_, order in orders.items() if order["status"] not in ("succeeded", "failed")]

    @property
    def with_few_methods(self) -> list[str]:
        """The accounts that have at most one payment method."""
        many = Counter(account for account, _ in self.methods)
        return [each.id for each in self.school.accounts if many[each.id] < 2]

    @property
    def methods(self) -> list[tuple[str, str]]:
        """The payment methods, each with its account."""
        kept = self.suite.services["payments"].database.documents(PAYMENT_METHODS.name)
        return [(account, method["id"]) for account, each in kept.items() for method in each["methods"]]
