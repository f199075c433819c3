"""The notice of a renewal is not sent where the subscription was cancelled or paused meanwhile (CON-21)."""

from datetime import date

import pytest

from carnet.events.base import Event
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import lifted_from, on_pause, renews, unsubscribed

RENEWS_ON = date(2027, 3, 5)


@pytest.mark.parametrize(
    "after", [None, unsubscribed(date(2027, 6, 1)), on_pause(14)], ids=["nothing", "cancelled", "paused"]
)
async def test_con_21_a_renewal_is_announced_by_a_mail(office: Office, after: Event | None) -> None:
    events = [office.record(each) for each in (renews(), after) if each is not None]
    await office.receive(office.school(), office.family(language="fr"), *events)
    await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject.startswith("Votre abonnement « Studio » se renouvelle le 5 mars 2027")
    assert "45,00" in (delivered.text or "")


@pytest.mark.parametrize(
    "after", [unsubscribed(RENEWS_ON), on_pause(13), lifted_from(13)], ids=["cancelled", "paused", "lifted"]
)
async def test_con_21_it_is_dropped_where_it_does_not_take_place_any_more_when_it_is_sent(
    office: Office, after: Event
) -> None:
    await office.receive(office.school(), office.family(), office.record(renews()), office.record(after))
    await office.send_all(office.sender())
    assert office.delivered() == []
    assert [mail.status for mail in await office.mails()] == ["dropped"]


async def test_con_21_it_is_announced_again_for_its_new_day(office: Office) -> None:
    moved = renews().model_copy(update={"renews_on": date(2027, 6, 5)})
    events = [office.record(each) for each in (renews(), on_pause(13), moved)]
    await office.receive(office.school(), office.family(language="fr"), *events)
    await office.send_all(office.sender())
    assert [mail.status for mail in await office.mails()] == ["dropped", "sent"]
