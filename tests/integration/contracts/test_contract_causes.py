"""A second cause, declared by the tests alone: over HTTP, by its answers in any order, and with Kafka."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client import REGISTRY

from carnet import parking
from carnet.batches import Batches
from carnet.envelope import Received, read
from carnet.events import BY_TYPE, Event
from carnet.events.catalog import WorkshopDetails
from carnet.events.contracts import CONTRACTS, CreditRemovalRequested
from carnet.events.credits import CREDITS, CreditRemovalRefused, CreditRemoved
from carnet.http import within_patience
from carnet.ids import new_id
from carnet.reactions import Reactions
from carnet.requests.alarm import Alarm
from carnet.topics import make_topics
from carnet.worker import run_worker
from carnet_suite.servers import Servers
from contracts.app import build_api
from contracts.contracts.reactions import PRODUCT_REACTIONS, SCHEDULE_REACTIONS, add_answers
from contracts.contracts.store import PENDING_CHANGES
from contracts.worker import build_worker
from tests.callers import Signer, client_of
from tests.costumes import BOTH, EVENTS, CostumeKept, CostumesRefused, CostumesRequested
from tests.integration.contracts.conftest import Family, Product, School, a_course, a_credit, settings_for
from tests.records import Given, record
from tests.refused import problem
from tests.waits import BOUND


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    for event in EVENTS:
        monkeypatch.setitem(BY_TYPE, event.type_name(), event)


def answers_of_both() -> Reactions:
    table = Reactions(CREDITS)
    add_answers(table, BOTH)
    return table


ANSWERS = answers_of_both()


def a_workshop() -> Product:
    return Product(WorkshopDetails(), 5000)


@dataclass
class Dressing:
    """A family of a school whose contracts service knows the second cause."""

    family: Family
    workshop: Product
    credit: Product

    @property
    def school(self) -> School:
        return self.family.school

    async def opens(self, *products: Product, key: str | None = None) -> httpx.Response:
        return await self.school.post("/v1/contracts", self.family.buying(*products), key=key)

    async def receives(self, *records: Given) -> None:
        for each in records:
            await Batches("contracts", self.school.database, ANSWERS).apply([each])

    def says(self, body: Event, aggregate: str | None = None) -> Given:
        return record(body, aggregate=aggregate or new_id(), sequence=1, organisation=self.school.organisation)

    def kept(self, contract: str, change: str, line: str) -> Given:
        return self.says(CostumeKept(contract=contract, request=change, line=line))

    def refused(self, contract: str, change: str) -> Given:
        return self.says(CostumesRefused(contract=contract, request=change, size="XS"))

    def used(self, contract: str, change: str, credit: str, on: str) -> Given:
        body = CreditRemovalRefused.model_validate(
            {"request": change, "contract": contract, "credit": credit, "amount": 5000, "left": 1, "currency": "EUR",
             "effective_on": on}
        )  # fmt: skip
        return self.says(body)

    def removed(self, contract: str, change: str, credit: str, on: str) -> Given:
        body = CreditRemoved.model_validate(
            {"request": change, "contract": contract, "credit": credit, "line": credit, "amount": 5000, "left": 0,
             "account": self.family.account, "currency": "EUR", "effective_on": on}
        )  # fmt: skip
        return self.says(body, credit)

    async def names(self, contract: str) -> list[str]:
        return [row["type"].split(".")[2] for row in await self.school.journal(contract)]

    async def shown(self, path: str) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.school.get(path)).json()
        return shown


@pytest.fixture
async def dressing(servers: Servers, namespace: str, signer: Signer) -> AsyncIterator[Dressing]:
    app = build_api(settings_for(servers, namespace, signer), BOTH)
    async with client_of(app) as client:
        school = School(app, client, signer)
        await school.is_described()
        workshop, credit = a_workshop(), a_credit()
        await school.sells(workshop, credit)
        yield Dressing(await school.family(), workshop, credit)


async def test_an_opening_that_waits_is_shown_with_its_status_and_opens(dressing: Dressing) -> None:
    key = new_id()
    answer = await dressing.opens(dressing.workshop, dressing.workshop, key=key)
    assert answer.status_code == 202, answer.text
    waiting = answer.json()
    contract, change, lines = waiting["contract"], waiting["change"], waiting["awaited"]
    place = f"/v1/contracts/{contract}/changes/{change}"
    assert answer.headers["location"] == place
    expected = [{"cause": "costumes", "asked_of": "wardrobe", "status": "waiting", "awaited": lines}]
    assert (waiting["status"], waiting["requests"], len(lines)) == ("pending", expected, 2)
    shown = await dressing.shown(f"/v1/contracts/{contract}")
    assert (shown["opening"], shown["lines"], shown["total"]["amount"]) == ("pending", [], 0)
    assert (shown["pending"]["total"]["amount"], shown["pending"]["requests"]) == (10000, expected)
    body = {"add": [dressing.workshop.bought_for(dressing.family.child)], "schedule_version": 0}
    problem(
        await dressing.school.post(f"/v1/contracts/{contract}/changes", body, version=shown["version"]),
        409, "change-pending",
    )  # fmt: skip

    kept = [dressing.kept(contract, change, line) for line in lines]
    await dressing.receives(kept[1], kept[1])
    assert (await dressing.shown(place))["awaited"] == [lines[0]]
    await dressing.receives(kept[0], *kept)
    made = await dressing.shown(place)
    opened = await dressing.shown(f"/v1/contracts/{contract}")
    assert (made["status"], made["version"], made["requests"]) == ("made", opened["version"], [])
    assert (opened["opening"], opened["total"]["amount"]) == (None, 10000)
    assert [line["id"] for line in opened["lines"]] == lines
    assert await dressing.names(contract) == ["CostumesRequested", "ContractOpened", "ProductAdded", "ProductAdded"]
    rows = await dressing.school.journal(contract)
    assert {row["actor"] for row in rows} == {"user:staff-1"}
    again = await dressing.opens(dressing.workshop, dressing.workshop, key=key)
    assert (again.status_code, again.json()["id"]) == (201, contract)
    assert again.headers["location"] == f"/v1/contracts/{contract}"
    assert await parking.listing(dressing.school.database) == []


async def test_an_opening_that_is_refused_is_in_no_list_and_says_what_the_service_answered(dressing: Dressing) -> None:
    key = new_id()
    waiting = (await dressing.opens(dressing.workshop, key=key)).json()
    contract, change = waiting["contract"], waiting["change"]
    await dressing.receives(dressing.refused(contract, change))
    found = problem(await dressing.opens(dressing.workshop, key=key), 409, "no-costume")
    assert (found["rule"], found["params"]["size"]) == ("CAT-7", "XS")
    shown = await dressing.shown(f"/v1/contracts/{contract}/changes/{change}")
    assert (shown["status"], shown["refused"], shown["refusals"][0]["problem"]) == ("refused", None, "no-costume")
    listed = await dressing.shown(f"/v1/accounts/{dressing.family.account}/contracts")
    assert listed["items"] == []
    assert (await dressing.shown(f"/v1/contracts/{contract}"))["opening"] == "refused"
    assert await dressing.names(contract) == ["CostumesRequested", "ConfirmationRefused"]
    body = {"add": [dressing.workshop.bought_for(dressing.family.child)], "schedule_version": 0}
    answer = await dressing.school.post(f"/v1/contracts/{contract}/changes", body, version=2)
    problem(answer, 409, "contract-not-opened")


async def changing(dressing: Dressing) -> tuple[str, str, str, list[str]]:
    """A contract, its change that waits, the credit that this cancels, and the workshops that it adds."""
    opened = (await dressing.opens(dressing.credit)).json()
    contract, credit = opened["id"], opened["lines"][0]["id"]
    workshop = dressing.workshop.bought_for(dressing.family.child)
    body = {"cancel": [credit], "add": [workshop, workshop], "schedule_version": 0}
    answer = await dressing.school.post(f"/v1/contracts/{contract}/changes", body, version=opened["version"])
    assert answer.status_code == 202, answer.text
    waiting = answer.json()
    return contract, waiting["change"], credit, waiting["requests"][1]["awaited"]


@pytest.mark.parametrize("order", list(permutations(range(2))))
async def test_cre_5_what_was_granted_is_given_back_when_credits_refuses(
    dressing: Dressing, order: tuple[int, ...]
) -> None:
    contract, change, credit, lines = await changing(dressing)
    on = (await dressing.shown(f"/v1/contracts/{contract}"))["pending"]["effective_on"]
    # Credits is not asked yet: an answer of it would be nobody's.
    assert await dressing.names(contract) == ["ContractOpened", "ProductAdded", "CostumesRequested"]
    kept = [dressing.kept(contract, change, line) for line in lines]
    for index in order:
        await dressing.receives(kept[index], kept[index])
    assert (await dressing.names(contract))[3:] == ["CreditRemovalRequested"]
    refused = dressing.used(contract, change, credit, on)
    await dressing.receives(refused, *kept, refused)
    assert (await dressing.names(contract))[4:] == ["CostumesReturned", "ChangeRefused", "ConfirmationRefused"]
    shown = await dressing.shown(f"/v1/contracts/{contract}")
    assert (shown["pending"], [line["state"] for line in shown["lines"]]) == (None, ["live"])
    assert [each["problem"] for each in shown["not_made"]["refusals"]] == ["credit-used"]
    assert shown["refused_change"]["credit"] == credit
    back = (await dressing.school.journal(contract))[4]
    assert (back["data"]["lines"], back["change"]) == (lines, change)
    assert await parking.listing(dressing.school.database) == []


async def test_cre_4_a_change_is_made_once_both_services_have_granted(dressing: Dressing) -> None:
    contract, change, credit, lines = await changing(dressing)
    on = (await dressing.shown(f"/v1/contracts/{contract}"))["pending"]["effective_on"]
    await dressing.receives(*(dressing.kept(contract, change, line) for line in lines))
    await dressing.receives(dressing.removed(contract, change, credit, on))
    shown = await dressing.shown(f"/v1/contracts/{contract}")
    assert [line["state"] for line in shown["lines"]] == ["cancelled", "live", "live"]
    assert (
        (await dressing.school.journal(contract))[-1]["data"]["version"] == shown["version"] == shown["whole_version"]
    )


async def test_the_alarm_shows_what_is_asked_of_whom(dressing: Dressing) -> None:
    contract, change, _, lines = await changing(dressing)
    alarm = Alarm("dressed", dressing.school.database, (PENDING_CHANGES,))

    def waiting(cause: str, asked_of: str) -> float | None:
        labels = {"service": "dressed", "cause": cause, "asked_of": asked_of}
        return REGISTRY.get_sample_value("carnet_requests_waiting", labels)

    await alarm.look()
    assert (waiting("costumes", "wardrobe"), waiting("credit-removal", "credits")) == (1, None)
    await dressing.receives(*(dressing.kept(contract, change, line) for line in lines))
    await alarm.look()
    assert (waiting("costumes", "wardrobe"), waiting("credit-removal", "credits")) == (0, 1)


class Wardrobe:
    """The service that is asked, over Kafka: it reads what contracts publishes, and answers everything twice."""

    def __init__(self, servers: Servers, namespace: str, *, refuses: bool) -> None:
        self._servers, self._namespace, self._refuses = servers, namespace, refuses
        self.asked: list[str] = []

    async def run(self) -> None:
        consumer = AIOKafkaConsumer(
            self._namespace + CONTRACTS.name,
            bootstrap_servers=self._servers.kafka_bootstrap,
            auto_offset_reset="earliest",
        )
        async with AIOKafkaProducer(bootstrap_servers=self._servers.kafka_bootstrap) as producer, consumer:
            async for message in consumer:
                event = read(message, CONTRACTS)
                if isinstance(event, Received):
                    for answer in self._answers(event):
                        for _ in range(2):
                            await producer.send_and_wait(
                                self._namespace + answer.topic,
                                answer.value,
                                key=answer.key,
                                headers=list(answer.headers),
                            )

    def _answers(self, event: Received[Event]) -> list[Given]:
        body = event.body
        self.asked.append(type(body).__name__)
        bodies: list[tuple[str, Event]] = []
        if isinstance(body, CostumesRequested):
            fields = {"contract": body.contract, "request": body.request}
            bodies = [(line, CostumeKept(line=line, **fields)) for line in body.lines]
        elif isinstance(body, CreditRemovalRequested):
            fields = {"contract": body.contract, "currency": "EUR", "effective_on": body.effective_on}
            common = {**fields, "request": body.request, "credit": body.lines[0], "amount": 5000}
            if self._refuses:
                bodies = [(body.request, CreditRemovalRefused.model_validate({**common, "left": 1}))]
            else:
                gone = {**common, "left": 0, "account": body.account, "line": body.lines[0]}
                bodies = [(body.lines[0], CreditRemoved.model_validate(gone))]
        organisation = event.organisation
        return [record(each, aggregate=id_, sequence=1, organisation=organisation) for id_, each in bodies]


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_change_that_asks_two_services_ends_over_kafka_though_the_worker_was_down(
    dressing: Dressing, servers: Servers, namespace: str, signer: Signer, refuses: bool
) -> None:
    contract, change, _, _ = await changing(dressing)  # nobody publishes it yet
    await make_topics(servers.kafka_bootstrap, namespace)
    worker = replace(
        build_worker(settings_for(servers, namespace, signer).model_copy(update={"metrics_port": 0})),
        reactions=(PRODUCT_REACTIONS, SCHEDULE_REACTIONS, ANSWERS),
    )
    wardrobe, stopping = Wardrobe(servers, namespace, refuses=refuses), asyncio.Event()
    asked = asyncio.create_task(wardrobe.run())
    running = asyncio.create_task(run_worker(worker, stopping))
    place = f"/v1/contracts/{contract}/changes/{change}"

    async def ended() -> bool | None:
        return (await dressing.shown(place))["status"] != "pending" or None

    async def published() -> bool | None:
        return "ConfirmationRefused" in wardrobe.asked or None

    try:
        assert await within_patience(ended, BOUND), "nobody answers"
        assert not refuses or await within_patience(published, BOUND), "what was granted is not given back"
    finally:
        stopping.set()
        code = await running
        asked.cancel()
    assert code == 0
    assert (await dressing.shown(place))["status"] == ("refused" if refuses else "made")
    assert await parking.listing(dressing.school.database) == []
    if refuses:
        assert wardrobe.asked.count("CostumesReturned") == 1


async def test_a_course_asks_nobody(dressing: Dressing) -> None:
    course = a_course()
    await dressing.school.sells(course)
    assert (await dressing.opens(course)).status_code == 201
