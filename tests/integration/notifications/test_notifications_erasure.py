"""What is kept of a mail after sending, and what an erasure removes from it."""

from collections.abc import Sequence

import pytest

from carnet.events.contracts import AccountErased
from notifications import sender as sending
from notifications.domain.mails import Mail, MailPersonal
from notifications.letters import Letter
from notifications.sender import Ahead, Sender
from notifications.store import MAILS
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import paid, refund_line
from tests.unit.notifications.notification_builders import ACCOUNT


async def test_what_was_read_for_a_mail_long_ago_is_read_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FRESH_SECONDS", 0.0)
    await office.receive(office.school(), office.family(), office.record(paid()))

    class ErasedMeanwhile(Sender):
        async def _read_ahead(self, mails: Sequence[Mail]) -> Ahead:
            ahead = await super()._read_ahead(mails)
            await office.receive(office.record(AccountErased(), aggregate=ACCOUNT))
            return ahead

    await office.send_all(office.sender(of=ErasedMeanwhile))
    (mail,) = await office.mails()
    assert (mail.status, mail.reason) == ("failed", "erased")
    assert office.delivered() == []


async def test_erasing_an_account_removes_its_persons_from_the_mails_kept(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()), office.record(refund_line()))
    await office.send_all(office.sender())
    assert all(mail.personal for mail in await office.mails())
    await office.receive(office.record(paid(7)), office.record(AccountErased(), aggregate=ACCOUNT))
    await office.send_all(office.sender())
    mails = await office.mails()
    assert [mail.personal for mail in mails] == [None, None, None]
    assert mails[2].reason == "erased"
    kept = [await office.database[name].find().to_list(None) for name in ("mails", "letters", "accounts", "journal")]
    everything = str(kept)
    assert office.address not in everything
    assert "Camille" not in everything
    assert len(office.delivered()) == 2


async def test_erasing_one_member_removes_subjects_and_addresses_too(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))
    await office.send_all(office.sender())
    await office.receive(office.family())
    assert all(mail.personal for mail in await office.mails())
    await office.receive(office.family(erased=True))
    assert [mail.personal for mail in await office.mails()] == [None]


async def test_an_erasure_while_the_mail_is_on_its_way_keeps_nothing(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))

    class ErasedMeanwhile(Sender):
        async def _write(self, mail: Mail) -> Letter | None:
            letter = await super()._write(mail)
            await office.receive(office.record(AccountErased(), aggregate=ACCOUNT))
            return letter

    await office.send_all(office.sender(of=ErasedMeanwhile))
    (mail,) = await office.mails()
    assert (mail.status, mail.personal, mail.member) == ("sent", None, None)


async def test_what_is_kept_after_sending(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await office.mails()
    assert mail.personal == MailPersonal(
        address=office.address, subject="Your contract with École Étoile is fully paid"
    )
    assert (mail.language, mail.wording, mail.version) == ("en", "default", 1)
    document = await office.database[MAILS.name].find_one({})
    assert document is not None
    assert "Hello" not in str(document)
