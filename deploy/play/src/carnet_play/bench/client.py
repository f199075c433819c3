"""A client that costs almost nothing, so that the server is measured: a kept connection, no more."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def body_of(self, status: int) -> bytes:
        """The body; raises ``RuntimeError`` with another status than the one expected."""
        if self.status != status:
            raise RuntimeError(f"answered with {self.status} instead of {status}: {self.body.decode()}")
        return self.body


@dataclass
class Connection:
    """A kept HTTP/1.1 connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    @classmethod
    async def open(cls, address: str) -> "Connection":
        """Connect to ``http://host:port``."""
        host = address.removeprefix("http://")
        name, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        return cls(reader, writer, host)

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send a request; returns the whole answer."""
        return await self._ask("POST", path, {"Content-Type": "application/json", **headers}, body)

    async def get(self, path: str, headers: dict[str, str]) -> Answer:
        """Ask for something; returns the whole answer."""
        return await self._ask("GET", path, headers, b"")

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return Answer(int(head.split(b" ", 2)[1]), await self.reader.readexactly(length))

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        await self.writer.wait_closed()
