"""Health beside the work of a worker."""

import asyncio
import signal
import socket

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from carnet import server
from carnet.health import serve_health
from carnet.server import Server
from carnet.settings import Settings
from tests.waits import BOUND


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_on(port: int) -> Settings:
    return Settings(service="shelf", mongo_url="mongodb://db", kafka_bootstrap="broker:1", metrics_port=port)


async def test_a_worker_answers_whether_it_is_live_and_ready() -> None:
    port, stopping = free_port(), asyncio.Event()
    problem: str | None = None
    answers = True

    async def ready() -> bool:
        return answers

    before = signal.getsignal(signal.SIGTERM)
    async with (
        serve_health(settings_on(port), live=lambda: problem, ready=ready, stopping=stopping),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert signal.getsignal(signal.SIGTERM) is before
        assert (await client.get("/health/live")).json() == {"status": "ok"}
        assert (await client.get("/health/ready")).status_code == 200
        assert "carnet_journal_unpublished" in (await client.get("/metrics")).text
        problem = "the consumer has ended"
        live = await client.get("/health/live")
        assert (live.status_code, live.json()["reason"]) == (503, "the consumer has ended")
        answers = False
        assert (await client.get("/health/ready")).status_code == 503
        answers = True
        stopping.set()
        assert (await client.get("/health/ready")).json() == {"status": "failing", "reason": "stopping"}
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


async def test_a_busy_port_is_reported() -> None:
    async def ready() -> bool:
        return True

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f":{port}"):
            async with serve_health(settings_on(port), live=lambda: None, ready=ready, stopping=asyncio.Event()):
                pass


@pytest.mark.parametrize("how", ["by its process", "by a signal"])
async def test_a_server_ends_though_its_next_tick_is_far_away(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(server, "TICK_SECONDS", 3600.0)

    serving = Server(uvicorn.Config(Starlette(), port=free_port(), log_config=None, lifespan="off"))
    running = asyncio.create_task(serving._serve())
    async with asyncio.timeout(BOUND):
        while not serving.server_state.default_headers:  # noqa: ASYNC110 # it has ticked for the first time
            await asyncio.sleep(0.01)
        if how == "by its process":
            serving.end()
        else:
            serving.handle_exit(signal.SIGTERM, None)
        await running
