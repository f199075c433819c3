"""A real SMTP server that delivers into a folder, and the reading of that folder.

Run as ``python -m carnet_suite.inbox --port 1025 --folder inbox``. Each mail becomes one `.eml`
file, which appears at once and whole; the names sort in the order of arrival. Two domains behave
badly, to try what happens then: mails to `refused.example` are refused for good
(550), mails to `busy.example` for the moment (451).
"""

import argparse
import asyncio
import itertools
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
LARGEST_MAIL = 10 * 1024 * 1024
_REFUSALS = {
    "refused.example": "550 5.1.1 No such mailbox",
    "busy.example": "451 4.2.1 Mailbox busy, try again later",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A delivered mail.

    `recipient` is the address that it was delivered to (the first one, if several). A part that
    is missing is None. `headers` has the last value of each name, names in lower case.
    """

    recipient: str
    sender: str
    subject: str
    text: str | None
    html: str | None
    headers: dict[str, str]
    path: Path


def read_inbox(folder: Path, *, after: str = "") -> list[Mail]:
    """The mails of the folder in the order of arrival; none if there is no such folder yet.

    `after` is the file name of a mail: only those that arrived later are read.
    """
    return [_read(path) for path in sorted(folder.glob("*.eml")) if path.name > after]


def newest(folder: Path) -> str:
    """The file name of the mail that arrived last, to read those after it; empty if there is none."""
    return max((path.name for path in folder.glob("*.eml")), default="")


def _read(path: Path) -> Mail:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
    headers = {name.lower(): str(value) for name, value in message.items()}
    return Mail(
        recipient=str(message.get_all("Delivered-To", [""])[0]),
        sender=headers.get("from", ""),
        subject=headers.get("subject", ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=headers,
        path=path,
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else None


class FolderDelivery:
    """What aiosmtpd asks about each recipient and each mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(  # noqa: N802, D102 # aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        if refusal := _REFUSALS.get(address.rpartition("@")[2].lower()):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802, D102 # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        trace = [f"Return-Path: <{envelope.mail_from}>"]
        trace += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        content = envelope.original_content or b""
        name = f"{time.time_ns():020d}-{next(self._count):06d}.eml"
        unfinished = self._folder / f".{name}.part"
        unfinished.write_bytes("\r\n".join([*trace, ""]).encode() + content)
        unfinished.rename(self._folder / name)
        return f"250 OK, kept as {name}"


async def serve(port: int, folder: Path) -> None:
    """Take mails until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    delivery = FolderDelivery(folder)
    server = await loop.create_server(
        lambda: SMTP(delivery, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, hostname="localhost"),
        HOST,
        port,
    )
    try:
        await told_to_stop.wait()
    finally:
        server.close()


def main() -> None:
    """Serve on 127.0.0.1 until asked to stop."""
    parser = argparse.ArgumentParser(prog="carnet_suite.inbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
