"""The names that the follow-up is sorted and searched by (PAY-9, ORG-4)."""

from carnet.events.contracts import AccountPersonal, MemberPersonal
from payments.accounts.domain import Account, Names, people_of
from payments.follow_up.domain import NEVER, FollowUp
from tests.unit.payments.payments_builders import a_schedule, an_id, an_instalment


def people(*names: tuple[str, str]) -> AccountPersonal:
    return AccountPersonal(
        members=tuple(
            MemberPersonal(id=an_id(number), first_name=first, last_name=last)
            for number, (first, last) in enumerate(names)
        )
    )


def test_the_owner_is_sorted_by_last_name_and_everybody_is_found() -> None:
    names = Names.of(an_id(1), people(("Noé", "Martin"), ("Inès", "Le Œuvrard")))
    assert (names.owner, names.sorted_by) == ("Inès Le Œuvrard", "le oeuvrard ines")
    assert names.members == ("Noé Martin", "Inès Le Œuvrard")
    assert names.words == ("noe", "martin", "ines", "le", "oeuvrard")


def test_org_4_nothing_is_left_of_erased_people() -> None:
    assert Names.of(an_id(1), None) == Names()
    assert Names.of(an_id(0), people(("", ""))) == Names()


def test_org_4_whom_an_older_release_has_erased_is_called_nothing() -> None:
    """It takes the person out of the names, and keeps the names by their ids, which it does not know."""
    known = people_of(people(("Noé", "Martin"), ("Inès", "Martin")))
    names = Names.of(an_id(1), people(("", ""), ("Inès", "Martin")))
    account = Account(id=an_id(9), organisation=an_id(8), names=names, people=known)
    assert account.called == {an_id(1): "Inès Martin"}


def test_an_owner_who_is_not_among_the_members_is_nobody() -> None:
    assert Names.of(an_id(7), people(("Noé", "Martin"))).owner is None


def test_a_row_says_what_is_due_and_when_next() -> None:
    schedule = a_schedule(an_instalment(1, "2026-12-05", 1000), unscheduled=50, paid=10)
    row = FollowUp.of(schedule, Names())
    assert (row.due, row.paid, row.open, row.fully_paid) == (1050, 10, True, False)
    assert row.next_due.isoformat() == "2026-12-05"


def test_a_row_with_nothing_planned_comes_last_by_date() -> None:
    row = FollowUp.of(a_schedule(paid=10), Names())
    assert (row.next_due, row.open, row.fully_paid) == (NEVER, False, True)
    assert row.late_since(NEVER.replace(year=9998)) is None


def test_a_contract_without_a_live_line_is_neither_open_nor_paid() -> None:
    row = FollowUp.of(a_schedule(live_lines=0), Names())
    assert (row.open, row.fully_paid) == (False, False)
