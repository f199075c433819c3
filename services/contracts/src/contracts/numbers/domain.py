"""CON-27: numbers that people can say, such as ``2027-0042``: the year of opening and a counter of that year.

They increase within an organisation and a year, in one series for contracts and one for accounts, and may leave gaps: a
number is taken before the object that has it is saved, and one that is not used is never given again.
"""

from typing import TypeVar

from carnet.decisions import Decision
from carnet.events.contracts import AccountChanged, ContractOpened
from contracts.accounts.domain import Account
from contracts.contracts.domain.contracts import Contract

Numbered = TypeVar("Numbered", Contract, Account)


def number_of(year: int, count: int) -> str:
    """The number of the ``count``-th of a year: four digits at least.

    >>> number_of(2027, 42), number_of(2027, 12345)
    ('2027-0042', '2027-12345')
    """
    return f"{year}-{count:04}"


def numbered(opened: Decision[Numbered], number: str) -> Decision[Numbered]:
    """The opening of a contract or an account that bears this number, in its state and in what it publishes."""
    return Decision(
        opened.state.model_copy(update={"number": number}),
        tuple(
            event.model_copy(update={"number": number}) if isinstance(event, ContractOpened | AccountChanged) else event
            for event in opened.events
        ),
    )
