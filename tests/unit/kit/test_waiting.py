"""Waiting a short while for what another service answers."""

from collections.abc import Awaitable, Callable

from carnet.http import within_patience


def after(looks: int) -> Callable[[], Awaitable[str | None]]:
    """What is found at that look, and not before."""
    seen = iter(range(1, 10**6))

    async def look() -> str | None:
        return "found" if next(seen) >= looks else None

    return look


async def test_what_is_there_already_is_found_without_any_patience() -> None:
    assert await within_patience(after(1), patience=0) == "found"
    assert await within_patience(after(2), patience=0) is None


async def test_what_comes_within_the_time_is_found() -> None:
    assert await within_patience(after(4), patience=60.0) == "found"


async def test_patience_ends() -> None:
    assert await within_patience(after(10**6), patience=0.1) is None
