"""Client accounts and their members."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, Part, Topic
from carnet.events.catalog import Language
from carnet.ids import Id

ACCOUNTS = Topic("contracts.accounts", "state", personal=True)


class MemberPersonal(Part):
    """The personal part of a member."""

    id: Id
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    notes: str | None = None


class AccountPersonal(Part):
    """The personal part of an account: what erasing a person removes (ORG-4)."""

    members: tuple[MemberPersonal, ...] = ()
    notes: str | None = None


class Member(Part):
    """A member of an account without anything personal."""

    id: Id
    kind: Literal["adult", "child", "contact"]
    tags: tuple[str, ...] = ()
    erased: bool = False


class AccountChanged(Event):
    """The account as it now is (CON-13)."""

    topic: ClassVar[Topic] = ACCOUNTS

    account: Id
    owner: Id
    language: Language
    tags: tuple[str, ...] = ()
    members: tuple[Member, ...]
    personal: AccountPersonal | None = None
    number: str | None = None
    """The number that people say, such as ``2027-0042`` (CON-27); None if it was opened before there were any."""


class AccountErased(Event):
    """Every person of the account was erased: the record is a tombstone."""

    topic: ClassVar[Topic] = ACCOUNTS
    tombstone: ClassVar[bool] = True
