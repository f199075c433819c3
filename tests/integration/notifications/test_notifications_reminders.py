"""A reminder says what payments says when it is sent, and does not go where nothing is due any more (PAY-10)."""

import json
from typing import Any

import pytest

from carnet.ids import new_id
from carnet.links import Paper
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import DEBT, reminded, reminders_ended
from tests.integration.notifications.test_notifications_papers import shelf
from tests.links import LINKS
from tests.unit.notifications.notification_builders import ACCOUNT


def due_now(amount: int = 7_000, *, needed: bool = True, text: str = "") -> bytes:
    debt = {**DEBT.model_dump(mode="json"), "amount": {"amount": amount, "currency": "EUR"}}
    body: dict[str, Any] = {"on": "2027-01-06", "stopped": False, "needed": needed, "text_en": "", "text_fr": text}
    return json.dumps({**body, "debts": [debt] if amount else []}).encode()


@pytest.mark.parametrize("text", ["", "Passez nous voir !\n\n**À** <bientôt> {{ client.name }}"])
async def test_pay_10_a_reminder_shows_what_is_due_when_it_is_sent(office: Office, text: str) -> None:
    reminder = new_id()
    with shelf((503, b"{}"), (200, due_now(text=text))) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language="fr"), office.record(reminded(reminder)))
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject.startswith("Rappel de paiement : 70,00")
    words = delivered.text or ""
    assert "70,00" in words
    assert "120,00" not in words
    assert all(line in words for line in text.split("\n\n"))
    links = {path.removeprefix("/v1/reminder-links/") for path in kept.asked}
    assert {LINKS.read(link) for link in links} == {Paper("reminder", office.organisation, (ACCOUNT, reminder), "fr")}
    assert f"https://carnet.example/payments/v1/reminder-links/{kept.asked[-1].rpartition('/')[2]}" in words
    (mail,) = await office.mails()
    assert (mail.status, mail.reason) == ("sent", None)


@pytest.mark.parametrize(("kind", "said"), [("order", True), ("late", False)])
async def test_not_4_the_code_of_an_offer_is_in_the_mail_while_the_order_is_unpaid(
    office: Office, kind: str, said: bool
) -> None:
    body = json.loads(due_now()) | {"code": "RENTREE10"}
    body["debts"][0]["kind"] = kind
    with shelf((200, json.dumps(body).encode())) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language="fr"), office.record(reminded(new_id())))
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert ("RENTREE10" in (delivered.text or "")) is said


async def test_pay_10_a_reminder_of_what_was_paid_meanwhile_is_dropped_and_one_to_staff_goes(office: Office) -> None:
    with shelf((200, due_now(0, needed=False))) as kept:
        office.payments_url = kept.url
        events = (office.record(reminded(new_id())), office.record(reminders_ended()))
        await office.receive(office.school(), office.family(), *events)
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject.startswith("Toujours impayé après tous les rappels")
    assert {mail.kind: mail.status for mail in await office.mails()} == {
        "payment_reminder": "dropped",
        "reminders_ended": "sent",
    }
    assert "EmailDropped" in {row["type"].split(".")[2] async for row in office.database["journal"].find()}


@pytest.mark.parametrize("stopped", [False, True])
async def test_not_4_the_mail_to_staff_has_what_is_late_and_what_is_on_no_date(office: Office, stopped: bool) -> None:
    order = DEBT.model_copy(update={"kind": "order", "instalment": None, "amount": 3_000, "number": "2027-0063"})
    await office.receive(office.school(), office.family(), office.record(reminders_ended(DEBT, order, stopped=stopped)))
    await office.send_all(office.sender())
    (delivered,) = office.delivered()
    words = delivered.text or ""
    assert f"{(DEBT.amount + 3_000) // 100},00" in delivered.subject, "the subject sums up both"
    assert "Sans date depuis le" in words
    assert "2027-0063" in words
    assert ("ne souhaite plus recevoir de rappels" in words) is stopped
    assert ("a reçu tous les rappels" in words) is not stopped
