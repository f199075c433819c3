"""This service's copy of a client account: who receives its mails, in which language, and the members' names."""

from carnet.decisions import State
from carnet.events.catalog import Language
from carnet.events.contracts import AccountChanged
from carnet.ids import Id
from carnet.tolerance import Tolerant


class Person(Tolerant):
    """A member of the account: personal data only, removed once the person is erased."""

    id: Id
    first_name: str
    last_name: str
    email: str | None = None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Account(State):
    """The account as contracts last published it (CON-13)."""

    owner: Id | None
    number: str | None = None
    """The number that people say (CON-27)."""
    language: Language = "en"
    people: tuple[Person, ...] = ()
    erased_members: tuple[Id, ...] = ()
    erased: bool = False
    """True once every person of it was erased."""

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id

    @property
    def recipient(self) -> Person | None:
        """The owner, who receives the account's mails; None if the owner was erased."""
        return self.person(self.owner)

    def person(self, member: str | None) -> Person | None:
        """The member of that id; None if unknown or erased."""
        return next((person for person in self.people if person.id == member), None)


def copy_of(event: AccountChanged, known: Account | None, *, organisation: str, sequence: int) -> Account:
    """The account that this event describes; ``known`` is the copy so far."""
    members = event.personal.members if event.personal else ()
    before = {person.id: person for person in known.people} if known else {}
    copied = Account(
        id=event.account,
        organisation=organisation,
        version=sequence,
        owner=event.owner,
        number=event.number,
        language=event.language,
        people=tuple(
            Person(id=member.id, first_name=member.first_name, last_name=member.last_name, email=member.email).keeping(
                before.get(member.id)
            )
            for member in members
        ),
        erased_members=tuple(member.id for member in event.members if member.erased),
    )
    return copied.keeping(known)


def erased_copy(account: str, *, organisation: str, sequence: int) -> Account:
    """What remains of an account once every person on it was erased."""
    return Account(id=account, organisation=organisation, version=sequence, owner=None, erased=True)


def newly_erased(before: Account | None, after: Account) -> bool:
    """True if ``after`` has an erasure that ``before`` does not have (ORG-4)."""
    if before is None:
        return after.erased or bool(after.erased_members)
    return after.erased > before.erased or not set(after.erased_members) <= set(before.erased_members)
