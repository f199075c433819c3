"""What a call to somebody else costs."""

import asyncio
import sys

import httpx
import pytest

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


async def test_a_call_searches_the_disk_for_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """httpx asks sniffio which loop it runs in, and searches for it anew each time where it is missing."""
    searched: list[str] = []

    class Listening:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            searched.append(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
        await client.get("/")
        monkeypatch.setattr(sys, "meta_path", [Listening, *sys.meta_path])
        await client.get("/")
    assert searched == []
