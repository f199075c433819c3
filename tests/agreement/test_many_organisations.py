"""Work for many organisations in one batch: in every service each is served, and none sees or stops another (ORG-1)."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from carnet.journal import SLOTS
from payments.collection.collector.run import Collector, Limits
from payments.collection.domain.orders import Succeeded
from payments.collection.outcomes import OrderAnswer, save_outcomes
from payments.collection.store.orders import ORDERS
from tests.agreement.school import School
from tests.memory.bank import Bank, Mood
from tests.memory.nature import natural
from tests.memory.suite import Suite

COUNT = 12
MOODS: tuple[Mood, ...] = ("does", "refuses", "does, answer lost", "takes its time")


@dataclass
class Town:
    """Twelve schools on one suite, each with a family that pays its course in instalments by card."""

    suite: Suite
    schools: list[School]
    bank: Bank

    def together(self) -> None:
        """Deliver all that is published, each topic to each service as one batch of all organisations."""
        dice = random.Random(12)
        while True:
            for name in self.suite.services:
                self.suite.relay(name)
            waiting = self.suite.waiting()
            if not waiting:
                return
            for service, topic in waiting:
                lanes = self.suite.bus.unread(service, topic)
                assert self.suite.deliver(service, dict.fromkeys(lanes, 1000), [dice.randrange(12) for _ in range(500)])

    def sell(self) -> None:
        """Sell a course in each school, to be collected from today on."""
        for school in self.schools:
            school.let_in()
            account = school.accounts[0]
            method = {"provider": self.bank.name, "kind": "card", "token": "tok_1", "default": True}
            path = f"/v1/accounts/{account.id}/payment-methods"
            assert self.suite.ask("payments", "POST", path, method).ok
            sale = {"start": "instalments", "count": 3, "first_due": school.today().isoformat()}
            added = [school.bought("course", account), school.bought("credit", account, account)]
            body = {"account": account.id, "mode": "online", "sale": sale, "add": added}
            assert self.suite.ask("contracts", "POST", "/v1/contracts", body).ok

    async def collect(self) -> None:
        """One round of one worker."""
        database = self.suite.services["payments"].database
        worker = Collector(database, {self.bank.name: self.bank}, Limits(calls=COUNT, seconds=10))
        await worker.round(frozenset(range(SLOTS)), asyncio.Event())


@contextmanager
def no_faults() -> Iterator[None]:
    """Nothing is logged as a fault: what goes wrong with a batch is tried again one by one, and would not be seen."""
    with capture_logs() as logged:
        yield
    assert [entry for entry in logged if entry["log_level"] == "error"] == []


@pytest.fixture
def town() -> Iterator[Town]:
    with natural() as nature:
        suite, bank = Suite(nature), Bank()
        suite.services["payments"].api.state.providers = {bank.name: bank}
        made = Town(suite, [], bank)
        for number in range(COUNT):
            school = School(suite, f"{number:08d}-0000-7000-8000-000000000000")
            school.let_in()
            school.open()
            made.schools.append(school)
        yield made


def test_every_organisation_of_a_batch_is_served(town: Town) -> None:
    town.sell()
    town.together()
    town.bank.moods[:] = list(MOODS) * (COUNT // len(MOODS))
    with no_faults():
        town.suite.run(town.collect())
    payments = town.suite.services["payments"].database
    statuses = sorted((order.organisation, order.status) for order in payments.states(ORDERS).values())
    assert [organisation for organisation, _ in statuses] == [school.organisation for school in town.schools]
    # Nothing is put off for a fault of Carnet's own: what the provider has answered is known.
    assert Counter(status for _, status in statuses) == {"succeeded": 3, "failed": 3, "asked": 3, "pending": 3}
    town.together()
    for service in town.suite.services.values():
        assert not service.database.documents("parked"), service.name


def test_one_webhook_for_each_organisation_at_once(town: Town) -> None:
    town.sell()
    town.together()
    town.bank.moods[:] = ["takes its time"] * COUNT
    town.suite.run(town.collect())
    payments = town.suite.services["payments"].database
    orders = payments.documents(ORDERS.name)
    answers = [OrderAnswer(order, Succeeded(f"ref-{order}"), provider=town.bank.name) for order in orders]
    with no_faults():
        assert town.suite.run(save_outcomes(payments, answers)) == []
    assert {order.status for order in payments.states(ORDERS).values()} == {"succeeded"}
