"""EVT-1: the mail about an opening or change is due once all of it and its schedule are known, in either order."""

import itertools
from collections.abc import Sequence
from datetime import date

import pytest

from carnet.events.base import Event
from carnet.events.payments import ScheduleAdjusted, ScheduleCreated
from carnet.events.subscriptions import (
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionPauseLifted,
    SubscriptionPriceChanged,
)
from notifications.domain.dossiers import Dossier, close, is_whole, with_answer, with_fact
from notifications.mails import (
    contract_changed,
    contract_opened,
    pause_lifted,
    subscription_cancelled,
    subscription_paused,
    subscription_price,
)
from notifications.mails.facts import Facts
from tests.unit.notifications.notification_builders import (
    ACCOUNT,
    CHANGE,
    CONTRACT,
    ORGANISATION,
    added,
    adjusted,
    cancelled,
    changed,
    contract_cancelled,
    created,
    discounted,
    edited,
    opened,
)

Published = tuple[Event, int]


def handle(events: Sequence[Published]) -> tuple[Dossier, list[Facts | None]]:
    dossier: Dossier | None = None
    mails: list[Facts | None] = []
    for event, sequence in events:
        if isinstance(event, ScheduleCreated | ScheduleAdjusted):
            dossier = with_answer(dossier, event, organisation=ORGANISATION, change=CHANGE)
        else:
            dossier = with_fact(dossier, event, organisation=ORGANISATION, change=CHANGE, sequence=sequence)
        if is_whole(dossier):
            dossier, content = close(dossier)
            mails.append(content)
    assert dossier is not None
    return dossier, mails


OPENING: list[Published] = [(opened(54_000, 4), 1), (added("Ballet"), 2), (added("Jazz"), 3), (discounted(6_000), 4)]
CHANGE_FACTS: list[Published] = [
    (cancelled("Ballet", 30_000), 5),
    (edited(30_000, 28_000), 6),
    (added("Tango", 12_000), 7),
    (changed(54_000, 34_000, 8), 8),
]


def interleaved(facts: list[Published], answer: Published) -> list[list[Published]]:
    return [[*facts[:at], answer, *facts[at:]] for at in range(len(facts) + 1)]


@pytest.mark.parametrize("events", interleaved(OPENING, (created(54_000, 4), 0)))
def test_an_opening_is_mailed_once_wherever_its_schedule_comes(events: list[Published]) -> None:
    dossier, mails = handle(events)
    (content,) = mails
    assert isinstance(content, contract_opened.Facts)
    assert [line.name for line in content.lines.added] == ["Ballet", "Jazz"]
    assert content.lines.discounts[0].amount == 6_000
    assert (content.contract, content.total, content.instalments[0].amount) == (CONTRACT, 54_000, 54_000)
    assert dossier.closed


@pytest.mark.parametrize("events", interleaved(CHANGE_FACTS, (adjusted(54_000, 34_000, 8), 0)))
def test_a_change_is_mailed_once_wherever_its_schedule_comes(events: list[Published]) -> None:
    _, mails = handle(events)
    (content,) = mails
    assert isinstance(content, contract_changed.Facts)
    assert [line.name for line in content.lines.added] == ["Tango"]
    assert [line.amount for line in content.lines.cancelled] == [30_000]
    assert [(line.price_before, line.price_after) for line in content.lines.edited] == [(30_000, 28_000)]
    assert (content.total_before, content.total) == (54_000, 34_000)
    assert not content.contract_cancelled


def test_nothing_is_mailed_before_the_last_fact() -> None:
    for known in itertools.accumulate([event] for event in OPENING[:-1]):
        assert handle([(created(54_000, 4), 0), *known])[1] == []


def test_a_closed_dossier_takes_no_more_events_and_keeps_nothing() -> None:
    answer: Published = (created(54_000, 4), 0)
    dossier, mails = handle([*OPENING, answer, *OPENING, answer])
    assert len([mail for mail in mails if mail]) == 1
    assert not dossier.lines
    assert dossier.answer is None


def test_a_whole_contract_cancelled_waits_for_the_event_that_says_so() -> None:
    facts: list[Published] = [(cancelled("Ballet", 30_000), 5), (changed(30_000, 0, 7), 6)]
    assert handle([*facts, (adjusted(30_000, 0, 7), 0)])[1] == []
    _, (content,) = handle([*facts, (adjusted(30_000, 0, 7), 0), (contract_cancelled(), 7)])
    assert isinstance(content, contract_changed.Facts)
    assert content.contract_cancelled


def test_a_change_that_touches_no_product_or_price_is_not_mailed() -> None:
    dossier, mails = handle([(edited(300, 300), 5), (changed(300, 300, 6), 6), (adjusted(300, 300, 6), 0)])
    assert mails == [None]
    assert dossier.closed


def test_a_discount_alone_is_mailed() -> None:
    _, (content,) = handle([(discounted(30), 5), (changed(300, 270, 6), 6), (adjusted(300, 270, 6), 0)])
    assert content is not None
    assert content.kind == "contract_changed"


def test_con_21_no_mail_is_due_when_the_next_period_of_a_subscription_is_billed() -> None:
    period = added("Studio", 4_500)
    period = period.model_copy(update={"purchase": period.purchase.model_copy(update={"period": 4})})
    _, mails = handle([(period, 9), (changed(13_500, 18_000, 10), 10), (adjusted(13_500, 18_000, 10), 0)])
    assert mails == [None]


def test_con_21_the_mail_about_the_opening_of_a_subscription_has_the_days_of_its_periods() -> None:
    period = added("Studio", 4_500)
    days = {"period": 1, "first_day": date(2027, 1, 31), "last_day": date(2027, 2, 27)}
    period = period.model_copy(update={"purchase": period.purchase.model_copy(update=days)})
    _, mails = handle([(opened(4_500, 2), 1), (period, 2), (created(4_500, 2), 0)])
    (content,) = mails
    assert isinstance(content, contract_opened.Facts)
    (line,) = content.lines.added
    assert (line.period, line.first_day, line.last_day) == (1, date(2027, 1, 31), date(2027, 2, 27))


def test_con_17_a_cancelled_subscription_has_one_mail_of_its_own_with_its_last_day_and_fee() -> None:
    published = SubscriptionCancelled(
        contract=CONTRACT, account=ACCOUNT, currency="EUR", effective_on=date(2027, 1, 5), product=CHANGE,
        name="Studio", cancelled_from=date(2027, 2, 11), ends_on=date(2027, 2, 10), by_days=True, fee=2_500,
    )  # fmt: skip
    facts: list[Published] = [
        (cancelled("Studio", 4_500), 9), (added("Fee", 2_500), 10), (published, 11), (changed(9_000, 7_000, 12), 12)
    ]  # fmt: skip
    for events in interleaved(facts, (adjusted(9_000, 7_000, 12), 0)):
        _, mails = handle(events)
        (content,) = mails
        assert isinstance(content, subscription_cancelled.Facts)
        assert (content.name, content.ends_on, content.fee) == ("Studio", date(2027, 2, 10), 2_500)
        assert (content.total_before, content.total) == (9_000, 7_000)


def test_con_18_a_pause_and_its_lifting_each_have_a_mail_of_their_own() -> None:
    about = {
        "contract": CONTRACT, "account": ACCOUNT, "currency": "EUR", "effective_on": date(2027, 7, 1),
        "product": CHANGE, "name": "Studio", "paused_from": date(2027, 8, 1), "period": 5,
    }  # fmt: skip
    pause = SubscriptionPaused(**about, months=1, first_day=date(2027, 8, 15), resumes_on=date(2027, 9, 15))
    lifting = SubscriptionPauseLifted(**about, lifted_on=date(2027, 9, 3), resumes_on=date(2027, 9, 3))
    for published in (pause, lifting):
        facts: list[Published] = [(edited(4_500, 4_500), 9), (published, 10), (changed(9_000, 9_000, 11), 11)]
        for events in interleaved(facts, (adjusted(9_000, 9_000, 11), 0)):
            _, (content,) = handle(events)
            assert isinstance(content, subscription_paused.Facts | pause_lifted.Facts)
            assert (content.name, content.total) == ("Studio", 9_000)
            assert content.resumes_on == published.resumes_on


def test_con_21_a_new_price_of_a_subscription_has_one_mail_of_its_own() -> None:
    published = SubscriptionPriceChanged(
        contract=CONTRACT, account=ACCOUNT, currency="EUR", effective_on=date(2027, 7, 1), product=CHANGE,
        name="Studio", period=3, begins_on=date(2027, 9, 1), price_before=4_500, price_after=4_900,
    )  # fmt: skip
    facts: list[Published] = [(edited(4_500, 4_900), 9), (published, 10), (changed(9_000, 9_400, 11), 11)]
    for events in interleaved(facts, (adjusted(9_000, 9_400, 11), 0)):
        _, (content,) = handle(events)
        assert isinstance(content, subscription_price.Facts)
        assert (content.price_before, content.price_after, content.begins_on) == (4_500, 4_900, date(2027, 9, 1))
