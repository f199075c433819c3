"""Reminders of session packs: when the day has come, and whether what they say is still so (CRE-10)."""

from datetime import date, timedelta
from typing import Any

import pytest

from carnet.events.catalog import SessionPackDetails
from carnet.events.credits import PackReminded
from credits.packs.domain.reminding import (
    change_reminders,
    comes_to_one,
    ends_soon,
    is_needed,
    remind,
    reminder_id,
    usual,
)
from tests.unit.credits.credits_builders import DAY, ORGANISATION
from tests.unit.credits.packs_builders import LEA, a_pack

LAST = DAY + timedelta(days=90)


def on(days: int) -> date:
    return LAST + timedelta(days=days)


@pytest.mark.parametrize(
    ("fields", "today", "due"),
    [
        ({}, on(-15), False),
        ({}, on(-14), True),
        ({}, on(0), True),
        ({}, on(1), False),
        ({"left": 0}, on(-1), False),
        ({"standing": "removed", "left": 0}, on(-1), False),
        ({"last_day": None}, on(-1), False),
        ({"issued_on": on(-14), "bought_on": on(-14)}, on(-10), False),
        ({"issued_on": on(-15)}, on(-14), True),
    ],
)
def test_cre_10_it_is_time_so_many_days_before_the_last_one_of_a_pack_that_serves(
    fields: dict[str, Any], today: date, due: bool
) -> None:
    pack = a_pack(**{"last_day": LAST, **fields})
    assert ends_soon(pack, 14, today, suspended=False) is due
    assert not ends_soon(pack, 14, today, suspended=True)


def test_cre_10_one_that_starts_at_its_first_use_counts_from_there() -> None:
    details = SessionPackDetails(sessions=10, days=30, starts="first_use")
    used = a_pack(9, details=details, uses=1, days=({"on": DAY, "uses": 1},))
    assert used.expires_on is not None
    assert ends_soon(used, 14, used.expires_on - timedelta(days=14), suspended=False)
    assert not ends_soon(a_pack(details=details), 14, LAST, suspended=False)
    assert not ends_soon(used, 29, used.expires_on - timedelta(days=1), suspended=False), "it began that near"


@pytest.mark.parametrize(("before", "after", "reminds"), [(2, 1, True), (1, 1, False), (0, 1, False), (3, 2, False)])
def test_cre_10_one_session_left_of_several(before: int, after: int, reminds: bool) -> None:
    assert comes_to_one(a_pack(before), a_pack(after)) is reminds
    assert not comes_to_one(a_pack(None), a_pack(None))


def test_cre_10_a_reminder_is_sent_while_what_it_says_is_true() -> None:
    pack = a_pack(1, last_day=LAST, member=LEA)
    decision = remind(pack, "one_left", DAY)
    (event,) = decision.events
    assert isinstance(event, PackReminded)
    assert (event.pack, event.member, event.left, event.expires_on) == (pack.id, LEA, 1, LAST)
    one_left, ending = decision.state, remind(pack, "expires", DAY).state
    moved, used = pack.model_copy(update={"last_day": on(5)}), pack.model_copy(update={"left": 0})
    gone = pack.model_copy(update={"standing": "removed", "left": 0})
    more = pack.model_copy(update={"left": 2})
    for known, needed in ((pack, (True, True)), (moved, (True, False)), (more, (False, True))):
        assert (
            is_needed(known, one_left, LAST, suspended=False),
            is_needed(known, ending, LAST, suspended=False),
        ) == needed
    for known in (used, gone):
        assert not is_needed(known, ending, LAST, suspended=False)
    assert not is_needed(pack, ending, on(1), suspended=False)
    assert not is_needed(pack, one_left, LAST, suspended=True)
    assert reminder_id(pack, "one_left", DAY) == reminder_id(moved, "one_left", DAY)
    assert reminder_id(pack, "one_left", DAY) != reminder_id(pack, "one_left", LAST)
    assert reminder_id(pack, "expires", DAY) == reminder_id(pack, "expires", LAST) != reminder_id(moved, "expires", DAY)


def test_cre_10_settings_that_stay_as_they_are_publish_nothing() -> None:
    settings = usual(ORGANISATION)
    assert change_reminders(settings, 14, 9).events == ()
    (event,) = change_reminders(settings, None, 8).events
    assert (event.days_before, event.hour) == (None, 8)
