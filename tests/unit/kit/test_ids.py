"""Ids know when they were made."""

from datetime import UTC, datetime, timedelta

import pytest

from carnet.ids import made_at, made_within, new_id


def test_an_id_contains_the_time_at_which_it_was_made() -> None:
    # The example of RFC 9562.
    assert made_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    before = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= made_at(new_id()) <= datetime.now(UTC) + timedelta(milliseconds=1)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("ago", "young"), [(0, True), (59, True), (61, False), (-59, True), (-61, False)])
def test_the_age_of_an_id_is_read_from_it_on_clocks_that_differ(ago: int, young: bool) -> None:
    made = new_id()
    assert made_within(made, MINUTE, made_at(made) + timedelta(seconds=ago)) is young


@pytest.mark.parametrize("other", ["", "None", "stripe", "0b6f4f3c-8a3e-4d0e-9f5e-1f1f6f1c2a55"])
def test_what_is_no_uuid_of_version_7_has_no_age(other: str) -> None:
    assert not made_within(other, MINUTE, datetime.now(UTC))
