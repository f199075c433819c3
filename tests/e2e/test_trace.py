"""A request through the front is followed to the mail by its id, with `carnet trace`."""

import asyncio
import os
import sys

import httpx

from carnet.ids import new_id
from carnet_play.story.desk import Desk
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from tests.builders import IN_THREE, school_on
from tests.waits import BOUND


async def traced(running: Suite, id_: str) -> str:
    """What `carnet trace` shows; it reads where the suite says that it runs."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CARNET_", "COLUMNS"))}
    environment = {**clean, "CARNET_HOME": str(running.folder)}
    command = (sys.executable, "-m", "carnet_operations", "trace", id_)
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=-1)
    said, _ = await process.communicate()
    return said.decode()


async def test_a_request_is_followed_by_its_id_from_the_front_to_the_mail(running: Suite) -> None:
    request, shown = f"e2e:{new_id()}", [""]
    async with (
        school_on(running) as school,
        httpx.AsyncClient(base_url=running.front, headers={"X-Request-Id": request}, timeout=BOUND) as client,
    ):
        family = await school.family()
        desk = Desk(client, running.token(school.organisation))
        opened = await desk.open(family.id, IN_THREE, [school.bought("course", family)])

    async def mailed() -> bool:
        shown[0] = await traced(running, request)
        return ": sent" in shown[0] and " status=sent" in shown[0]

    await eventually(mailed, "the mail about the contract is sent")
    steps = [line.split(maxsplit=2)[1:] for line in shown[0].splitlines() if line.startswith("20")]
    for where, what in (
        ("front", "log info: "),
        ("contracts-api", "log info: request"),
        ("contracts", f"ContractOpened {opened.body['id']} #"),
        ("payments", f"ScheduleCreated {opened.body['id']} #"),
        ("notifications", "EmailSent "),
        ("notifications", "mail contract_opened "),
        ("notifications-worker", "log info: mail"),
    ):
        assert any(at.startswith(where) and said.startswith(what) for at, said in steps), (where, what, shown[0])
    assert "Martin" not in shown[0]
    (change,) = [line.split()[1] for line in shown[0].splitlines() if line.startswith("change ")]
    assert f"request {request}" in await traced(running, change)
