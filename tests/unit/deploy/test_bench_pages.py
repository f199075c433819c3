"""What the bench counts of a page: the time in which APIs were asked, and the rounds."""

import httpx

from carnet_play.bench.pages import Calls


def answered(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


def noted(*made: tuple[float, float, int]) -> Calls:
    return Calls(httpx.MockTransport(answered), list(made))


def test_the_time_of_calls_that_overlap_counts_once() -> None:
    assert noted((0.0, 1.0, 1), (0.5, 2.0, 1), (3.0, 4.0, 2), (3.2, 3.5, 2)).seconds() == 3.0


async def test_a_call_that_begins_after_another_was_answered_is_a_round_more() -> None:
    calls = noted((0.0, 0.5, 1))
    async with httpx.AsyncClient(transport=calls, base_url="http://front") as client:
        await client.get("/one")
        assert calls.rounds() == 2
        await client.get("/another")
    assert calls.rounds() == 3
    assert noted().rounds() == 0
