"""What the people of an account are registered for on a day: memberships, passes, activities to come (CON-14)."""

from datetime import date, timedelta

import pytest

from carnet.events.catalog import CourseDetails, MembershipDetails, Occurrence, SessionPackDetails
from carnet.events.contracts import AtOnce
from contracts.accounts.domain import Member
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.packs import KnownPack
from contracts.contracts.domain.products import Product
from contracts.contracts.domain.registrations import Registered, activities_of, registrations
from contracts.contracts.domain.subscriptions import Cancelling, cancel_subscription
from tests.unit.contracts.contract_builders import (
    ADA,
    BEN,
    BOOK,
    CAL,
    JAZZ,
    MEMBERSHIP,
    ORGANISATION,
    TODAY,
    a_context,
    a_product,
    an_offer,
    buying,
    changing,
    kept,
    line_of,
    opened,
)
from tests.unit.contracts.test_subscriptions import MONTHLY as FOR_A_MEMBER
from tests.unit.contracts.test_subscriptions import sold as subscribed

ANNA, EVE = "anna", "eve"
MEMBERS = (
    Member(id=BEN, kind="child", first_name="Ben"),
    Member(id=EVE, kind="child", first_name="Ève"),
    Member(id=ADA, kind="adult", first_name="ada"),
    Member(id=CAL, kind="contact", first_name="Cal"),
    Member(id=ANNA, kind="child", erased=True),
)
MONDAYS = tuple(
    Occurrence(on=TODAY + timedelta(weeks=n), starts=starts, ends="20:00")
    for n, starts in ((2, "18:00"), (0, "19:00"), (1, "18:00"), (1, "10:00"))
)
DATED = a_product(401, CourseDetails(occurrences=MONDAYS), participant=True)
PACK = a_product(402, SessionPackDetails(sessions=5), participant=False)
FIRST_USE = a_product(403, SessionPackDetails(sessions=5, days=30, starts="first_use"), participant=True)
UNLIMITED = a_product(404, SessionPackDetails(months=1), participant=True)
FOR_EVER = a_product(405, MembershipDetails(), participant=True)


def one(*products: Product, participant: str = BEN) -> Contract:
    add = tuple(buying(each, participant=participant if each.participant else None) for each in products)
    command = Opening(mode="online", sale=AtOnce(), currency="EUR", add=add)
    return kept(open_contract(command, an_offer(*products), a_context()))


def shown(*contracts: Contract, today: date = TODAY, packs: tuple[KnownPack, ...] = ()) -> list[Registered]:
    products = {each.id: each for each in (DATED, JAZZ)}
    return registrations(contracts, MEMBERS, {each.id: each for each in packs}, products, today)


def of_ben(*contracts: Contract, today: date = TODAY, packs: tuple[KnownPack, ...] = ()) -> Registered:
    everybody = shown(*contracts, today=today, packs=packs)
    return next(each for each in everybody if each.member is not None and each.member.id == BEN)


def left(contract: Contract, product: Product, left: int | None, expires_on: date | None = None) -> KnownPack:
    return KnownPack(
        id=line_of(contract, product),
        organisation=ORGANISATION,
        version=2,
        contract=contract.id,
        left=left,
        expires_on=expires_on,
    )


def test_con_14_the_family_is_first_then_each_member_by_first_name_without_contacts_and_erased_people() -> None:
    found = [each.member.first_name if each.member else None for each in shown(opened(BOOK))]
    assert found == [None, "ada", "Ben", "Ève"]
    assert all(each.memberships == each.passes == each.activities == () for each in shown(opened(BOOK)))


def test_con_14_a_membership_is_shown_until_its_last_day_and_one_for_all_under_each() -> None:
    last = date(2027, 11, 21)
    shared = opened(MEMBERSHIP)
    for each in shown(shared, today=last)[1:]:
        (membership,) = each.memberships
        assert (membership.status, membership.on, membership.name) == ("active_until", last, MEMBERSHIP.name)
    assert shown(shared, today=last)[0].memberships == ()
    assert [each.memberships for each in shown(shared, today=last + timedelta(days=1))[1:]] == [()] * 3
    alone = shown(one(FOR_EVER))
    assert [[each.status for each in one_.memberships] for one_ in alone] == [[], [], ["active"], []]
    gone = kept(changing(shared, cancel=(line_of(shared, MEMBERSHIP),)))
    assert of_ben(gone).memberships == ()


def test_con_14_a_subscription_has_the_status_of_the_list_of_subscriptions_and_one_that_ended_is_gone() -> None:
    running = subscribed(FOR_A_MEMBER)
    (membership,) = of_ben(running).memberships
    assert (membership.status, membership.line) == ("active_recurring", None)
    ended = kept(cancel_subscription(running, Cancelling(TODAY), a_context()))
    assert of_ben(ended, today=date(2030, 1, 1)).memberships == ()


@pytest.mark.parametrize(
    ("sessions", "until", "is_there"),
    [(3, None, True), (0, None, False), (1, TODAY, True), (1, TODAY - timedelta(days=1), False), (None, None, True)],
)
def test_con_14_a_pass_is_gone_at_0_and_after_its_last_day(
    sessions: int | None, until: date | None, *, is_there: bool
) -> None:
    contract = one(UNLIMITED)
    found = of_ben(contract, packs=(left(contract, UNLIMITED, sessions, until),)).passes
    assert [(each.pack.left, each.pack.expires_on) for each in found] == ([(sessions, until)] if is_there else [])


def test_con_14_family_passes_are_on_top_and_one_that_starts_at_its_first_use_says_so() -> None:
    shared, own = one(PACK), one(FIRST_USE)
    packs = (left(shared, PACK, 5), left(own, FIRST_USE, 5))
    family, *everybody = shown(shared, own, packs=packs)
    assert [each.line.purchase.product for each in family.passes] == [PACK.id]
    assert [len(each.passes) for each in everybody] == [0, 1, 0]
    assert [each.starts_at_first_use for each in (family.passes[0], everybody[1].passes[0])] == [False, True]
    begun = left(own, FIRST_USE, 4, TODAY + timedelta(days=29))
    assert [each.starts_at_first_use for each in of_ben(own, packs=(begun,)).passes] == [False]
    assert of_ben(own).passes == (), "it does not exist before its contract is paid (CRE-10)"


def test_con_14_an_activity_has_its_first_last_and_next_occurrence_and_is_gone_once_over() -> None:
    contract = one(DATED)
    assert activities_of([contract]) == {DATED.id}
    last = TODAY + timedelta(weeks=2)
    (activity,) = of_ben(contract).activities
    assert (activity.first_day, activity.last_day) == (TODAY, last)
    assert activity.next == MONDAYS[1]
    (activity,) = of_ben(contract, today=TODAY + timedelta(days=1)).activities
    assert activity.next == MONDAYS[3], "the earlier one of the two of that day"
    assert len(of_ben(contract, today=last).activities) == 1
    assert of_ben(contract, today=last + timedelta(days=1)).activities == ()
    gone = kept(changing(contract, cancel=(line_of(contract, DATED),)))
    assert of_ben(gone).activities == ()


def test_con_14_an_activity_without_dates_stays_and_the_next_one_comes_first() -> None:
    found = of_ben(one(JAZZ), one(DATED)).activities
    assert [each.line.purchase.product for each in found] == [DATED.id, JAZZ.id]
    assert (found[1].first_day, found[1].last_day, found[1].next) == (None, None, None)


def test_con_14_an_activity_that_ends_earlier_for_its_purchase_has_no_occurrence_after_that() -> None:
    contract = one(DATED)
    (line,) = contract.lines
    until = TODAY + timedelta(days=3)
    shorter = line.model_copy(update={"purchase": line.purchase.model_copy(update={"expires_on": until})})
    contract = contract.model_copy(update={"lines": (shorter,)})
    (activity,) = of_ben(contract, today=TODAY + timedelta(days=1)).activities
    assert activity.next is None
    assert of_ben(contract, today=until + timedelta(days=1)).activities == ()
