"""What mails get from other services: the papers that go with them, and what they show as it is when they are sent."""

import asyncio
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.request import Request, urlopen

from carnet.links import Links, last_day
from carnet.links import Paper as Linked
from carnet.observe import REQUEST_ID
from notifications.mails.composing import Link
from notifications.mails.facts import LinkedPage, Paper, Source

PATIENCE = 20.0
"""Seconds within which a paper is read."""

LARGEST = 10 * 1024 * 1024
"""Bytes that a paper has at most to go with a mail: many mail servers refuse larger mails."""


class UnreadPaperError(Exception):
    """The service that keeps the paper does not answer, or does not have it: it is tried again later."""


class UnreadSourceError(Exception):
    """The service that is asked what a mail shows does not answer: it is tried again later."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that goes with a mail, under a file name of plain ASCII."""

    name: str
    pdf: bytes


class Papers:
    """Links to papers, pages and sources, and what they lead to.

    Args:
        links: Writes the links.
        public_url: The address at which clients reach the front.
        services: The address of the API of each service that keeps papers.
    """

    def __init__(self, links: Links, public_url: str, services: Mapping[str, str]) -> None:
        self._links = links
        self._public = public_url
        self._services = services

    def link(self, paper: Paper, organisation: str, language: str, now: datetime) -> Link:
        """A link to the paper that is written now."""
        written = self._links.written(Linked(paper.kind, organisation, paper.about, language))
        return Link(f"{self._public}/{paper.service}/v1/papers/{written}", last_day(now).date())

    def page_link(self, page: LinkedPage, organisation: str, language: str, now: datetime) -> Link:
        """A link to a page, or to what a mail shows, that is written now."""
        written = self._links.written(Linked(page.kind, organisation, page.about, language))
        return Link(f"{self._public}/{page.service}/v1/{page.path}/{written}", last_day(now).date())

    async def ask(self, source: Source, link: Link) -> bytes:
        """What the service says now, as JSON. Raises ``UnreadSourceError``."""
        base = self._services[source.service].rstrip("/")
        address = f"{base}/v1/{source.path}/{link.address.rpartition('/')[2]}"
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(_read, address, REQUEST_ID.get(), "application/json")
        except (http.client.HTTPException, OSError) as error:
            raise UnreadSourceError(f"{source.service}: {error}") from error

    async def read(self, paper: Paper, link: Link, language: str) -> Attachment:
        """The paper that the link leads to, for a mail of that language. Raises ``UnreadPaperError``."""
        address = f"{self._services[paper.service].rstrip('/')}/v1/papers/{link.address.rpartition('/')[2]}"
        try:
            async with asyncio.timeout(PATIENCE):
                pdf = await asyncio.to_thread(_read, address, REQUEST_ID.get())
        except (http.client.HTTPException, OSError) as error:
            raise UnreadPaperError(f"{paper.service}: {error}") from error
        return Attachment(paper.named(language), pdf)


def _read(address: str, request_id: str | None, accepted: str = "application/pdf") -> bytes:
    headers = {"Accept": accepted, **({"X-Request-Id": request_id} if request_id else {})}
    with urlopen(Request(address, headers=headers), timeout=PATIENCE) as answer:  # noqa: S310 # our own address
        read: bytes = answer.read(LARGEST + 1)
    if answer.status != http.HTTPStatus.OK:
        raise http.client.HTTPException(f"answered {answer.status}")
    if len(read) > LARGEST:
        raise http.client.HTTPException(f"has more than {LARGEST} bytes")
    return read
