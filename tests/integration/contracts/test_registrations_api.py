"""What an account is registered for, over HTTP: one answer, for the client and for staff (CON-14)."""

from datetime import timedelta

from carnet.events.catalog import CourseDetails, MembershipDetails, Occurrence, SessionPackDetails
from carnet.ids import new_id
from tests.integration.contracts.conftest import Family, Product, School
from tests.integration.contracts.test_purchased_packs import TODAY, Bought
from tests.refused import problem


async def test_con_14_memberships_passes_and_activities_of_each_member_in_one_answer(
    school: School, family: Family
) -> None:
    bought = await Bought.by(school, family)
    await bought.handles(bought.issued())
    days = (TODAY - timedelta(days=1), TODAY + timedelta(days=6))
    occurrences = tuple(Occurrence(on=day, starts="18:00", ends="19:00") for day in days)
    course, year = Product(CourseDetails(occurrences=occurrences)), Product(MembershipDetails(), participant=False)
    await school.sells(course, year)
    await family.opens(course, year)
    path = f"/v1/accounts/{family.account}/registrations"
    answer = (await school.get(path, school.client_of(family.account))).json()
    assert answer == (await school.get(path)).json()
    assert answer["family"] == {"passes": [], "activities": []}
    child = next(each for each in answer["members"] if each["member"] == family.child)
    assert [(each["sessions"], each["left"], each["starts_at_first_use"]) for each in child["passes"]] == [(5, 5, True)]
    (activity,) = child["activities"]
    assert (activity["first_day"], activity["last_day"]) == (days[0].isoformat(), days[1].isoformat())
    assert activity["next"] == {"on": days[1].isoformat(), "starts": "18:00", "ends": "19:00"}
    for member in answer["members"]:
        assert [(each["status"], each["on"]) for each in member["memberships"]] == [("active", None)]
    await school.handles(bought.published(bought.used(2)), bought.published(bought.used(0)))
    answer = (await school.get(path)).json()
    assert [each["passes"] for each in answer["members"]] == [[] for _ in answer["members"]]


async def test_con_14_another_client_and_another_organisation_see_nothing(school: School, family: Family) -> None:
    path = f"/v1/accounts/{family.account}/registrations"
    problem(await school.get(path, school.client_of(new_id())), 404, "unknown-account")
    stranger = school.signer.headers(new_id(), "contracts:read")
    problem(await school.get(path, stranger), 404, "unknown-account")


async def test_con_14_a_pass_of_the_family_is_shared(school: School, family: Family) -> None:
    shared = Product(SessionPackDetails(), participant=False)
    await school.sells(shared)
    contract = await family.opens(shared)
    bought = Bought(school, family, contract)
    await bought.handles(bought.issued().model_copy(update={"sessions": None, "left": None}))
    answer = (await school.get(f"/v1/accounts/{family.account}/registrations")).json()
    assert [(each["left"], each["expires_on"]) for each in answer["family"]["passes"]] == [(None, None)]
