"""What is asked of a provider is bounded, and a provider that is down is let alone (PAY-11)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from payments.provider.bounds import FEWEST, LONGEST_PAUSE, LOOKED_AT, PAUSE, Bounds
from payments.provider.interface import UnansweredError
from tests.waits import BOUND

Asked = Callable[[], Awaitable[None]]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bounds(clock: Clock) -> Bounds:
    return Bounds("played", calls=4, seconds=BOUND, clock=clock)


@pytest.fixture
def hasty(clock: Clock) -> Bounds:
    """The same for calls that are not to be answered in time."""
    return Bounds("played", calls=4, seconds=0.2, clock=clock)


async def answers() -> None:
    await asyncio.sleep(0)


async def breaks() -> None:
    raise UnansweredError("no answer")


async def hangs() -> None:
    await asyncio.Event().wait()


async def ask(bounds: Bounds, asked: Asked) -> bool:
    """Whether it was answered."""
    try:
        async with bounds.call():
            await asked()
    except UnansweredError:
        return False
    return True


async def open_up(bounds: Bounds) -> None:
    for _ in range(FEWEST):
        await ask(bounds, breaks)
    assert not bounds.accepts


async def test_no_more_calls_are_in_flight_than_allowed(bounds: Bounds) -> None:
    running = most = 0

    async def counts() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    assert all(await asyncio.gather(*(ask(bounds, counts) for _ in range(20))))
    assert most == 4


async def test_a_call_ends_within_its_time_and_may_have_been_done(hasty: Bounds) -> None:
    with pytest.raises(UnansweredError, match=r"played did not answer within 0\.2 s") as raised:
        async with hasty.call():
            await hangs()
    assert not raised.value.refuses_all


async def test_a_call_that_never_had_its_turn_has_surely_done_nothing(hasty: Bounds) -> None:
    let_go = asyncio.Event()

    async def holds() -> None:
        try:
            await hangs()
        except asyncio.CancelledError:
            await let_go.wait()  # its room is taken for longer than the last call may wait
            raise

    async def refuses_all(asked: Asked) -> bool:
        with pytest.raises(UnansweredError) as raised:
            async with hasty.call():
                await asked()
        return raised.value.refuses_all

    holding = [asyncio.create_task(refuses_all(holds)) for _ in range(4)]
    await asyncio.sleep(0)
    assert await refuses_all(answers)
    let_go.set()
    assert await asyncio.gather(*holding) == [False] * 4


async def test_pay_11_a_provider_that_is_down_is_not_asked_until_a_pause_is_over(bounds: Bounds, clock: Clock) -> None:
    await open_up(bounds)
    asked = False

    async def remembers() -> None:
        nonlocal asked
        asked = True

    with pytest.raises(UnansweredError, match="is not asked") as raised:
        async with bounds.call():
            await remembers()
    assert raised.value.refuses_all
    assert not asked
    clock.now += PAUSE
    assert bounds.accepts
    assert await ask(bounds, remembers)
    assert bounds.accepts


async def test_pay_11_after_the_pause_one_call_tries_and_the_others_wait_for_what_it_finds(
    bounds: Bounds, clock: Clock
) -> None:
    await open_up(bounds)
    clock.now += PAUSE
    asked: list[int] = []

    def numbered(number: int) -> Asked:
        async def call() -> None:
            asked.append(number)
            await asyncio.sleep(0.02)
            if number == 0:
                assert asked == [0]
                assert not bounds.accepts

        return call

    assert all(await asyncio.gather(*(ask(bounds, numbered(number)) for number in range(4))))
    assert len(asked) == 4


async def test_pay_11_the_pause_doubles_while_it_stays_down_and_starts_over_once_it_is_back(
    bounds: Bounds, clock: Clock
) -> None:
    await open_up(bounds)
    pause = PAUSE
    while pause < LONGEST_PAUSE:
        clock.now += pause
        assert await asyncio.gather(ask(bounds, breaks), ask(bounds, answers)) == [False, False]
        pause = min(2 * pause, LONGEST_PAUSE)
        clock.now += pause - 0.5
        assert not bounds.accepts
        clock.now += 0.5
        assert bounds.accepts
        clock.now -= pause
    clock.now += pause
    assert await ask(bounds, answers)
    await open_up(bounds)
    clock.now += PAUSE
    assert bounds.accepts


async def test_some_calls_that_are_never_answered_do_not_stop_the_others(bounds: Bounds) -> None:
    for number in range(3 * LOOKED_AT):
        await ask(bounds, breaks if number % 2 else answers)
        assert bounds.accepts


async def test_a_call_from_before_it_opened_says_nothing_about_now(bounds: Bounds, clock: Clock) -> None:
    late = asyncio.Event()
    early = asyncio.create_task(ask(bounds, lambda: _none(late.wait())))
    await asyncio.sleep(0)
    await open_up(bounds)
    late.set()
    assert await early
    assert not bounds.accepts


async def _none(waiting: Awaitable[bool]) -> None:
    await waiting


async def test_a_call_that_its_own_process_gives_up_is_not_held_against_the_provider(bounds: Bounds) -> None:
    for _ in range(2 * FEWEST):
        calling = asyncio.create_task(ask(bounds, hangs))
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    assert bounds.accepts
