"""Payment methods of an account (PAY-12) and the calendar by which an organisation collects (PAY-6, PAY-11)."""

from datetime import date, datetime

import pytest

from carnet.events import payments as published
from carnet.refusals import Refusal
from payments.collection.domain.calendars import CollectionCalendar, ask_to_collect, change_calendar, collected_until
from payments.payment_methods.domain import (
    MOST_METHODS,
    PaymentMethod,
    PaymentMethods,
    add_method,
    prefer_method,
    remove_method,
)
from payments.schedules.domain.upcoming import change_date, change_method
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    ORGANISATION,
    TODAY,
    a_context,
    a_schedule,
    an_id,
    an_instalment,
)

CONTEXT = a_context()
NONE_YET = PaymentMethods(id=ACCOUNT, organisation=ORGANISATION)
CALENDAR = CollectionCalendar(id=ORGANISATION, organisation=ORGANISATION)


def a_method(number: int, token: str | None = None, label: str | None = None) -> PaymentMethod:
    return PaymentMethod(
        id=an_id(number),
        provider="sandbox",
        kind="card",
        token=token or f"tok_{number}",
        label=label,
        added_at=CONTEXT.now,
    )


def having(*numbers: int) -> PaymentMethods:
    methods = NONE_YET
    for number in numbers:
        methods = add_method(methods, a_method(number), prefer=False).state
    return methods


def test_pay_12_the_first_method_is_the_default_one_and_a_later_one_where_it_is_preferred() -> None:
    first = add_method(NONE_YET, a_method(1), prefer=False)
    (event,) = first.events
    assert isinstance(event, published.PaymentMethodAdded)
    assert (event.method, event.default, first.state.preferred) == (an_id(1), True, a_method(1))
    second = add_method(first.state, a_method(2), prefer=False)
    assert (second.state.default, second.events[0].default) == (an_id(1), False)
    third = add_method(second.state, a_method(3), prefer=True)
    assert (third.state.default, third.events[0].default) == (an_id(3), True)
    assert "tok_" not in "".join(event.model_dump_json() for event in third.events)


def test_pay_12_another_method_is_preferred_once() -> None:
    preferred = prefer_method(having(1, 2), an_id(2))
    assert preferred.state.default == an_id(2)
    assert preferred.events == (published.PaymentMethodPreferred(account=ACCOUNT, method=an_id(2)),)
    assert prefer_method(preferred.state, an_id(2)).events == ()
    with pytest.raises(Refusal, match="no payment method"):
        prefer_method(NONE_YET, an_id(2))


def test_pay_12_when_the_default_method_goes_the_one_added_last_is_it() -> None:
    removed = remove_method(having(1, 2, 3), an_id(1))
    assert removed.state.default == an_id(3)
    assert removed.events == (published.PaymentMethodRemoved(account=ACCOUNT, method=an_id(1), default=an_id(3)),)
    assert remove_method(removed.state, an_id(2)).state.default == an_id(3)
    last = remove_method(having(1), an_id(1))
    assert (last.state.preferred, last.state.default) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242 12/27 123",
        "Visa 4242.4242.4242.4242",
        "tok 378282246310005",
        "４２４２ ４２４２ ４２４２ ４２４２",
        "01a21584-cb16-76d3-80f7-4bbe3081cb3f 4242 4242 4242 4242",
    ],
)
def test_pay_12_what_looks_like_a_cards_number_is_refused(text: str) -> None:
    for method in (a_method(1, token=text), a_method(1, label=text)):
        with pytest.raises(Refusal) as refused:
            add_method(NONE_YET, method, prefer=False)
        assert refused.value.slug == "card-data-refused"
        assert "4242" not in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "tok_success",
        "Visa •••• 4242",
        "pm_1N3T00LkdIwHu7ixt44h1h8k",
        "4242424242424241",
        "0f9a21b4-cb16-7388-847d-424242424242",
        "mandate_0F9A21B4-4242-4242-4242-4242CB167388",
    ],
)
def test_pay_12_tokens_and_short_labels_are_taken(text: str) -> None:
    assert add_method(NONE_YET, a_method(1, token=text, label=text), prefer=False).state.preferred is not None


def test_pay_12_an_account_has_each_method_once_and_a_bounded_number() -> None:
    with pytest.raises(Refusal, match="already"):
        add_method(having(1), a_method(2, token="tok_1"), prefer=False)
    with pytest.raises(Refusal, match="at most"):
        add_method(having(*range(MOST_METHODS)), a_method(99), prefer=False)


@pytest.mark.parametrize(
    ("hour", "asked_on", "until"),
    [(5, None, date(2026, 11, 20)), (6, None, TODAY), (5, TODAY, TODAY), (5, date(2026, 11, 20), date(2026, 11, 20))],
)
def test_pay_11_what_is_due_today_is_collected_from_the_hour_on_or_when_asked_for(
    hour: int, asked_on: date | None, until: date
) -> None:
    calendar = CALENDAR.model_copy(update={"asked_on": asked_on})
    assert collected_until(calendar, datetime(2026, 11, 21, hour, 59)) == until  # noqa: DTZ001 # a clock on a wall


def test_pay_11_where_nothing_is_collected_by_itself_it_is_when_asked_for() -> None:
    by_hand = change_calendar(CALENDAR, None, (3,)).state
    noon = datetime(2026, 11, 21, 12)  # noqa: DTZ001 # a clock on a wall
    assert collected_until(by_hand, noon) is None
    assert collected_until(ask_to_collect(by_hand, CONTEXT).state, noon) == TODAY


def test_pay_6_the_calendar_says_when_it_is_tried_again_and_when_no_more() -> None:
    tries = [CALENDAR.next_try(number, TODAY) for number in (1, 2, 3)]
    assert tries == [date(2026, 11, 24), date(2026, 11, 28), None]
    changed = change_calendar(CALENDAR, 8, (1,))
    assert changed.events == (published.CollectionCalendarChanged(hour=8, retry_after=(1,)),)
    assert change_calendar(changed.state, 8, (1,)).events == ()
    assert changed.state.next_try(2, TODAY) is None


def test_pay_6_asking_to_collect_is_published_once_a_day() -> None:
    asked = ask_to_collect(CALENDAR, CONTEXT)
    assert asked.events == (published.CollectionAsked(on=TODAY),)
    assert ask_to_collect(asked.state, CONTEXT).events == ()


def test_pay_5_another_date_or_method_makes_an_instalment_as_one_never_attempted() -> None:
    tried = an_instalment(1, "2026-11-05", 900).model_copy(
        update={"tries": 3, "gave_up": True, "waits_for_method": True, "next_try": date(2026, 11, 9)}
    )
    schedule = a_schedule(tried)
    for moved in (
        change_date(schedule, tried.id, date(2026, 12, 1), CONTEXT),
        change_method(schedule, tried.id, "transfer"),
    ):
        (instalment,) = moved.instalments
        assert (instalment.tries, instalment.next_try, instalment.gave_up, instalment.waits_for_method) == (
            0,
            None,
            False,
            False,
        )
    assert change_date(schedule, tried.id, date(2026, 12, 1), CONTEXT).collect_on == date(2026, 12, 1)
