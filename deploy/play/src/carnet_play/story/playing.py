"""Plays the chapters one after another on a running suite, and ends with the proof."""

import asyncio
import time
from collections.abc import Sequence

import httpx
from rich.console import Console

from carnet.ids import new_id
from carnet_play.story.bank import Bank
from carnet_play.story.book import Book
from carnet_play.story.chapters import CHAPTERS, Chapter
from carnet_play.story.desk import Desk, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.letterbox import Letterbox
from carnet_play.story.stage import DOMAINS, Stage
from carnet_play.story.wire import Wire
from carnet_suite.supervisor import Suite


def play(
    suite: Suite,
    console: Console,
    chapters: Sequence[tuple[str, Chapter]] = CHAPTERS,
    *,
    organisation: str | None = None,
) -> int:
    """Play the story on ``suite``, with an organisation that has nothing yet; 0 if all came as the story says, else 1.

    ``organisation`` is one of its own where none is given.
    """
    started = time.monotonic()
    try:
        checked = asyncio.run(_play(suite, console, chapters, organisation or new_id()))
    except StoryError as error:
        console.print(f"\n[bold red]The story stops here.[/] {error}", highlight=False)
        return 1
    except RefusedError as error:
        console.print(f"\n[bold red]The story stops here: a request was refused.[/] {error}", highlight=False)
        return 1
    except httpx.HTTPError as error:
        console.print(f"\n[bold red]The story stops here: {suite.front} does not answer.[/] {error!r}", highlight=False)
        return 1
    console.print(
        f"[bold green]The end[/], after {time.monotonic() - started:.0f} s: {checked} amounts and facts checked.",
        highlight=False,
    )
    return 0


async def _play(suite: Suite, console: Console, chapters: Sequence[tuple[str, Chapter]], organisation: str) -> int:
    async with (
        httpx.AsyncClient(base_url=suite.front, timeout=20) as client,
        httpx.AsyncClient(base_url=suite.sandbox, timeout=20) as sandbox,
        Wire(suite.servers.kafka_bootstrap, suite.namespace, organisation, console) as wire,
        Letterbox(suite.inbox, DOMAINS, console) as letterbox,
    ):
        desk = Desk(client, suite.token(organisation))
        stage = Stage(suite, console, desk, wire, letterbox, Book(sandbox, organisation), Bank(sandbox), organisation)
        for number, (title, chapter) in enumerate(chapters, start=1):
            stage.heading(f"{number}. {title}")
            await chapter(stage)
            await stage.mails_published()
        return stage.amounts_checked
