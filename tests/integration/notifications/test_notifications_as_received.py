"""NOT-5 by real SMTP: names and addresses of any kind, in what the mail server received."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from carnet_suite.inbox import HOST, FolderDelivery, read_inbox
from carnet_suite.inbox import Mail as Delivered
from notifications.mailer import MailServer
from notifications.store import MAILS
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import collected, paid
from tests.waits import BOUND

LONG = "a" * 80
NAMES = {
    "apostrophes": ("L'Éloïse", 'd\'Été & <Fils> "Co"'),
    "long words": (LONG, LONG.upper()),
    "long words beyond ASCII": ("é" * 80, "字" * 80),
    "an encoded word": ("=?utf-8?q?x?=", "=?utf-8?b?eA==?="),
    "lines": ("a\r\nBcc: thief@evil.example\r\n\r\nbody", "b"),
}


@pytest.mark.parametrize("person", NAMES.values(), ids=NAMES)
async def test_not_5_names_arrive_as_typed_and_break_no_header(office: Office, person: tuple[str, str]) -> None:
    school = "L'École de l'Art " + LONG
    await office.receive(
        office.school(school), office.family(names=person), office.record(paid()), office.record(collected())
    )
    await office.send_all(office.sender())
    mails = office.delivered()
    assert len(mails) == 2
    first_name = person[0].replace("\r\n", "\n")
    for mail in mails:
        assert mail.recipient == office.address
        assert office.address in mail.headers["to"]
        assert "bcc" not in mail.headers
        assert mail.headers["content-type"].startswith("multipart/alternative")
        assert mail.text is not None
        assert f"Hello {first_name}," in mail.text.replace("\r\n", "\n")
        assert school in mail.text
    assert [mail.subject for mail in mails if "fully paid" in mail.subject] == [
        f"Your contract with {school} is fully paid"
    ]


@pytest.fixture
async def plain_server(tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """A mail server that does not offer SMTPUTF8: its port and its folder."""
    delivery = FolderDelivery(tmp_path / "plain")
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(delivery, hostname="localhost"), HOST, 0)
    yield server.sockets[0].getsockname()[1], tmp_path / "plain"
    server.close()


def only(mails: list[Delivered]) -> Delivered:
    (mail,) = mails
    return mail


async def test_not_5_an_address_outside_ascii_is_written_to_where_the_server_offers_smtputf8(office: Office) -> None:
    office.address = f"émilie.{office.address}"
    await office.receive(office.school(), office.family(), office.record(paid()))
    await office.send_all(office.sender())
    assert only(office.delivered()).recipient == office.address


@pytest.mark.parametrize("promised", [False, True])
async def test_not_5_and_fails_at_once_where_it_does_not(
    office: Office, plain_server: tuple[int, Path], promised: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    port, folder = plain_server
    await office.receive(office.school(), office.family(address="émilie@x.example"), office.record(paid()))
    sender = office.sender(server=MailServer(HOST, port, timeout=BOUND, smtputf8=promised))
    await office.send_all(sender)
    (mail,) = await office.mails()
    assert (mail.status, mail.reason, mail.attempts) == ("failed", "bad-address", 1)
    assert mail.answer == "the mail server cannot write to this address"
    assert ("CARNET_MAIL_SMTPUTF8" in "".join(capfd.readouterr())) is promised
    await office.receive(office.family(), office.record(paid(1)))
    await office.send_all(sender)
    assert only(read_inbox(folder)).recipient == office.address
    await sender.close()


@pytest.mark.parametrize("address", ["a..b@x.example", "nobody", "a@b@c", "a b@x.example", "a@x.example\r\nBcc: b@c.d"])
async def test_not_5_a_stored_address_that_is_invalid_fails_at_once(office: Office, address: str) -> None:
    await office.receive(office.school(), office.family(address=address), office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await office.mails()
    assert (mail.status, mail.reason, mail.attempts) == ("failed", "bad-address", 1)
    assert await office.database[MAILS.name].count_documents({"due": None}) == 1
