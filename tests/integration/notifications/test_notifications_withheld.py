"""Families are informed that access is withheld for late payment, with what is late, and that it is open (CON-20)."""

import json

import pytest

from carnet.links import Paper
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import DEBT, given_back, withheld
from tests.integration.notifications.test_notifications_papers import shelf
from tests.links import LINKS
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT


def late_now(*amounts: int, collected: bool = False, **more: object) -> bytes:
    debts = [
        {
            **DEBT.model_dump(mode="json"),
            "collected": collected,
            "amount": {"amount": amount, "currency": "EUR"},
            **more,
        }
        for amount in amounts
    ]
    return json.dumps({"on": "2027-01-20", "debts": debts}).encode()


@pytest.mark.parametrize("collected", [False, True])
async def test_con_20_the_mail_names_what_is_late_when_it_is_sent_and_how_to_pay(
    office: Office, *, collected: bool
) -> None:
    event = office.record(withheld())
    with shelf((503, b"{}"), (200, late_now(7_000, 4_500, collected=collected))) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language="fr"), event, event)
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject.startswith("Un paiement est en retard : l'accès en ligne est fermé")
    words = (delivered.text or "").replace("\u00a0", " ").replace("\u202f", " ")
    assert "Harmony online" in words
    assert "70,00 €" in words
    assert "45,00 €" in words
    assert ("Merci de nous régler 115,00 €" in words) is not collected
    assert ("nous l'encaisserons nous-mêmes" in words) is collected
    assert "moyen de paiement" not in words
    links = {path.removeprefix("/v1/late-links/") for path in kept.asked}
    assert {LINKS.read(link) for link in links} == {Paper("late", office.organisation, (ACCOUNT, CONTRACT), "fr")}


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_con_20_without_a_payment_method_the_family_is_asked_for_one_or_to_pay(
    office: Office, language: str
) -> None:
    with shelf((200, late_now(7_000, 4_500, without_method=True))) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language=language), office.record(withheld()))
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    words = (delivered.text or "").replace("\u00a0", " ").replace("\u202f", " ")
    said = {
        "fr": ("aucun moyen de paiement sur votre compte", "nous encaisserons alors 115,00 €", "nous régler 115,00 €"),
        "en": ("no payment method on your account", "we then collect €115.00", "pay us €115.00"),
    }
    for each in said[language]:
        assert each in words
    assert "nous-mêmes" not in words
    assert "we will collect it" not in words


async def test_con_20_nothing_goes_where_it_was_paid_meanwhile(office: Office) -> None:
    with shelf((200, late_now())) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(), office.record(withheld()))
        await office.send_all(office.sender())
    assert office.delivered() == []
    assert [mail.status for mail in await office.mails()] == ["dropped"]


async def test_con_20_only_the_mail_of_what_was_given_back_goes_if_that_was_before_the_other_was_sent(
    office: Office,
) -> None:
    events = (office.record(withheld()), office.record(given_back()))
    await office.receive(office.school(), office.family(language="fr"), *events)
    await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject.startswith("L'accès en ligne est rouvert")
    assert "Harmony online" in (delivered.text or "")
    assert {mail.kind: mail.status for mail in await office.mails()} == {
        "access_withheld": "dropped",
        "access_given_back": "sent",
    }


async def test_con_20_no_mail_says_that_it_is_open_again_once_it_is_withheld_again(office: Office) -> None:
    with shelf((200, late_now(7_000))) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(), office.record(withheld()))
        await office.send_all(office.sender())
        await office.receive(office.record(given_back()), office.record(withheld()))
        await office.send_all(office.sender())
    found = sorted((mail.kind, mail.status) for mail in await office.mails())
    assert found == [("access_given_back", "dropped"), ("access_withheld", "sent"), ("access_withheld", "sent")]
