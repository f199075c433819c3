"""Ids know when they were made."""

from datetime import UTC, datetime, timedelta

from carnet.ids import made_at, new_id


def test_an_id_tells_when_it_was_made() -> None:
    # The example of RFC 9562.
    assert made_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    before = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= made_at(new_id()) <= datetime.now(UTC) + timedelta(milliseconds=1)
