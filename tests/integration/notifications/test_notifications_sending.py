"""NOT-1, EVT-1: one mail per event that is due one, to the right address, in its language and in either order."""

import asyncio
import itertools
from datetime import date
from typing import Any

import pytest

from carnet.dates import local_in, utc_now
from carnet.decisions import Context
from carnet.events.payments import CollectionCalendarChanged
from carnet.ids import new_id
from carnet.mongo import Unit
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import collected, granted, paid, refund_line
from tests.records import Given
from tests.unit.notifications import money_events
from tests.unit.notifications.notification_builders import CHANGE, added, adjusted, cancelled, changed, created, opened


def opening(office: Office) -> list[Given]:
    facts = [opened(54_000, 3), added("Ballet"), added("Jazz")]
    return [office.record(fact, change=CHANGE) for fact in facts]


async def test_mon_5_what_became_of_a_mail_is_decided_on_the_day_of_its_organisation(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []
    decide = Unit.decide

    def noted(unit: Unit, collection: Any, decision: Any, context: Context) -> Any:
        days.append(context.today)
        return decide(unit, collection, decision, context)

    monkeypatch.setattr(Unit, "decide", noted)
    await office.receive(office.school(clock_ahead=40 * 86_400), office.family(), office.record(paid()))
    earliest = utc_now()
    await office.send_all(office.sender())
    (day,) = days
    assert local_in("Europe/Paris", earliest, 40 * 86_400).date() <= day
    assert day <= local_in("Europe/Paris", utc_now(), 40 * 86_400).date()


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


async def test_a_mail_of_another_organisation_s_account_is_never_sent(office: Office) -> None:
    await office.receive(office.school(), office.family())
    foreign = Office(office.database, office.servers, office.before, address=office.address)
    await foreign.receive(foreign.school(), foreign.record(paid()))
    await office.sender().round(ALL_SLOTS, asyncio.Event())
    (mail,) = await office.mails()
    assert (mail.status, mail.organisation) == ("queued", foreign.organisation)
    assert office.delivered() == []
