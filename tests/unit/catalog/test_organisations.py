"""An organisation's profile and clock (ORG-5, MON-1, MON-5)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from carnet.decisions import Actor, Context
from carnet.ids import new_id
from carnet.refusals import Refusal
from catalog.domain.organisations import Organisation, WriteOrganisation, move_clock, write_organisation

ORGANISATION = new_id()
NOW = datetime(2027, 1, 10, 9, 30, tzinfo=UTC)
CONTEXT = Context(NOW, date(2027, 1, 10), Actor("user", "u1"), new_id(), new_id)
PROFILE: dict[str, Any] = {
    "name": "École de danse",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "languages": ["fr", "en"],
    "contact": {"email": "bonjour@example.org", "website": "https://example.org/"},
    "support_email": "support@example.org",
    "mode": "test",
}


def written(**changes: Any) -> WriteOrganisation:
    return WriteOrganisation.model_validate(PROFILE | changes)


def organisation(**changes: Any) -> Organisation:
    return write_organisation(None, written(**changes), ORGANISATION).state


def test_it_is_set_up_under_its_own_id_and_published_whole() -> None:
    decision = write_organisation(None, written(), ORGANISATION)

    assert decision.state.id == decision.state.organisation == ORGANISATION
    [event] = decision.events
    assert event.model_dump(mode="json") == PROFILE | {
        "organisation": ORGANISATION,
        "contact": {**PROFILE["contact"], "phone": None, "address": None},
        "clock_ahead": 0,
        "access_late_days": None,
        "renewal_notice_days": None,
    }


def test_the_profile_changes_and_is_published_whole() -> None:
    moved = move_clock(organisation(), NOW + timedelta(days=3), CONTEXT).state
    decision = write_organisation(moved, written(name="Studio", languages=["fr"]), ORGANISATION)

    [event] = decision.events
    assert (event.model_dump()["name"], event.model_dump()["clock_ahead"]) == ("Studio", 3 * 86_400)


def test_writing_the_same_again_publishes_nothing() -> None:
    assert write_organisation(organisation(), written(), ORGANISATION).events == ()


@pytest.mark.parametrize(
    ("change", "slug", "rule"),
    [({"currency": "CHF"}, "currency-is-for-ever", "MON-1"), ({"mode": "live"}, "mode-is-for-ever", "ORG-5")],
)
def test_currency_and_mode_are_for_ever(change: dict[str, str], slug: str, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        write_organisation(organisation(), written(**change), ORGANISATION)
    assert (refused.value.slug, refused.value.rule) == (slug, rule)


def test_the_clock_of_a_test_organisation_moves_forward_and_goes_on_ticking() -> None:
    target = datetime(2027, 3, 1, tzinfo=UTC)
    decision = move_clock(organisation(), target, CONTEXT)

    assert decision.state.clock(NOW) == target
    assert decision.state.clock(NOW + timedelta(hours=1)) == target + timedelta(hours=1)
    assert decision.events[0].model_dump()["clock_ahead"] == decision.state.clock_ahead


def test_the_clock_never_shows_an_instant_before_the_one_asked_for() -> None:
    target = NOW + timedelta(seconds=10, microseconds=1)
    assert move_clock(organisation(), target, CONTEXT).state.clock(NOW) >= target


def test_the_clock_moved_to_where_it_is_publishes_nothing() -> None:
    moved = move_clock(organisation(), NOW + timedelta(days=1), CONTEXT).state
    assert move_clock(moved, NOW + timedelta(days=1), CONTEXT).events == ()


@pytest.mark.parametrize(
    ("mode", "to", "slug"),
    [
        ("live", NOW + timedelta(days=1), "live-organisation-has-no-clock"),
        ("test", NOW - timedelta(seconds=1), "clock-moves-forward-only"),
        ("test", NOW + timedelta(days=1), "clock-moves-forward-only"),
        ("test", datetime.max.replace(tzinfo=UTC), "clock-too-far-ahead"),
    ],
)
def test_no_other_move_of_the_clock(mode: str, to: datetime, slug: str) -> None:
    before = organisation(mode=mode).model_copy(update={"clock_ahead": 0 if mode == "live" else 2 * 86_400})
    with pytest.raises(Refusal) as refused:
        move_clock(before, to, CONTEXT)
    assert (refused.value.slug, refused.value.rule) == (slug, "ORG-5")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "two\nlines"),
        ("name", "x" * 121),
        ("name", "\ud800"),
        ("currency", "eur"),
        ("time_zone", "Paris"),
        ("languages", []),
        ("languages", ["fr", "fr"]),
        ("languages", ["de"]),
        ("support_email", "nobody"),
        ("support_email", "a@b"),
        ("contact", {"website": "javascript:alert(1)"}),
        ("contact", {"phone": "call me"}),
        ("contact", {"fax": "1"}),
        ("mode", "demo"),
        ("clock_ahead", 5),
    ],
)
def test_a_profile_that_cannot_be_is_refused_naming_the_field_and_not_repeating_it(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        written(**{field: value})
    assert refused.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize("code", ["EUR", "CHF", "XOF"])
def test_mon_1_a_currency_is_one_of_iso_4217(code: str) -> None:
    assert written(currency=code).currency == code


@pytest.mark.parametrize("code", ["EUX", "QQQ", "eur"])
def test_mon_1_a_code_that_no_currency_has_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        written(currency=code)


def test_a_new_profile_keeps_the_fields_of_a_newer_release() -> None:
    before = organisation().model_dump()
    newer = Organisation.model_validate({**before, "newer": 1, "contact": {**before["contact"], "newer": 2}})
    after = write_organisation(newer, written(name="Studio"), ORGANISATION).state.model_dump()
    assert (after["name"], after["newer"], after["contact"]["newer"]) == ("Studio", 1, 2)
