"""Who takes part in what a product is sold as: its live purchases, each with its member, family and payment."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from carnet.mongo import Database
from contracts.accounts.domain import Account, Member
from contracts.accounts.store import accounts_of
from contracts.contracts.domain.contracts import Contract, Line
from contracts.contracts.domain.purchases import PaymentStatus, payment_statuses
from contracts.contracts.store import contracts_buying, schedules_of

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Participation:
    """A live purchase of a product."""

    contract: Contract
    line: Line
    account: Account | None
    payment: PaymentStatus | None
    """What is paid of it (PAY-14); None before its schedule is known."""

    @property
    def place(self) -> tuple[str, str]:
        """Its place in the list."""
        return self.contract.id, self.line.id

    @property
    def member(self) -> Member | None:
        """Who takes part; None if it is for the family, and once that person is erased."""
        return self._person(self.line.purchase.participant)

    @property
    def owner(self) -> Member | None:
        """The owner of the account; None once erased."""
        return self._person(self.account.owner if self.account else None)

    def _person(self, id_: str | None) -> Member | None:
        people = self.account.present() if self.account else ()
        return next((each for each in people if each.id == id_), None)


async def participants(
    database: Database, organisation: str, product: str, *, after: tuple[str, str] | None, limit: int
) -> list[Participation]:
    """A page of the live purchases of a product, in the order of contracts and lines: those after this place."""
    lines: list[tuple[Contract, Line]] = []
    first, last, more = after[0] if after is not None else None, None, True
    while more and len(lines) < limit:
        contracts = await contracts_buying(database, organisation, product, first=first, after=last, limit=_AT_ONCE)
        bought = ((contract, line) for contract in contracts for line in _bought(contract, product))
        lines += [(contract, line) for contract, line in bought if after is None or (contract.id, line.id) > after]
        more = len(contracts) == _AT_ONCE
        if more:
            last = contracts[-1].id
    return await _known(database, organisation, lines[:limit])


def _bought(contract: Contract, product: str) -> list[Line]:
    """Its live purchases of a product, in order; none before its opening is made."""
    if contract.opening is not None:
        return []
    live = (line for line in contract.lines if line.live and line.purchase.product == product)
    return sorted(live, key=lambda line: line.id)


async def all_participants(database: Database, organisation: str, product: str) -> AsyncIterator[Participation]:
    """All of them, a few at a time."""
    after: tuple[str, str] | None = None
    while found := await participants(database, organisation, product, after=after, limit=_AT_ONCE):
        for each in found:
            yield each
        after = found[-1].place


async def _known(database: Database, organisation: str, lines: Sequence[tuple[Contract, Line]]) -> list[Participation]:
    """These lines with their accounts and what is paid, by a query each."""
    if not lines:
        return []
    ids = {contract.id: contract for contract, _ in lines}
    schedules = await schedules_of(database, organisation, list(ids))
    accounts = await accounts_of(database, organisation, {contract.account for contract in ids.values()})
    statuses = {
        id_: payment_statuses(contract, schedules[id_].balance.paid) if id_ in schedules else {}
        for id_, contract in ids.items()
    }
    return [
        Participation(contract, line, accounts.get(contract.account), statuses[contract.id].get(line.id))
        for contract, line in lines
    ]
