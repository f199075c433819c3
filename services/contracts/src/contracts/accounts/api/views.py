"""What requests and answers about accounts look like.

A command answers without anything personal: its answer is kept for a day under the
Idempotency-Key, where erasing a person does not reach. Reading shows people.
"""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from carnet.events.catalog import Language
from carnet.http import Body, Follows
from carnet.ids import Id
from carnet.tolerance import Tolerant
from contracts.accounts.domain import Account, AccountFields, Member, MemberFields, MemberKind, OpenAccount

NUMBER = "What people call it by, such as 2027-0042; null where it was opened before there were numbers (CON-27)."


class OpeningBody(Body, OpenAccount):
    """A new account: its owner, an adult, and its other members (CON-13)."""


class AccountBody(Body, AccountFields):
    """The account's own fields, whole."""


class MemberBody(Body, MemberFields):
    """A member, whole. A contact is somebody to call, who neither buys nor takes part."""


class OwnerBody(Body):
    """The adult member who is to be the owner (CON-13)."""

    member: Id


class ErasureBody(Body):
    """Who is to be erased, for ever: one member, or everybody with the account (ORG-4)."""

    member: Id | None = None
    whole_account: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.member is None) != self.whole_account:
            raise ValueError("name either a member, or send whole_account as true")
        return self


class MemberOutline(Tolerant):
    """A member without anything personal."""

    id: str
    kind: MemberKind
    erased: bool


class AccountOutline(Tolerant):
    """An account as a command leaves it, without anything personal."""

    id: str
    number: str | None = Field(description=NUMBER)
    owner: str = Field(description="The id of a member.")
    language: Language
    members: list[MemberOutline]
    member: str | None = Field(
        description="The member that the command was about; null where it was about the account."
    )
    erased: bool
    version: int

    @classmethod
    def of(cls, account: Account, member: str | None = None) -> Self:
        """The outline of an account."""
        return cls(
            id=account.id,
            number=account.number,
            owner=account.owner,
            language=account.language,
            members=[MemberOutline(id=each.id, kind=each.kind, erased=each.erased) for each in account.members],
            member=member,
            erased=account.erased,
            version=account.version,
        )


class OpenedView(AccountOutline):
    """An account that was opened, without anything personal."""

    similar: list[str] = Field(
        description="Accounts that are there already, five at most, where somebody has the owner's name, whatever its "
        "case and accents: look whether this is the same family before a contract is opened."
    )
    follows: list[Follows] = Field(description="Where to wait until the other services know the account.")

    @classmethod
    def opened(cls, account: Account, similar: list[str]) -> Self:
        """The outline of an account that was opened, and those that resemble it."""
        known = [
            Follows(service="payments", path=f"/v1/accounts/{account.id}/payment-methods"),
            Follows(service="credits", path=f"/v1/accounts/{account.id}/credits"),
            Follows(service="notifications", path=f"/v1/accounts/{account.id}/mails"),
        ]
        return cls(**AccountOutline.of(account).model_dump(), similar=similar, follows=known)


class PersonView(Tolerant):
    """Who a member is; without a name once erased."""

    id: str
    kind: MemberKind
    first_name: str | None
    last_name: str | None
    erased: bool

    @classmethod
    def of(cls, member: Member) -> Self:
        """The view of a person."""
        return cls(
            id=member.id,
            kind=member.kind,
            first_name=member.first_name or None,
            last_name=member.last_name or None,
            erased=member.erased,
        )


class AccountSummary(Tolerant):
    """An account in a list."""

    id: str
    number: str | None = Field(description=NUMBER)
    owner: str = Field(description="The id of a member.")
    language: Language
    tags: list[str]
    members: list[PersonView]
    version: int

    @classmethod
    def of(cls, account: Account) -> Self:
        """The account in a list, for staff."""
        return cls(
            id=account.id,
            number=account.number,
            owner=account.owner,
            language=account.language,
            tags=list(account.tags),
            members=[PersonView.of(each) for each in account.members],
            version=account.version,
        )


class MemberView(PersonView):
    """A member as a whole. Tags and notes are staff's and not shown to a client."""

    email: str | None
    phone: str | None
    birth_date: date | None
    tags: list[str]
    notes: str | None


class AccountView(Tolerant):
    """An account as a whole. Tags and notes are staff's and not shown to a client."""

    id: str
    number: str | None = Field(description=NUMBER)
    owner: str = Field(description="The id of a member.")
    language: Language
    tags: list[str]
    notes: str | None
    members: list[MemberView]
    erased: bool
    version: int

    @classmethod
    def of(cls, account: Account, *, staff: bool) -> Self:
        """The view of an account, for staff or for its client."""
        return cls(
            id=account.id,
            number=account.number,
            owner=account.owner,
            language=account.language,
            tags=list(account.tags) if staff else [],
            notes=account.notes if staff else None,
            members=[_member(each, staff=staff) for each in account.members],
            erased=account.erased,
            version=account.version,
        )


def _member(member: Member, *, staff: bool) -> MemberView:
    return MemberView(
        **PersonView.of(member).model_dump(),
        email=member.email,
        phone=member.phone,
        birth_date=member.birth_date,
        tags=list(member.tags) if staff else [],
        notes=member.notes if staff else None,
    )
