"""Client accounts: an owner, members, and erasing a person (CON-13, ORG-4).

Whatever is personal travels and is journalled only in the ``personal`` part of
``AccountChanged``, so that erasing a person can take it out. Refusals name ids, never
people.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, computed_field

from carnet.dates import Day
from carnet.decisions import Context, Decision, State
from carnet.events import contracts as published
from carnet.events.catalog import Language
from carnet.refusals import conflict, invalid, unknown
from carnet.search import folded, words
from carnet.texts import EmailAddress, Line, Paragraphs, PhoneNumber, Tag
from carnet.tolerance import Tolerant

MOST_MEMBERS = 30
"""How many members an account can have, erased ones included: so the largest account fits in an event (256 KB)."""

MemberKind = Literal["adult", "child", "contact"]


def _different(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(tags)) != len(tags):
        raise ValueError("write each tag once")
    return tags


PersonName = Annotated[Line, Field(max_length=80)]
Notes = Annotated[Paragraphs, Field(max_length=1_000)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=10), AfterValidator(_different)]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MemberFields(_Written):
    """A member as staff writes it, whole. A contact is somebody to call, who neither buys nor takes part."""

    kind: MemberKind
    first_name: PersonName
    last_name: PersonName
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    birth_date: Day | None = None
    tags: Tags = ()
    notes: Notes | None = None


class AccountFields(_Written):
    """What staff writes of an account itself. ``language`` is that of its emails."""

    language: Language
    tags: Tags = ()
    notes: Notes | None = None


class OpenAccount(AccountFields):
    """A new account: its owner, who is an adult, and its other members."""

    owner: MemberFields
    members: Annotated[tuple[MemberFields, ...], Field(max_length=MOST_MEMBERS - 1)] = ()


class Member(Tolerant):
    """A member as it is kept. Once erased only the id and the kind are left (ORG-4)."""

    id: str
    kind: MemberKind
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    phone: str | None = None
    birth_date: Day | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    erased: bool = False


class Account(State):
    """A client account. ``owner`` is the id of one of its members (CON-13)."""

    owner: str
    number: str | None = None
    """What people call it by, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""
    language: Language
    tags: tuple[str, ...] = ()
    notes: str | None = None
    members: tuple[Member, ...]
    erased: bool = False

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated property
    @property
    def sort_name(self) -> str:
        """What lists are sorted by: the owner's last name, then the first."""
        owner = self.member(self.owner)
        return folded(f"{owner.last_name} {owner.first_name}")

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated property
    @property
    def words(self) -> tuple[str, ...]:
        """What the account is found by: the words of its members' names."""
        return words(name for each in self.members for name in (each.last_name, each.first_name))

    def member(self, member_id: str) -> Member:
        """The member of that id. Raises ``unknown-member``."""
        for each in self.members:
            if each.id == member_id:
                return each
        raise unknown("member", member_id)

    def present(self) -> Iterator[Member]:
        """The members that have not been erased."""
        return (each for each in self.members if not each.erased)

    @property
    def owner_words(self) -> tuple[str, ...]:
        """The words of the owner's name, without case, accents and order."""
        return _name_words(self.member(self.owner))

    def resembles(self, other: "Account") -> bool:
        """Whether somebody here has the name of the other account's owner: it may be the same family (CON-13)."""
        return self.id != other.id and any(_name_words(each) == other.owner_words for each in self.present())


def _name_words(member: Member) -> tuple[str, ...]:
    return tuple(sorted(words([member.first_name, member.last_name])))


def open_account(command: OpenAccount, account_id: str, organisation: str, context: Context) -> Decision[Account]:
    """Open an account for its owner, an adult (CON-13).

    Raises ``owner-is-no-adult`` and ``born-after-today``.
    """
    owner = _member(command.owner, context.new_id(), context)
    if owner.kind != "adult":
        raise invalid(
            "owner-is-no-adult",
            f"The owner of an account is an adult, not a {owner.kind}. Send an adult as owner.",
            rule="CON-13",
        )
    others = tuple(_member(each, context.new_id(), context) for each in command.members)
    return _published(
        Account(
            id=account_id,
            organisation=organisation,
            owner=owner.id,
            language=command.language,
            tags=command.tags,
            notes=command.notes,
            members=(owner, *others),
        )
    )


def edit_account(account: Account, command: AccountFields) -> Decision[Account]:
    """Write the account's own fields anew. Raises ``account-erased``."""
    _refuse_erased(account)
    return _changed(account, language=command.language, tags=command.tags, notes=command.notes)


def add_member(account: Account, command: MemberFields, member_id: str, context: Context) -> Decision[Account]:
    """Add a member. Raises ``account-erased``, ``too-many-members`` and ``born-after-today``."""
    _refuse_erased(account)
    if len(account.members) >= MOST_MEMBERS:
        raise conflict(
            "too-many-members",
            f"An account has at most {MOST_MEMBERS} members, erased ones included. Open another account.",
            account=account.id,
            most=MOST_MEMBERS,
        )
    return _changed(account, members=(*account.members, _member(command, member_id, context)))


def edit_member(account: Account, member_id: str, command: MemberFields, context: Context) -> Decision[Account]:
    """Write a member anew.

    Raises ``account-erased``, ``unknown-member``, ``member-erased``, ``born-after-today``, and
    ``owner-stays-adult`` where the owner would become a child or a mere contact (CON-13).
    """
    _refuse_erased(account)
    present = _present_member(account, member_id)
    if member_id == account.owner and command.kind != "adult":
        raise conflict(
            "owner-stays-adult",
            f"The owner of an account is an adult, not a {command.kind}. Change the owner first.",
            rule="CON-13",
            account=account.id,
            member=member_id,
        )
    return _with_member(account, _member(command, member_id, context).keeping(present))


def change_owner(account: Account, member_id: str) -> Decision[Account]:
    """Make another adult member the owner (CON-13).

    Raises ``account-erased``, ``unknown-member``, ``member-erased``, ``already-owner``,
    ``owner-is-no-adult`` and ``too-few-adults``.
    """
    _refuse_erased(account)
    member = _present_member(account, member_id)
    about = {"rule": "CON-13", "account": account.id, "member": member_id}
    if member_id == account.owner:
        raise conflict("already-owner", "This member is the owner already. Name another one.", **about)
    if sum(each.kind == "adult" for each in account.present()) < 2:
        raise conflict(
            "too-few-adults", "The owner can change where the account has two adults. Add an adult first.", **about
        )
    if member.kind != "adult":
        raise conflict(
            "owner-is-no-adult",
            f"The owner of an account is an adult, not a {member.kind}. Name an adult member.",
            **about,
        )
    return _changed(account, owner=member_id)


def erase_member(account: Account, member_id: str) -> Decision[Account]:
    """Erase a person: only the id and the kind of the member stay (ORG-4).

    An owner who is alone takes the whole account along. Raises ``account-erased``,
    ``unknown-member``, ``member-erased``, and ``owner-has-members`` where an owner leaves others.
    """
    _refuse_erased(account)
    member = _present_member(account, member_id)
    if member_id != account.owner:
        return _with_member(account, _anonymous(member))
    if any(each.id != member_id for each in account.present()):
        raise conflict(
            "owner-has-members",
            "The owner cannot be erased while the account has other members. "
            "Change the owner first, or erase the whole account.",
            rule="CON-13",
            account=account.id,
            member=member_id,
        )
    return erase_account(account)


def erase_account(account: Account) -> Decision[Account]:
    """Erase every person of the account and publish a tombstone (ORG-4). Raises ``account-erased``."""
    _refuse_erased(account)
    members = tuple(_anonymous(each) for each in account.members)
    after = account.model_copy(update={"tags": (), "notes": None, "members": members, "erased": True})
    return Decision(after.stripped(), (published.AccountErased(),))


def _member(command: MemberFields, member_id: str, context: Context) -> Member:
    if command.birth_date is not None and command.birth_date > context.today:
        raise invalid("born-after-today", "A birth date is not after today. Correct birth_date.")
    return Member(id=member_id, **command.model_dump())


def _anonymous(member: Member) -> Member:
    return Member(id=member.id, kind=member.kind, erased=True)


def _present_member(account: Account, member_id: str) -> Member:
    member = account.member(member_id)
    if member.erased:
        raise conflict(
            "member-erased",
            "This member was erased and can no longer be changed.",
            rule="ORG-4",
            account=account.id,
            member=member_id,
        )
    return member


def _refuse_erased(account: Account) -> None:
    if account.erased:
        raise conflict(
            "account-erased", "This account was erased and can no longer be changed.", rule="ORG-4", account=account.id
        )


def _with_member(account: Account, member: Member) -> Decision[Account]:
    return _changed(account, members=tuple(member if each.id == member.id else each for each in account.members))


def _changed(account: Account, **fields: Any) -> Decision[Account]:
    after = account.model_copy(update=fields)
    return Decision(account) if after == account else _published(after)


def _personal(member: Member) -> published.MemberPersonal:
    return published.MemberPersonal(**{name: getattr(member, name) for name in published.MemberPersonal.model_fields})


def _published(account: Account) -> Decision[Account]:
    event = published.AccountChanged(
        account=account.id,
        owner=account.owner,
        language=account.language,
        tags=account.tags,
        members=tuple(
            published.Member(id=each.id, kind=each.kind, tags=each.tags, erased=each.erased) for each in account.members
        ),
        personal=published.AccountPersonal(
            notes=account.notes,
            members=tuple(_personal(each) for each in account.present()),
        ),
        number=account.number,
    )
    return Decision(account, (event,))
