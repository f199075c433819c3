"""Timed work asks for many organisations at once, by the day on each one's clock (MON-5)."""

from datetime import UTC, date, datetime, timedelta

from carnet.events.catalog import Contact
from carnet.organisations import Organisation, by_day

EVENING = datetime(2027, 1, 5, 23, 30, tzinfo=UTC)


def organisation(name: str, time_zone: str, *, clock_ahead: int = 0, notice: int | None = None) -> Organisation:
    return Organisation(
        id=name,
        organisation=name,
        name=name,
        currency="EUR",
        time_zone=time_zone,
        languages=("en",),
        contact=Contact(),
        support_email="school@example.org",
        mode="test",
        clock_ahead=clock_ahead,
        renewal_notice_days=notice,
    )


def test_mon_5_organisations_are_gathered_by_the_date_that_each_has() -> None:
    paris, berlin = organisation("paris", "Europe/Paris"), organisation("berlin", "Europe/Berlin")
    lisbon = organisation("lisbon", "Europe/Lisbon")
    ahead = organisation("ahead", "Europe/Lisbon", clock_ahead=86_400)
    assert by_day([paris, lisbon, ahead, berlin], lambda each: each.today(EVENING)) == {
        date(2027, 1, 5): ["lisbon"],
        date(2027, 1, 6): ["paris", "ahead", "berlin"],
    }


def test_an_organisation_without_such_a_day_is_left_out() -> None:
    def announced_until(each: Organisation) -> date | None:
        days = each.renewal_notice_days
        return None if days is None else each.today(EVENING) + timedelta(days=days)

    soon, never = organisation("soon", "UTC", notice=0), organisation("never", "UTC")
    assert by_day([never, soon], announced_until) == {date(2027, 1, 5): ["soon"]}
    assert by_day([never], announced_until) == {}
