"""SMTP to the mail server: one connection per sending task, faults classified as transient or permanent."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from carnet.observe import log

PATIENCE = 60.0
"""Seconds after which handing over one mail is given up, even if the server still answers."""

_ADDRESS = re.compile(r"\S*@\S*")
_LONGEST_ANSWER = 300


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over. ``timeout`` is in seconds and holds for each command."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 20.0
    smtputf8: bool = False
    """True if the settings say that it offers SMTPUTF8."""


class NotAcceptedError(Exception):
    """The mail server did not accept the mail.

    ``permanent``: it will never accept this mail for this address (a 5xx answer to the recipient
    or to the mail). Everything else is transient: no connection, a timeout, a 4xx answer, and also
    a refused login or sender, which an operator corrects. ``answer`` is what the server said,
    without addresses. ``address``: it cannot write to that address at all.
    """

    def __init__(self, answer: str, *, permanent: bool, address: bool = False) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = permanent
        self.address = address


class Connection:
    """One connection to the mail server, made when it is first used and again after it broke. Not shared."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: SMTP | None = None

    async def send(self, message: bytes, *, sender: str, recipient: str, smtputf8: bool = False) -> None:
        """Hand one mail over; returns once the server has accepted it. Raises ``NotAcceptedError``.

        ``smtputf8``: the recipient's address has letters beyond ASCII before the @.
        If the answer is lost, the server may have accepted the mail: the next attempt has the same
        Message-ID.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                smtp = await self._connected()
                options = ["SMTPUTF8", "BODY=8BITMIME"] if smtputf8 else []
                await smtp.sendmail(sender, [recipient], message, mail_options=options)
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            fault = not_accepted(error)
            if not fault.permanent:
                self._drop()
            raise fault from error

    async def close(self) -> None:
        """Say QUIT to the server and close the connection."""
        smtp, self._smtp = self._smtp, None
        if smtp is None or not smtp.is_connected:
            return
        try:
            await smtp.quit(timeout=2)
        except (SMTPException, OSError, TimeoutError):
            smtp.close()

    async def _connected(self) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        server = self._server
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username,
            password=server.password,
            timeout=server.timeout,
        )
        await self._smtp.connect()
        if server.smtputf8 and not self._smtp.supports_extension("smtputf8"):
            log.error(
                "the mail server does not offer SMTPUTF8, which CARNET_MAIL_SMTPUTF8 says it does: mails to addresses "
                "with letters beyond ASCII before the @ fail; set it to false, or use another mail server",
                host=server.host,
            )
        return self._smtp

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def not_accepted(error: Exception) -> NotAcceptedError:
    """The fault that an error of the SMTP library means for the mail."""
    match error:
        case SMTPRecipientsRefused(recipients=[first, *_]):
            return NotAcceptedError(_without_addresses(first), permanent=_is_permanent(first.code))
        case SMTPDataError():
            return NotAcceptedError(_without_addresses(error), permanent=_is_permanent(error.code))
        case SMTPResponseException():
            return NotAcceptedError(_without_addresses(error), permanent=False)
        case SMTPNotSupported() | ValueError():
            return NotAcceptedError("the mail server cannot write to this address", permanent=True, address=True)
        case _:
            return NotAcceptedError(f"no answer: {type(error).__name__}", permanent=False)


def _is_permanent(code: int) -> bool:
    return 500 <= code < 600


def _without_addresses(error: SMTPResponseException) -> str:
    return _ADDRESS.sub("…", f"{error.code} {error.message}")[:_LONGEST_ANSWER]
