"""The mails as they arrive by SMTP: each is shown with its first lines, and can be waited for."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.text import Text

from carnet_play.story.faults import StoryError
from carnet_play.story.waiting import eventually
from carnet_suite.inbox import Mail, newest, read_inbox

_LOOK_S = 0.05
_LINES, _WIDTH = 5, 100
# After the greeting; rules of dashes are left out.


class Letterbox:
    """Watches the inbox folder from now on, for mails to some domains. Enter it to begin."""

    def __init__(self, folder: Path, domains: Sequence[str], console: Console) -> None:
        self.silent = False
        self.arrived: list[Mail] = []
        self._unread: list[Mail] = []
        self._folder = folder
        self._domains = tuple(f"@{domain}" for domain in domains)
        self._console = console
        self._newest = ""
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._newest = newest(self._folder)
        self._watching = asyncio.create_task(self._watch(), name="letterbox")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def expect(self, recipient: str, about: str) -> Mail:
        """The next mail to ``recipient`` that has ``about`` in its subject or text; each is given once.

        Raises ``StoryError`` if none comes.
        """

        def find() -> Mail | None:
            mails = (mail for mail in self._unread if mail.recipient == recipient)
            return next((mail for mail in mails if about in f"{mail.subject}\n{mail.text}"), None)

        async def is_there() -> bool:
            if self._watching is not None and self._watching.done():
                self._watching.result()  # raises the error that ended it
            return find() is not None

        await eventually(is_there, f"a mail to {recipient} that says “{about}”")
        found = find()
        if found is None:
            raise StoryError(f"The mail to {recipient} that says “{about}” was taken by another.")
        self._unread.remove(found)
        return found

    async def _watch(self) -> None:
        while True:
            for mail in read_inbox(self._folder, after=self._newest):
                self._newest = mail.path.name
                if mail.recipient.endswith(self._domains):
                    self._take(mail)
            await asyncio.sleep(_LOOK_S)

    def _take(self, mail: Mail) -> None:
        self.arrived.append(mail)
        self._unread.append(mail)
        if not self.silent:
            self._show(mail)

    def _show(self, mail: Mail) -> None:
        self._console.print(Text.assemble(("  mail  ", "magenta"), f"to {mail.recipient}: ", (mail.subject, "bold")))
        lines = [line for line in (mail.text or "").splitlines() if line.strip(" -")]
        for line in lines[1 : 1 + _LINES]:
            self._console.print(Text(f"        │ {line[:_WIDTH]}", style="dim"))
