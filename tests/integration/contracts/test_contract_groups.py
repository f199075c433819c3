"""Confirmations that share transactions, from many clients at once, while their process is killed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from carnet.http import calls
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_operations.keys import key_files
from carnet_operations.tokens import make_token
from carnet_suite.servers import Servers
from tests.integration.contracts.conftest import Product, School, a_course
from tests.waits import BOUND
from tests.workers import Worker, start_api

CLIENTS, CONTRACTS = 200, 20
KILLS = 3


@dataclass
class Desk:
    """An API process that is killed and started again, and callers that try until they are answered."""

    servers: Servers
    namespace: str
    folder: Path
    token: str
    api: Worker = field(init=False)
    answered: int = 0

    async def start(self) -> None:
        self.api = await asyncio.to_thread(
            start_api, self.servers, self.namespace, self.folder, "contracts", env={"CARNET_LOG_LEVEL": "warning"}
        )
        await self.api.ready()

    async def post(self, client: httpx.AsyncClient, path: str, body: Any, version: int) -> int:
        """The status of a confirmation, sent again under the same key until it is answered."""
        sent = {"Authorization": f"Bearer {self.token}", "If-Match": f'"{version}"', "Idempotency-Key": new_id()}
        while True:
            try:
                # A double click: both are the same request, so both have the same answer, or one came too early.
                both = [client.post(self.api.address + path, json=body, headers=sent) for _ in range(2)]
                answers = [answer.status_code for answer in await asyncio.gather(*both)]
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if 200 in answers:
                assert set(answers) <= {200, 503}
                return 200
            if set(answers) == {412}:
                return 412
            assert 503 in answers, answers


@asynccontextmanager
async def desk_of(servers: Servers, school: School, folder: Path) -> AsyncIterator[Desk]:
    namespace = school.database.name.removesuffix("carnet_contracts")
    keys = key_files(folder / "keys")
    desk = Desk(servers, namespace, folder, make_token(keys.private, organisation=school.organisation))
    await desk.start()
    try:
        yield desk
    finally:
        await desk.api.kill()


async def test_two_hundred_clients_on_twenty_contracts_while_the_api_is_killed(
    servers: Servers, school: School, tmp_path: Path
) -> None:
    course = a_course()
    await school.sells(course)
    family = await school.family()
    opened = [await family.opens(course) for _ in range(CONTRACTS)]
    added = course.bought_for(family.child)
    versions = {contract["id"]: contract["version"] for contract in opened}
    async with desk_of(servers, school, tmp_path) as desk:

        async def buys(number: int) -> None:
            contract = opened[number % CONTRACTS]["id"]
            path, body = f"/v1/contracts/{contract}/changes", {"add": [added], "schedule_version": 0}
            while await desk.post(client, path, body, versions[contract]) == 412:
                found = await school.database["contracts"].find_one({"_id": contract})
                assert found is not None
                versions[contract] = max(versions[contract], found["version"])
            desk.answered += 1

        async def breaks() -> None:
            for kill in range(1, KILLS + 1):
                while desk.answered < kill * CLIENTS // (KILLS + 1):  # noqa: ASYNC110 # the clients get on by themselves
                    await asyncio.sleep(0.01)
                await desk.api.kill()
                await desk.start()

        limits = httpx.Limits(max_connections=2 * CLIENTS)
        async with httpx.AsyncClient(timeout=BOUND, limits=limits) as client:
            await asyncio.gather(breaks(), *map(buys, range(CLIENTS)))
    for contract in opened:
        found = await school.database["contracts"].find_one({"_id": contract["id"]})
        rows = await school.journal(contract["id"])
        assert found is not None
        assert len(found["lines"]) == 1 + CLIENTS // CONTRACTS
        assert [row["sequence"] for row in rows] == list(range(1, found["version"] + 1))
        assert found["version"] == contract["version"] + 2 * CLIENTS // CONTRACTS


async def test_confirmations_of_several_organisations_share_a_transaction(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    schools = [school] + [School(school.app, school.client, school.signer) for _ in range(3)]
    ready: list[tuple[School, Product, dict[str, Any], str]] = []
    for each in schools:
        if each is not school:
            await each.is_described()
        course = a_course()
        await each.sells(course)
        family = await each.family()
        ready.append((each, course, await family.opens(course), family.child))
    committed = 0
    transact = calls.Groups._commit

    async def counted(self: calls.Groups, group: list[Any]) -> None:
        nonlocal committed
        committed += 1
        await transact(self, group)

    monkeypatch.setattr(calls.Groups, "_commit", counted)
    answers = await asyncio.gather(
        *(
            each.post(
                f"/v1/contracts/{contract['id']}/changes",
                {"add": [course.bought_for(child)], "schedule_version": 0},
                version=2,
            )
            for each, course, contract, child in ready * 2
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [412] * 4
    assert committed < len(answers)
    for each, _, contract, _ in ready:
        shown = await each.get(f"/v1/contracts/{contract['id']}")
        assert len(shown.json()["lines"]) == 2


async def test_a_confirmation_reads_everything_at_once(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    course = a_course()
    await school.sells(course)
    family = await school.family()
    contract = await family.opens(course)
    reads = list[list[str]]()
    read_together = Database.read_together

    async def counted(database: Database, ids: Mapping[str, Any], *others: Any) -> Mapping[str, Any]:
        reads.append(sorted(ids))
        return await read_together(database, ids, *others)

    monkeypatch.setattr(Database, "read_together", counted)
    bought = {"add": [course.bought_for(family.child)], "schedule_version": 0}
    answer = await school.post(f"/v1/contracts/{contract['id']}/changes", bought, version=2)
    assert answer.status_code == 200
    assert reads == [["contracts", "organisations", "products", "schedules"]]


async def test_openings_at_once_have_numbers_of_their_own(school: School) -> None:
    course = a_course()
    await school.sells(course)
    family = await school.family()
    opened = await asyncio.gather(*(family.opens(course) for _ in range(12)))
    assert len({contract["number"] for contract in opened}) == 12
