"""The people of the local suite: the staff of the test organisation, and somebody of another one."""

from dataclasses import dataclass

from carnet_operations.tokens import SCOPES, TEST_ORGANISATION, Kind

OTHER_ORGANISATION = "01900000-0000-7000-8000-0000000000b0"
"""A second test organisation, whose people must see nothing of the first (ORG-1)."""

SEES = tuple(scope for scope in SCOPES if scope.endswith(":read"))
DIRECTS = tuple(scope for scope in SCOPES if scope != "payments:correct")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. `key` is the subject of their tokens, which the journal shows."""

    key: str
    name: str
    role: str
    scopes: tuple[str, ...]
    kind: Kind = "user"
    organisation: str = TEST_ORGANISATION


PEOPLE = {
    person.role: person
    for person in (
        Person("camille.roux", "Camille Roux", "director", DIRECTS),
        Person(
            "alix.moreau",
            "Alix Moreau",
            "secretary",
            (*SEES, "accounts:write", "contracts:write", "payments:collect", "payments:methods", "credits:use"),
        ),
        Person("sacha.petit", "Sacha Petit", "cashier", (*SEES, "payments:collect", "credits:use")),
        Person("platform.support", "Dominique Leroy", "support", SCOPES, "support"),
        Person("robin.marin", "Robin Marin", "elsewhere", DIRECTS, organisation=OTHER_ORGANISATION),
    )
}
"""By their role: director, secretary, cashier, support, and elsewhere (the director of another school)."""
