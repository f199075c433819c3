"""The story that `make demo` plays, on a suite of its own."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from carnet_local.servers import Servers
from carnet_local.story import play
from carnet_local.story.chapters import CHAPTERS
from carnet_local.story.showing import gist
from carnet_local.story.stage import Stage
from carnet_local.suite import suite


@pytest.mark.timeout(180)
async def test_the_story_is_played_to_its_end_and_proven(servers: Servers, namespace: str, tmp_path: Path) -> None:
    told = io.StringIO()

    def run() -> int:
        with suite(tmp_path, servers=servers, namespace=namespace) as running:
            return play(running, Console(file=told, width=160))

    code = await asyncio.to_thread(run)
    said = told.getvalue()
    assert code == 0, said[-3_000:]
    for number, (title, _) in enumerate(CHAPTERS, start=1):
        assert f"{number}. {title}" in said
    for telling in (
        "refused 409 line-bears-discount (CON-6)",
        "refused 412 version-moved (CON-3)",
        "RefundLineCreated",
        "30.00 €",
        "to aide@pas-de-deux.example",
        "kill -9",
        "Verified in",
    ):
        assert telling in said


@pytest.mark.timeout(120)
async def test_the_story_stops_where_an_amount_is_not_what_it_tells(
    servers: Servers, namespace: str, tmp_path: Path
) -> None:
    async def another_total(stage: Stage) -> None:
        martins = stage.families["Martin"]
        found = (await stage.desk.contract(martins.contract)).body["total"]["amount"]
        stage.amount("The total of the Martins", expected=54_001, found=found)

    chapters = (*CHAPTERS[:2], ("A slip", another_total), CHAPTERS[2])
    told = io.StringIO()

    def run() -> int:
        with suite(tmp_path, servers=servers, namespace=namespace) as running:
            return play(running, Console(file=told, width=160), chapters)

    assert await asyncio.to_thread(run) == 1
    assert "The total of the Martins was to be 540.01 € and is 540.00 €." in told.getvalue()
    assert "A workshop is added" not in told.getvalue()


def test_an_event_of_an_account_is_told_without_anything_personal() -> None:
    assert gist("AccountChanged", {"account": "x", "personal": {"members": [{"first_name": "Inès"}]}}) == ""
