"""Client accounts, their owner and the erasing of a person (CON-13, ORG-4)."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from carnet.decisions import Actor, Context, Decision
from carnet.events.contracts import AccountChanged, AccountErased
from carnet.ids import new_id
from carnet.refusals import Refusal
from contracts.accounts.domain import (
    MOST_MEMBERS,
    Account,
    AccountFields,
    MemberFields,
    OpenAccount,
    add_member,
    change_owner,
    edit_account,
    edit_member,
    erase_account,
    erase_member,
    open_account,
)

ORGANISATION = new_id()
CONTEXT = Context(datetime(2027, 1, 10, tzinfo=UTC), date(2027, 1, 10), Actor("user", "u1"), new_id(), new_id)
ANNE: dict[str, Any] = {
    "kind": "adult",
    "first_name": "Anne",
    "last_name": "Lefèvre",
    "email": "anne@example.org",
    "phone": "+33 1 23 45 67 89",
    "birth_date": "1985-04-02",
    "tags": ["volunteer"],
    "notes": "calls in the evening",
}
PAUL = {"kind": "adult", "first_name": "Paul", "last_name": "Nœl"}
ZOE = {"kind": "child", "first_name": "Zoé", "last_name": "Lefèvre", "birth_date": "2018-09-01"}
GRAN = {"kind": "contact", "first_name": "Odile", "last_name": "Lefèvre"}


def opened(*members: dict[str, Any], **changes: Any) -> Account:
    body = {"language": "fr", "tags": ["north"], "notes": "pays late", "owner": ANNE, "members": members} | changes
    return open_account(OpenAccount.model_validate(body), new_id(), ORGANISATION, CONTEXT).state


def fields(base: dict[str, Any] = ANNE, **changes: Any) -> MemberFields:
    return MemberFields.model_validate(base | changes)


def published(decision: Decision[Account]) -> AccountChanged:
    [event] = decision.events
    assert isinstance(event, AccountChanged)
    return event


def refusal(decide: Any, *arguments: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        decide(*arguments)
    return refused.value.slug, refused.value.rule


def test_an_account_is_opened_for_its_owner_with_its_members() -> None:
    account = opened(PAUL, ZOE, GRAN)

    assert [each.first_name for each in account.members] == ["Anne", "Paul", "Zoé", "Odile"]
    assert account.owner == account.members[0].id
    assert len({each.id for each in account.members}) == 4


@pytest.mark.parametrize("kind", ["contact", "child"])
def test_the_owner_of_a_new_account_is_an_adult(kind: str) -> None:
    command = OpenAccount.model_validate({"language": "fr", "owner": ANNE | {"kind": kind}})
    assert refusal(open_account, command, new_id(), ORGANISATION, CONTEXT) == ("owner-is-no-adult", "CON-13")


def test_what_is_personal_is_published_only_in_the_personal_part() -> None:
    account = opened(ZOE)
    event = published(edit_account(account, AccountFields(language="en", tags=("south",), notes="pays on time")))
    outside = event.model_dump(mode="json", exclude={"personal"})
    assert event.personal is not None

    assert outside == {
        "account": account.id,
        "owner": account.owner,
        "language": "en",
        "tags": ["south"],
        "members": [
            {"id": account.members[0].id, "kind": "adult", "tags": ["volunteer"], "erased": False},
            {"id": account.members[1].id, "kind": "child", "tags": [], "erased": False},
        ],
        "number": None,
    }
    assert event.personal.notes == "pays on time"
    assert [(each.first_name, each.birth_date) for each in event.personal.members] == [
        ("Anne", date(1985, 4, 2)),
        ("Zoé", date(2018, 9, 1)),
    ]
    assert event.personal.members[0].notes == "calls in the evening"


def test_members_are_added_and_written_anew() -> None:
    account = opened()
    member = new_id()
    added = add_member(account, fields(ZOE), member, CONTEXT).state
    edited = edit_member(added, member, fields(ZOE, first_name="Zoë", kind="adult"), CONTEXT)

    assert edited.state.member(member).first_name == "Zoë"
    assert edited.state.member(member).kind == "adult"
    assert edited.state.members[0] == account.members[0]
    assert [each.id for each in published(edited).members] == [account.owner, member]


def test_writing_the_same_again_publishes_nothing() -> None:
    account = opened(ZOE)
    assert edit_account(account, AccountFields(language="fr", tags=("north",), notes="pays late")).events == ()
    assert edit_member(account, account.owner, fields(), CONTEXT).events == ()


def test_an_account_has_a_bounded_number_of_members() -> None:
    account = opened(*[ZOE] * (MOST_MEMBERS - 1))
    assert refusal(add_member, account, fields(), new_id(), CONTEXT) == ("too-many-members", None)


def test_nobody_is_born_after_the_organisations_today() -> None:
    account = opened()
    assert add_member(account, fields(birth_date="2027-01-10"), new_id(), CONTEXT).events
    for decide in (add_member, edit_member):
        arguments = [account, fields(birth_date="2027-01-11"), new_id(), CONTEXT]
        if decide is edit_member:
            arguments = [account, account.owner, fields(birth_date="2027-01-11"), CONTEXT]
        assert refusal(decide, *arguments) == ("born-after-today", None)


def test_the_owner_changes_to_another_adult() -> None:
    account = opened(PAUL, ZOE)
    decision = change_owner(account, account.members[1].id)

    assert decision.state.owner == published(decision).owner == account.members[1].id
    assert decision.state.members == account.members


def test_the_owner_changes_only_where_there_are_two_adults_and_to_one_of_them() -> None:
    alone = opened(ZOE, GRAN)
    account = opened(PAUL, ZOE, GRAN)
    paul = account.members[1].id

    for member in alone.members[1:]:
        assert refusal(change_owner, alone, member.id) == ("too-few-adults", "CON-13")
    for member in account.members[2:]:
        assert refusal(change_owner, account, member.id) == ("owner-is-no-adult", "CON-13")
    assert refusal(change_owner, account, account.owner) == ("already-owner", "CON-13")
    assert refusal(change_owner, account, new_id()) == ("unknown-member", "ORG-1")
    assert refusal(change_owner, erase_member(account, paul).state, paul) == ("member-erased", "ORG-4")


def test_an_erased_adult_does_not_count_as_one() -> None:
    account = opened(PAUL, ZOE)
    paul, zoe = account.members[1:]
    assert refusal(change_owner, erase_member(account, paul.id).state, zoe.id) == ("too-few-adults", "CON-13")


@pytest.mark.parametrize("kind", ["child", "contact"])
def test_the_owner_stays_an_adult(kind: str) -> None:
    account = opened(PAUL)
    assert refusal(edit_member, account, account.owner, fields(kind=kind), CONTEXT) == ("owner-stays-adult", "CON-13")


def test_erasing_a_member_leaves_an_id_and_a_kind() -> None:
    account = opened(ANNE | {"kind": "child"})
    erased = account.members[1]
    decision = erase_member(account, erased.id)
    event = published(decision)
    assert event.personal is not None

    assert decision.state.member(erased.id).model_dump(exclude_defaults=True) == {
        "id": erased.id,
        "kind": "child",
        "erased": True,
    }
    assert [each.id for each in event.personal.members] == [account.owner]
    assert event.members[1].model_dump() == {"id": erased.id, "kind": "child", "tags": (), "erased": True}
    assert refusal(edit_member, decision.state, erased.id, fields(ZOE), CONTEXT) == ("member-erased", "ORG-4")
    assert refusal(erase_member, decision.state, erased.id) == ("member-erased", "ORG-4")


def test_the_owner_of_others_is_not_erased_before_the_owner_changes() -> None:
    account = opened(PAUL)
    assert refusal(erase_member, account, account.owner) == ("owner-has-members", "CON-13")

    changed = change_owner(account, account.members[1].id).state
    assert erase_member(changed, account.owner).state.member(account.owner).erased


def test_erasing_an_owner_who_is_alone_erases_the_account() -> None:
    account = opened(ZOE)
    alone = erase_member(account, account.members[1].id).state
    assert erase_member(alone, account.owner).events == (AccountErased(),)


def test_erasing_the_account_leaves_a_tombstone_and_nothing_of_anybody() -> None:
    account = opened(PAUL, ZOE)
    decision = erase_account(account)
    kept = orjson.dumps(decision.state.model_dump(mode="json")).decode()

    assert decision.events == (AccountErased(),)
    assert AccountErased.tombstone
    for value in (
        "Anne",
        "Lefèvre",
        "lefevre",
        "anne@",
        "23 45",
        "1985",
        "volunteer",
        "evening",
        "north",
        "late",
        "Zoé",
    ):
        assert value not in kept
    assert [each.id for each in decision.state.members] == [each.id for each in account.members]


def test_nothing_changes_on_an_erased_account() -> None:
    account = opened(PAUL)
    erased = erase_account(account).state
    paul = account.members[1].id
    attempts = [
        (edit_account, erased, AccountFields(language="en")),
        (add_member, erased, fields(), new_id(), CONTEXT),
        (edit_member, erased, paul, fields(), CONTEXT),
        (change_owner, erased, paul),
        (erase_member, erased, paul),
        (erase_account, erased),
    ]
    for decide, *arguments in attempts:
        assert refusal(decide, *arguments) == ("account-erased", "ORG-4")


def test_it_is_found_by_its_members_names_and_sorted_by_the_owners() -> None:
    account = opened(PAUL)
    assert set(account.words) == {"lefevre", "anne", "noel", "paul"}
    assert account.sort_name == "lefevre anne"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "cousin"),
        ("first_name", ""),
        ("last_name", "x" * 81),
        ("last_name", "a\x00b"),
        ("email", "nobody"),
        ("phone", "12"),
        ("birth_date", "2018-02-30"),
        ("birth_date", 0),
        ("birth_date", "1066-10-14"),
        ("tags", ["a", "a"]),
        ("tags", ["x"] * 11),
        ("notes", "x" * 1_001),
        ("erased", True),
    ],
)
def test_a_member_outside_the_limits_is_refused_naming_the_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        fields(**{field: value})
    assert refused.value.errors()[0]["loc"][0] == field


def test_the_largest_account_fits_in_an_event() -> None:
    wide = "𝄞"  # four bytes in UTF-8
    member = {
        "kind": "contact",
        "first_name": wide * 80,
        "last_name": wide * 80,
        "email": "a" * 64 + "@" + ("x" * 59 + ".") * 3 + "example",
        "phone": "+33 1 23 45 67 89",
        "birth_date": "2018-09-01",
        "tags": [f"{i}" + wide * 39 for i in range(10)],
        "notes": wide * 1_000,
    }
    account = opened(*[member] * (MOST_MEMBERS - 1), owner=member | {"kind": "adult"}, tags=member["tags"])
    event = published(edit_account(account, AccountFields(language="en", notes=wide * 1_000)))
    assert len(orjson.dumps(event.model_dump(mode="json"))) < 256 * 1024


def newer(account: Account) -> Account:
    written = account.model_dump()
    members = [{**member, "newer": "Anne’s"} for member in written["members"]]
    return Account.model_validate({**written, "newer": "Anne’s", "members": members})


def test_an_edited_member_keeps_the_fields_of_a_newer_release_and_they_are_not_published() -> None:
    account = newer(opened(ZOE))
    decision = edit_member(account, account.members[1].id, fields(ZOE, first_name="Zoë"), CONTEXT)
    assert decision.state.model_dump() == {
        **account.model_dump(),
        "sort_name": decision.state.sort_name,
        "words": decision.state.words,
        "members": (account.members[0].model_dump(), {**account.members[1].model_dump(), "first_name": "Zoë"}),
    }
    assert "newer" not in orjson.dumps(published(decision).model_dump(mode="json")).decode()


def test_a_person_who_is_erased_leaves_nothing_in_the_fields_of_a_newer_release() -> None:
    account = newer(opened(ZOE))
    after = erase_member(account, account.members[1].id).state
    assert [member.model_dump().get("newer") for member in after.members] == ["Anne’s", None]
    assert "newer" not in orjson.dumps(erase_account(account).state.model_dump(mode="json")).decode()
