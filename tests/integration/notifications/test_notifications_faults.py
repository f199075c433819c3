"""NOT-3: a mail server that is down, a refused recipient and a fault delay or fail one mail, and hurt no other."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet_suite.servers import Ports
from carnet_suite.servers.smtp import InboxServer
from notifications.domain.mails import Mail
from notifications.letters import Letter
from notifications.sender import Sender
from notifications.store import ACCOUNTS, MAILS
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import granted, paid, refund_line


async def test_a_server_that_is_down_and_comes_back_loses_nothing(office: Office, tmp_path: Path) -> None:
    server = InboxServer(tmp_path / "inbox", Ports().chosen().smtp)
    office.smtp_port = server.port
    office.servers = replace(office.servers, inbox=server.folder)
    await office.receive(office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(5)))
    sender = office.sender(waits=(0.2, 0.2, 0.2, 30.0))
    for _ in range(2):
        await sender.round(ALL_SLOTS, asyncio.Event())
        await asyncio.sleep(0.25)
    mails = await office.mails()
    assert {(mail.status, mail.reason) for mail in mails} == {("queued", "not-taken")}
    try:
        await asyncio.to_thread(server.start)
        await office.send_all(sender)
        assert len(office.delivered()) == 5
        assert {mail.attempts for mail in await office.mails()} <= {2, 3, 4}
        await sender.close()
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_server_that_stays_down_makes_the_mail_fail_and_staff_can_find_it(office: Office) -> None:
    office.smtp_port = Ports().chosen().smtp
    await office.receive(office.school(), office.family(), office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await office.mails()
    assert (mail.status, mail.reason, mail.attempts) == ("failed", "not-taken", 3)
    assert await office.published() == ["EmailFailed"]


async def test_a_refused_recipient_fails_at_once_and_keeps_no_address(office: Office) -> None:
    await office.receive(office.school(), office.family(address="nobody@refused.example"), office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await office.mails()
    assert (mail.status, mail.reason, mail.attempts, mail.personal) == ("failed", "refused", 1, None)
    assert mail.answer is not None
    assert mail.answer.startswith("550")


async def test_a_busy_mailbox_is_tried_again_with_growing_waits(office: Office) -> None:
    await office.receive(office.school(), office.family(address="me@busy.example"), office.record(paid()))
    sender = office.sender(waits=(5.0, 50.0))
    waits = []
    for _ in range(2):
        before = utc_now()
        await sender.round(ALL_SLOTS, asyncio.Event())
        (mail,) = await office.mails()
        assert mail.due is not None
        waits.append((mail.due - before).total_seconds())
        await office.make_due()
    assert 2.5 <= waits[0] <= 6
    assert 25 <= waits[1] <= 51
    await sender.round(ALL_SLOTS, asyncio.Event())
    (mail,) = await office.mails()
    assert (mail.status, mail.attempts) == ("failed", 3)
    assert mail.answer is not None
    assert mail.answer.startswith("451")


async def test_one_bad_recipient_hurts_no_other_mail(office: Office) -> None:
    refused = [office.record(paid(1_000 + n)) for n in range(4)]
    theirs = office.family(address="nobody@refused.example")
    await office.receive(office.school(), theirs, *refused, office.record(refund_line()))
    await office.send_all(office.sender(connections=1))
    assert sorted(mail.status for mail in await office.mails()) == ["failed"] * 4 + ["sent"]


async def test_a_mail_that_cannot_be_written_fails_at_once_and_hurts_no_other(office: Office) -> None:
    class BrokenFor(Sender):
        async def _write(self, mail: Mail) -> Letter | None:
            if mail.kind == "credit_granted":
                raise RuntimeError("a fault of the program")
            return await super()._write(mail)

    await office.receive(office.school(), office.family(), office.record(granted()), office.record(paid()))
    await office.send_all(office.sender(of=BrokenFor))
    ended = {mail.kind: (mail.status, mail.reason, mail.attempts) for mail in await office.mails()}
    assert ended == {"contract_paid": ("sent", None, 1), "credit_granted": ("failed", "unwritable", 1)}


async def test_an_account_that_can_not_be_read_hurts_no_mail_that_is_read_with_it(office: Office) -> None:
    await office.receive(
        office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(6)), office.record(granted())
    )
    broken = {"_id": new_id(), "organisation": office.organisation, "version": 1, "owner": 1}
    await office.database[ACCOUNTS.name].insert_one(broken)
    await office.database[MAILS.name].update_one({"kind": "credit_granted"}, {"$set": {"account": broken["_id"]}})
    await office.send_all(office.sender(connections=4))
    ended = Counter((mail.kind, mail.status, mail.reason) for mail in await office.mails())
    assert ended == {("contract_paid", "sent", None): 6, ("credit_granted", "failed", "unwritable"): 1}
    assert sorted(await office.published()) == ["EmailFailed", *["EmailSent"] * 6]


async def test_an_owner_without_an_address_fails_and_support_still_gets_its_mail(office: Office) -> None:
    await office.receive(
        office.school(), office.family(address=None), office.record(paid()), office.record(refund_line())
    )
    await office.send_all(office.sender())
    reasons = {mail.kind: (mail.status, mail.reason) for mail in await office.mails()}
    assert reasons == {"contract_paid": ("failed", "no-address"), "refund_awaiting": ("sent", None)}
