"""The settings of the notifications service: environment variables that begin with ``CARNET_``."""

from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from carnet.addresses import mail_address
from carnet.links import LinkKeys, Links
from carnet.settings import Settings
from notifications.mailer import MailServer
from notifications.papers import Papers
from notifications.sender import Sending


def address_in(value: str) -> str:
    """The address in ``Carnet <no-reply@carnet.example>``, or ``ValueError``."""
    try:
        found = mail_address(parseaddr(value)[1])
    except ValueError as error:
        raise ValueError("write an address, such as Carnet <no-reply@carnet.example>") from error
    if found.needs_smtputf8:
        raise ValueError("write an address whose part before the @ is plain ASCII")
    return found.written


class NotificationsSettings(Settings):
    """The settings of notifications."""

    service: str = Field(default="notifications", init=False)
    smtp_host: str = Field(min_length=1)
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout: float = Field(default=20.0, gt=0, le=60)
    """Seconds that the mail server has for each answer."""
    smtp_connections: int = Field(default=4, ge=1, le=50)
    """Connections that one worker holds to the mail server at most."""
    mail_from: Annotated[str, AfterValidator(address_in)]
    """The address that all mails come from; the name beside it is the organisation's."""
    mail_waits: tuple[Annotated[float, Field(gt=0)], ...] = (5, 30, 120, 600, 3_600, 14_400, 43_200)
    """Seconds between the tries of a mail that the server could not take; after the last it has failed (NOT-3)."""

    link_keys: LinkKeys
    """The keys that sign the links to papers in mails."""
    public_url: str = Field(pattern=r"^https?://[^/]+(/.*[^/])?$")
    """The address at which clients reach the front, without a slash at the end: links in mails begin with it."""
    payments_url: str = Field(pattern=r"^https?://")
    credits_url: str = Field(pattern=r"^https?://")
    """The APIs of payments and credits, from which the papers are read that go with mails."""

    @property
    def papers(self) -> Papers:
        """How papers go with mails."""
        return Papers(
            Links(self.link_keys), self.public_url, {"payments": self.payments_url, "credits": self.credits_url}
        )

    @property
    def sending(self) -> Sending:
        """How the worker sends."""
        server = MailServer(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            username=self.smtp_username,
            password=self.smtp_password.get_secret_value() if self.smtp_password else None,
            timeout=self.smtp_timeout,
            smtputf8=self.mail_smtputf8,
        )
        return Sending(server=server, sender=self.mail_from, connections=self.smtp_connections, waits=self.mail_waits)
