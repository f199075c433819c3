"""The notifications service on the real servers: events in by hand, mails out by SMTP into the inbox."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from carnet.batches import Batches
from carnet.dates import utc_now, write_instant
from carnet.events.base import Event
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.events.contracts import AccountChanged, AccountPersonal, Member, MemberPersonal
from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.inbox import Mail as Delivered
from carnet_suite.inbox import newest, read_inbox
from carnet_suite.servers import Servers
from notifications.domain.mails import Mail
from notifications.mailer import MailServer
from notifications.papers import Papers
from notifications.reactions import REACTIONS
from notifications.sender import Sender, Sending
from notifications.store import COLLECTIONS, MAILS
from tests.links import LINKS
from tests.records import Given, record
from tests.servers import open_database, prepare_once
from tests.unit.notifications.notification_builders import ACCOUNT, CHILD, CONTRACT, OWNER
from tests.waits import BOUND

ALL_SLOTS = frozenset(range(256))
WAITS = (0.2, 0.4)


@dataclass
class Office:
    """One organisation's mails in one database. ``address`` is the owner's, unlike any other test's."""

    database: Database
    servers: Servers
    before: str
    """The newest mail of the inbox when it opened: of what all tests have sent only later ones are read."""
    organisation: str = field(default_factory=new_id)
    address: str = field(default_factory=lambda: f"{new_id()}@family.example")
    support: str = field(default_factory=lambda: f"{new_id()}@support.example")
    smtp_port: int | None = None
    payments_url: str = "http://127.0.0.1:9"
    _sequences: dict[str, int] = field(default_factory=dict)

    def sender(self, *, of: type[Sender] = Sender, **changed: object) -> Sender:
        server = MailServer(self.servers.smtp_host, self.smtp_port or self.servers.smtp_port, timeout=BOUND)
        options = {"server": server, "sender": "no-reply@carnet.example", "connections": 2, "waits": WAITS, **changed}
        services = dict.fromkeys(("payments", "credits"), self.payments_url)
        papers = Papers(LINKS, "https://carnet.example", services)
        return of(self.database, Sending(**options), papers)

    def record(self, body: Event, *, aggregate: str = CONTRACT, change: str | None = None) -> Given:
        """The record of the aggregate's next event on that topic."""
        key = f"{body.topic.name}/{aggregate}"
        self._sequences[key] = self._sequences.get(key, 0) + 1
        return record(
            body, aggregate=aggregate, sequence=self._sequences[key], organisation=self.organisation, change=change
        )

    async def receive(self, *records: Given) -> None:
        """React to records one batch each, as they come."""
        for given in records:
            (table,) = [table for table in REACTIONS if table.topic.name == given.topic]
            await Batches("notifications", self.database, table).apply([given])

    def school(self, name: str = "École Étoile", *, clock_ahead: int = 0) -> Given:
        body = OrganisationChanged(
            organisation=self.organisation,
            name=name,
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("fr", "en"),
            contact=Contact(email="bonjour@etoile.example"),
            support_email=self.support,
            mode="test",
            clock_ahead=clock_ahead,
        )
        return self.record(body, aggregate=self.organisation)

    def family(
        self,
        *,
        language: str = "en",
        address: str | None = "",
        erased: bool = False,
        names: tuple[str, str] = ("Camille", "Morel"),
        account: str = ACCOUNT,
        number: str | None = None,
    ) -> Given:
        first, last = names
        email = self.address if address == "" else address
        owner = MemberPersonal(id=OWNER, first_name=first, last_name=last, email=email)
        child = MemberPersonal(id=CHILD, first_name="Zoé", last_name="Morel")
        body = AccountChanged(
            account=account,
            owner=OWNER,
            number=number,
            language=language,
            members=(Member(id=OWNER, kind="adult"), Member(id=CHILD, kind="child", erased=erased)),
            personal=AccountPersonal(members=(owner,) if erased else (owner, child)),
        )
        return self.record(body, aggregate=account)

    async def mails(self) -> list[Mail]:
        found = await self.database[MAILS.name].find({}).sort("created_at", 1).to_list(None)
        return [MAILS.read(document) for document in found]

    def delivered(self) -> list[Delivered]:
        arrived = read_inbox(self.servers.inbox, after=self.before)
        return [mail for mail in arrived if mail.recipient in (self.address, self.support)]

    async def published(self) -> list[str]:
        rows = await self.database["journal"].find({}).sort("_id", 1).to_list(None)
        return [row["type"].split(".")[2] for row in rows]

    async def send_all(self, sender: Sender, seconds: float = BOUND) -> None:
        """Send until every mail is sent or has failed, as the worker does."""
        under_way = {"status": {"$in": ["queued", "sending"]}}
        async with asyncio.timeout(seconds):
            while await self.database[MAILS.name].count_documents(under_way):
                if not await sender.round(ALL_SLOTS, asyncio.Event()):
                    await asyncio.sleep(0.02)

    async def make_due(self) -> None:
        """Every mail that waits is due now."""
        waiting = {"status": "queued"}
        await self.database[MAILS.name].update_many(waiting, {"$set": {"due": write_instant(utc_now())}})


@pytest.fixture
async def office(servers: Servers, namespace: str) -> AsyncIterator[Office]:
    database = open_database(servers, f"{namespace}carnet_notifications")
    await prepare_once(database, COLLECTIONS)
    yield Office(database, servers, newest(servers.inbox))
    database.close()
