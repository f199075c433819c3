"""NOT-3: senders share the mails by claims: one that is killed or stopped loses none and repeats none needlessly."""

import asyncio
from datetime import timedelta

import pytest

from carnet.dates import utc_now, write_instant
from notifications.domain.mails import Mail
from notifications.mailer import Connection, NotAcceptedError
from notifications.sender import MOST_UNSAVED, Outcome, Sender
from notifications.store import DUE_MAILS, MAILS
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import paid
from tests.waits import BOUND


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


async def test_stopping_gives_the_claimed_mails_back(office: Office) -> None:
    await office.receive(office.school(), office.family(), *(office.record(paid(1_000 + n)) for n in range(5)))
    stopping = asyncio.Event()
    stopping.set()
    await office.sender().round(ALL_SLOTS, stopping)
    assert office.delivered() == []
    assert {(mail.status, mail.attempts) for mail in await office.mails()} == {("queued", 0)}
    await office.send_all(office.sender())
    assert len(office.delivered()) == 5


async def test_looking_for_what_is_due_uses_its_index(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(paid()))
    query = {"due": {"$gt": "", "$lte": write_instant(utc_now())}, "slot": {"$in": [1, 2, 3]}}
    plan = await office.database[MAILS.name].find(query, {"_id": 1}).sort("due", 1).explain()
    assert "'indexName': 'due'" in str(plan["queryPlanner"]["winningPlan"])
