"""The copy that payments keeps of a client account: the names of its people, and what is counted of it."""

from collections.abc import Mapping
from typing import Self

from carnet.decisions import State
from carnet.events.catalog import Language
from carnet.events.contracts import AccountPersonal
from carnet.search import folded, words
from carnet.tolerance import Tolerant


class Names(Tolerant):
    """What an account's people are called, and how that is sorted and searched; all names empty once erased (ORG-4)."""

    owner: str | None = None
    number: str | None = None
    """The account's number for people; it stays when the people are erased (CON-27)."""
    members: tuple[str, ...] = ()
    sorted_by: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, owner_id: str, personal: AccountPersonal | None, number: str | None = None) -> Self:
        """The names in the personal part of an account, sorted by the owner's last name, and its number."""
        people = {person.id: person for person in (personal.members if personal else ())}
        owner = people.get(owner_id)
        shown = (f"{person.first_name} {person.last_name}".strip() for person in people.values())
        members = tuple(name for name in shown if name)
        return cls(
            owner=(f"{owner.first_name} {owner.last_name}".strip() or None) if owner else None,
            number=number,
            members=members,
            sorted_by=folded(f"{owner.last_name} {owner.first_name}") if owner else "",
            words=words(members),
        )


def people_of(personal: AccountPersonal | None) -> dict[str, str]:
    """What the people of an account are called, by their ids: those who have a name."""
    members = personal.members if personal else ()
    shown = {each.id: f"{each.first_name} {each.last_name}".strip() for each in members}
    return {id_: name for id_, name in shown.items() if name}


class Account(State):
    """What payments keeps of a client account: its names, and how many contracts it has.

    Opening a contract counts it here. So an opening and a change of the names, which come by two topics, both write
    this document, and neither can miss the other.
    """

    names: Names = Names()
    people: Mapping[str, str] = {}
    """What its people are called, by their ids. Those who are erased are not among them, unless an older release has
    erased them, which keeps this as it is: read ``called`` (ORG-4)."""
    erased_members: int = 0
    contracts: int = 0
    method_moves: int = 0
    language: Language | None = None
    """The language of its mails and invoices; None in what an older release saved."""

    @property
    def called(self) -> Mapping[str, str]:
        """What its people are called, by their ids, as long as they are among its names: invoices say it (ORG-4)."""
        return {id_: name for id_, name in self.people.items() if name in self.names.members}

    @property
    def concerns(self) -> str:
        """Itself."""
        return self.id
