"""PAY-5, NOT-1, CON-27 on the real servers: what staff moves is one mail, whatever is redelivered or restarted."""

import asyncio
from datetime import date
from typing import Any

from carnet.dates import utc_now
from carnet.events.contracts import ContractOpened
from carnet.events.payments import Instalment, ScheduleAdjusted
from carnet.ids import new_id
from notifications.domain.bursts import QUIET
from notifications.store import BURSTS, MAILS
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import collected
from tests.unit.notifications import money_events
from tests.unit.notifications.notification_builders import CHANGE, added, adjusted, balance, created, opened

FEBRUARY, MARCH = (Instalment(id=new_id(), due=date(2027, month, 5), amount=27_000) for month in (2, 3))
LATER = FEBRUARY.model_copy(update={"due": date(2027, 2, 20)})
LESS = MARCH.model_copy(update={"amount": 20_000})


def move(before: tuple[Instalment, ...], after: tuple[Instalment, ...]) -> ScheduleAdjusted:
    moved: dict[str, Any] = {
        "instalments_before": before,
        "instalments": after,
        "balance_before": balance(54_000),
        "balance": balance(54_000),
    }
    return adjusted(54_000, 54_000, 4, change=None).model_copy(update=moved)


async def test_pay_5_several_edits_are_one_mail_whatever_is_delivered_again(office: Office) -> None:
    edits = [
        office.record(move((FEBRUARY, MARCH), (LATER, MARCH))),
        office.record(move((LATER, MARCH), (LATER, LESS))),
    ]
    received = utc_now()
    await office.receive(office.school(), office.family(), *edits, *edits)
    # Not before the quiet period is over, whichever worker looks.
    assert await office.sender().round(ALL_SLOTS, asyncio.Event()) == 0
    (waiting,) = await office.mails()
    assert waiting.due is not None
    assert waiting.due >= received + QUIET
    await office.make_due()
    await office.send_all(office.sender())
    await office.receive(*edits)
    (mail,) = office.delivered()
    assert mail.subject == "Your upcoming payments have changed"
    assert mail.text is not None
    assert "5 February 2027: €270.00  20 February 2027: €270.00" in mail.text
    assert "5 March 2027: €270.00     5 March 2027: €200.00" in mail.text
    # What is moved later is another mail.
    await office.receive(office.record(move((LATER, LESS), (LATER,))))
    await office.make_due()
    await office.send_all(office.sender())
    assert [mail.subject for mail in office.delivered()] == ["Your upcoming payments have changed"] * 2


async def test_pay_5_what_is_put_back_makes_no_mail(office: Office) -> None:
    await office.receive(
        office.school(),
        office.family(),
        office.record(move((FEBRUARY,), (LATER,))),
        office.record(move((LATER,), (FEBRUARY,))),
    )
    assert await office.mails() == []
    assert await office.database[MAILS.name].count_documents({}) == 0
    assert await office.database[BURSTS.name].count_documents({}) == 1


async def test_pay_5_another_event_of_the_schedule_sends_the_mail_at_once(office: Office) -> None:
    await office.receive(office.school(), office.family(), office.record(move((FEBRUARY,), (LATER,))))
    assert await office.sender().round(ALL_SLOTS, asyncio.Event()) == 0
    await office.receive(office.record(collected()))
    await office.send_all(office.sender())
    assert sorted(mail.subject for mail in office.delivered()) == [
        "We received your payment of €180.00",
        "Your upcoming payments have changed",
    ]


async def test_con_27_mails_name_contract_and_account_by_their_number(office: Office) -> None:
    opening = opened(54_000, 2).model_copy(update={"number": "2027-0042"})
    assert isinstance(opening, ContractOpened)
    facts = [office.record(fact, change=CHANGE) for fact in (opening, added("Ballet"))]
    answer = office.record(created(54_000, 2), change=CHANGE)
    await office.receive(office.school(), office.family(number="2027-0007"), *facts, answer, office.record(collected()))
    await office.send_all(office.sender())
    mails = office.delivered()
    assert len(mails) == 2
    for mail in mails:
        assert mail.text is not None
        assert mail.text.rstrip().endswith("Contract 2027-0042, account 2027-0007")


async def test_not_1_support_receives_a_mail_about_money_that_is_lost(office: Office) -> None:
    await office.receive(
        office.school(), office.family(), office.record(money_events.reversed_("chargeback", beyond=5_000))
    )
    await office.send_all(office.sender())
    subjects = {mail.recipient: mail.subject.replace("\u00a0", " ") for mail in office.delivered()}
    assert subjects[office.support] == "Somme reprise au-delà d'un contrat : 50,00 €"
    assert subjects[office.address] == "Your payment of €180.00 was returned"
