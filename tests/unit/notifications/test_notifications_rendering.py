"""NOT-2: the words of an organisation are written in a process of their own, with bounds of size, time and memory."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from carnet.refusals import Refusal
from notifications.domain.templates import Words
from notifications.letters import seen_by_templates
from notifications.mails.samples import SAMPLE_ACCOUNT
from notifications.mails.words import default_words
from notifications.rendering import Renderer, written_somehow
from notifications.templates.task import Task
from tests.unit.notifications.notification_builders import SCHOOL, sample
from tests.waits import BOUND

ENDLESS = "{% for a in instalments %}{% for b in instalments %}{% if b.held %}x{% endif %}{% endfor %}{% endfor %}done"
WIDE_AND_LONG = "|" * 1_000 + "\n" + "|\n" * 1_000


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    renderer = Renderer()
    yield renderer
    await renderer.close()


def task(body: str = "{{ total }}", *, times: int = 1, subject: str = "s") -> Task:
    """A task about an opening whose instalments are there ``times`` times."""
    content: Any = sample("contract_opened")
    return Task(
        words=Words(subject=subject, body=body),
        kind="contract_opened",
        language="en",
        content=content.model_copy(update={"instalments": content.instalments * times}),
        account=SAMPLE_ACCOUNT,
        organisation=seen_by_templates(SCHOOL),
    )


async def refused(renderer: Renderer, given: Task) -> str:
    with pytest.raises(Refusal) as refusal:
        await renderer.try_out(given)
    assert (refusal.value.slug, refusal.value.rule) == ("template-unwritable", "NOT-2")
    return refusal.value.detail


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (WIDE_AND_LONG, "more than 20 columns in a table"),
        ("|" * 22, "more than 20 columns in a table"),
        ("|" * 21 + "\n" + "|\n" * 1_001, "more than 20,000 cells in its tables"),
        (("|" * 21 + "\n" + "|\n" * 500 + "\n") * 2, "more than 20,000 cells in its tables"),
        ("x\n" * 5_001, "more than 5,000 lines"),
        ("{% for a in instalments %}" + "|" * 30 + "\n{% endfor %}", "more than 20 columns in a table"),
        ("{% for a in instalments %}{% for b in instalments %}\n\n{% endfor %}{% endfor %}", "more than 5,000 lines"),
        (
            "{% for a in instalments %}{% for b in instalments %}" + "x" * 200 + "{% endfor %}{% endfor %}",
            "more than 1,000,000",
        ),
    ],
)
async def test_not_2_output_rows_and_cells_are_bounded(renderer: Renderer, body: str, why: str) -> None:
    assert why in await refused(renderer, task(body, times=30))


async def test_not_2_words_that_take_too_long_are_refused_and_the_next_ones_are_written(renderer: Renderer) -> None:
    assert "more time or memory" in await refused(renderer, task(ENDLESS, times=2_000))
    assert (await renderer.try_out(task(ENDLESS))).text == "done\n"


async def test_not_2_so_are_words_that_take_too_much_memory() -> None:
    renderer = Renderer(memory_bytes=256 * 1024 * 1024)
    large = task("{{ organisation.name }}")
    large.organisation = seen_by_templates(SCHOOL.model_copy(update={"name": "x" * 60_000_000}))
    assert "more time or memory" in await refused(renderer, large)
    assert (await renderer.try_out(task())).text == "€540.00\n"
    await renderer.close()


async def test_not_2_at_sending_the_mail_goes_in_the_default_words(renderer: Renderer) -> None:
    for broken in (
        ENDLESS,
        WIDE_AND_LONG,
        "{{ gone.since }}",
        "{% if %}",
        "{% if contract.mode == 'never' %}x{% endif %}",
    ):
        given = task(times=600 if broken == ENDLESS else 1).model_copy(
            update={"words": default_words("contract_opened", "en")}
        )
        written, wording = await written_somehow(renderer, Words(subject="s", body=broken), given)
        assert wording == "fallback"
        assert written == (await written_somehow(renderer, None, given))[0]
    assert (await written_somehow(renderer, Words(subject="s", body="b"), given))[1] == "own"


async def test_a_process_that_somebody_killed_is_made_anew(renderer: Renderer) -> None:
    assert (await renderer.try_out(task())).text == "€540.00\n"
    process = renderer._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert (await renderer.try_out(task())).text == "€540.00\n"


async def test_an_answer_that_nobody_waits_for_is_not_the_next_one_s(renderer: Renderer) -> None:
    await renderer.try_out(task())
    asking = asyncio.create_task(renderer.try_out(task(ENDLESS, times=300)))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await renderer.try_out(task("mine"))).text == "mine\n"


async def test_many_ask_at_once_and_each_gets_its_own(renderer: Renderer) -> None:
    written = await asyncio.gather(*(renderer.try_out(task(f"number {n}")) for n in range(20)))
    assert [each.text for each in written] == [f"number {n}\n" for n in range(20)]


async def test_the_process_ends_when_nobody_needs_it_and_comes_back() -> None:
    renderer = Renderer(idle_seconds=0.01)
    await renderer.try_out(task())
    process = renderer._process
    assert process is not None
    async with asyncio.timeout(BOUND):
        assert await process.wait() == 0
    assert (await renderer.try_out(task("again"))).text == "again\n"
    await renderer.close()
