"""NOT-1, NOT-3, EVT-1 on the real servers: one mail per event, whatever is redelivered, killed, down or refused."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from carnet.dates import utc_now, write_instant
from carnet.events.contracts import AccountErased
from carnet.events.payments import CollectionCalendarChanged
from carnet.ids import new_id
from carnet_suite.servers import Ports
from carnet_suite.servers.smtp import InboxServer
from notifications import sender as sending
from notifications.domain.mails import Mail, MailPersonal
from notifications.letters import Letter
from notifications.mailer import Connection, NotAcceptedError
from notifications.sender import MOST_UNSAVED, Ahead, Outcome, Sender
from notifications.store import ACCOUNTS, DUE_MAILS, MAILS
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import collected, granted, paid, refund_line
from tests.records import Given
from tests.unit.notifications import money_events
from tests.unit.notifications.notification_builders import (
    ACCOUNT,
    CHANGE,
    added,
    adjusted,
    cancelled,
    changed,
    created,
    opened,
)
from tests.waits import BOUND


def opening(office: Office) -> list[Given]:
    facts = [opened(54_000, 3), added("Ballet"), added("Jazz")]
    return [office.record(fact, change=CHANGE) for fact in facts]


async def test_every_event_that_is_due_a_mail_gets_one(office: Office) -> None:
    second = new_id()
    change = [cancelled("Ballet", 30_000), added("Tango", 12_000), changed(54_000, 36_000, 6)]
    await office.receive(
        office.school(),
        office.family(),
        *opening(office),
        office.record(created(54_000, 3), change=CHANGE),
        *(office.record(fact, change=second) for fact in change),
        office.record(adjusted(54_000, 36_000, 6, change=second), change=second),
        office.record(adjusted(36_000, 36_000, 6, change=None)),
        office.record(collected()),
        office.record(paid()),
        office.record(refund_line()),
        office.record(refund_line("on_site")),
        office.record(granted()),
    )
    await office.send_all(office.sender())
    subjects = [mail.subject.replace("\u00a0", " ") for mail in office.delivered()]
    assert sorted(subjects) == [
        "Remboursement à corriger : 60,00 €",
        "We received your payment of €180.00",
        "You have a credit of €50.00",
        "Your contract with École Étoile",
        "Your contract with École Étoile has changed",
        "Your contract with École Étoile is fully paid",
    ]
    mails = await office.mails()
    assert {mail.status for mail in mails} == {"sent"}
    assert len({mail.headers["message-id"] for mail in office.delivered()}) == 6
    assert await office.published() == ["EmailSent"] * 6
    changed_mail = next(mail for mail in office.delivered() if mail.subject.endswith("has changed"))
    assert changed_mail.text is not None
    assert changed_mail.html is not None
    assert "Tango" in changed_mail.text
    assert "Zoé Morel" in changed_mail.text
    assert "<td" in changed_mail.html
    assert "€360.00" in changed_mail.html


async def test_every_event_about_money_gets_one_mail_however_often_it_is_delivered(office: Office) -> None:
    published = [office.record(event) for event in money_events.one_of_each()]
    calendar = CollectionCalendarChanged(hour=6, retry_after=(3, 7))
    silent = [office.record(calendar, aggregate=office.organisation)]
    await office.receive(office.school(), office.family(language="fr"), *published, *silent, *published)
    await office.send_all(office.sender())
    subjects = [(mail.recipient, mail.subject.replace("\u00a0", " ")) for mail in office.delivered()]
    assert sorted(subject for to, subject in subjects if to == office.support) == [
        "Remboursement à corriger, désormais de 90,00 €",
        "Échec d'un remboursement : 40,00 €",
    ]
    assert sorted(subject for to, subject in subjects if to == office.address) == [
        "40,00 € de retour sur votre crédit client",
        "40,00 € retirés de votre crédit client",
        "Il manque un moyen de paiement pour votre échéance de 180,00 €",
        "Nous avons reçu votre paiement de 180,00 €",
        "Nous vous avons remboursé 40,00 €",
        "Rectification : votre paiement de 500,00 € avait été saisi par erreur",
        "Rectification : votre remboursement de 40,00 € avait été saisi par erreur",
        "Votre crédit client a réglé 40,00 €",
        "Votre dépôt de 40,00 € a été rejeté",
        "Votre paiement de 180,00 € a été rejeté",
        "Votre paiement de 180,00 € n'a pas abouti",
        "Votre remboursement de 40,00 € n'a pas abouti",
        "Vous avez un crédit de 40,00 €",
        "Vous avez un crédit de 40,00 €",
    ]
    assert {mail.status for mail in await office.mails()} == {"sent"}
    # The family and support both receive a mail about a refund that failed.
    assert await office.published() == ["EmailSent"] * (len(published) + 1)


@pytest.mark.parametrize("at", range(4))
async def test_contract_and_schedule_in_either_order_each_record_twice(office: Office, at: int) -> None:
    records = opening(office)
    records.insert(at, office.record(created(54_000, 3), change=CHANGE))
    twice = list(itertools.chain.from_iterable((record, record) for record in records))
    await office.receive(office.school(), office.family(), *twice, *twice)
    await office.send_all(office.sender())
    (mail,) = office.delivered()
    assert mail.subject == "Your contract with École Étoile"


@pytest.mark.parametrize("order", list(itertools.permutations(["school", "family", "paid"])))
async def test_a_mail_waits_for_its_account_and_organisation(office: Office, order: tuple[str, ...]) -> None:
    records = {"school": office.school(), "family": office.family(), "paid": office.record(paid())}
    sender = office.sender()
    for name in order:
        assert office.delivered() == []
        await office.receive(records[name])
        if name != order[-1]:
            await office.make_due()
            await sender.round(ALL_SLOTS, asyncio.Event())
    await office.make_due()
    await office.send_all(sender)
    assert len(office.delivered()) == 1
    (mail,) = await office.mails()
    assert mail.attempts == 1


async def test_the_language_is_the_account_s_and_the_amounts_are_written_in_it(office: Office) -> None:
    await office.receive(office.school(), office.family(language="fr"), office.record(collected()))
    await office.send_all(office.sender())
    (mail,) = office.delivered()
    assert mail.text is not None
    assert "Nous avons reçu votre paiement de 180,00" in mail.subject
    assert "le 5 janvier 2027" in mail.text
    assert "chèque" in mail.text


async def test_two_senders_at_once_send_each_mail_once(office: Office) -> None:
    await office.receive(office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(30)))
    await asyncio.gather(*(office.send_all(office.sender()) for _ in range(3)))
    assert len(office.delivered()) == 30
    assert len({mail.headers["message-id"] for mail in office.delivered()}) == 30
    assert await office.published() == ["EmailSent"] * 30


async def test_a_mail_whose_worker_was_killed_is_taken_over_once_its_claim_has_run_out(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))
    now = utc_now()
    taken = await DUE_MAILS.claim(
        office.database, ALL_SLOTS, claim="dead", now=now, until=now + timedelta(seconds=0.5), limit=10
    )
    assert len(taken) == 1
    assert await office.sender().round(ALL_SLOTS, asyncio.Event()) == 0
    await office.send_all(office.sender())
    assert len(office.delivered()) == 1
    (mail,) = await office.mails()
    assert mail.attempts == 2


async def test_a_worker_killed_after_the_server_accepted_sends_again_with_the_same_message_id(office: Office) -> None:
    class Killed(BaseException):
        pass

    class DyingSender(Sender):
        async def _save(self, *_: object) -> None:
            raise Killed

    await office.receive(office.school(), office.family(), office.record(paid()))
    dying = office.sender(of=DyingSender)
    with pytest.raises(Killed):
        await dying.round(ALL_SLOTS, asyncio.Event())
    await office.database[MAILS.name].update_many({}, {"$set": {"due": write_instant(utc_now())}})
    await office.send_all(office.sender())
    first, second = office.delivered()
    assert first.headers["message-id"] == second.headers["message-id"]
    assert await office.published() == ["EmailSent"]


async def test_few_mails_are_handed_over_while_their_outcomes_cannot_be_saved(office: Office) -> None:
    await office.receive(office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(20)))
    goes_on = asyncio.Event()

    class Waiting(Sender):
        async def _save(self, mail: Mail, outcome: Outcome) -> None:
            await goes_on.wait()
            await super()._save(mail, outcome)

    round_ = asyncio.create_task(office.sender(of=Waiting, connections=4).round(ALL_SLOTS, asyncio.Event()))
    async with asyncio.timeout(BOUND):
        while len(office.delivered()) < MOST_UNSAVED:  # noqa: ASYNC110 # the mail server is another process
            await asyncio.sleep(0.05)
    for _ in range(10):  # as many as could be handed over meanwhile
        await asyncio.sleep(0.05)
    assert len(office.delivered()) == MOST_UNSAVED
    goes_on.set()
    assert await round_ == 20
    assert await office.published() == ["EmailSent"] * 20


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


async def test_an_expired_claim_records_no_outcome(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))

    class SlowConnection(Connection):
        async def send(self, *_: object, **__: object) -> None:
            taken_over = {"$set": {"claim": "another"}}
            await office.database[MAILS.name].update_many({}, taken_over)
            raise NotAcceptedError("too late", permanent=True)

    sender = office.sender(connections=1)
    sender._connections = [SlowConnection(sender._sending.server)]
    await sender.round(ALL_SLOTS, asyncio.Event())
    (mail,) = await office.mails()
    assert (mail.status, mail.claim) == ("sending", "another")
    assert await office.published() == []


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


async def test_stopping_gives_the_claimed_mails_back(office: Office) -> None:
    await office.receive(office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(5)))
    stopping = asyncio.Event()
    stopping.set()
    await office.sender().round(ALL_SLOTS, stopping)
    assert office.delivered() == []
    assert {(mail.status, mail.attempts) for mail in await office.mails()} == {("queued", 0)}
    await office.send_all(office.sender())
    assert len(office.delivered()) == 5


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


async def test_a_mail_of_another_organisation_s_account_is_never_sent(office: Office) -> None:
    await office.receive(office.school(), office.family())
    foreign = Office(office.database, office.servers, office.before, address=office.address)
    await foreign.receive(foreign.school(), foreign.record(paid()))
    await office.sender().round(ALL_SLOTS, asyncio.Event())
    (mail,) = await office.mails()
    assert (mail.status, mail.organisation) == ("queued", foreign.organisation)
    assert office.delivered() == []


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


async def test_looking_for_what_is_due_uses_its_index(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))
    query = {"due": {"$gt": "", "$lte": write_instant(utc_now())}, "slot": {"$in": [1, 2, 3]}}
    plan = await office.database[MAILS.name].find(query, {"_id": 1}).sort("due", 1).explain()
    assert "'indexName': 'due'" in str(plan["queryPlanner"]["winningPlan"])
