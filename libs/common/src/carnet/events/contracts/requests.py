"""What contracts asks of credits for a change that waits for the answer."""

from datetime import date
from typing import ClassVar

from carnet.events.base import Event, Part, Topic
from carnet.events.contracts.purchases import Named
from carnet.events.contracts.topic import CONTRACTS
from carnet.ids import Id


class CreditRemovalRequested(Event):
    """A change would cancel lines that sold credits, vouchers or packs, or lower what credits bring (CRE-4, CON-8).

    It is pending until credits has answered: all credits of ``lines`` are removed and none of ``lowered`` exists, or
    the change is refused whole.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the change that is pending."""
    lines: tuple[Id, ...]
    """The lines whose credits, vouchers and packs are to be removed, all or none."""
    effective_on: date
    lowered: tuple[Id, ...] = ()
    """The lines that stay and would bring less, by a lower price or a discount: their credits may not exist yet."""
    with_fee: bool = False
    """Whether the change adds a fee: with one, session packs that were used are removed too (CON-8)."""
    uncovered: tuple[Id, ...] = ()
    """The lines covered by gift vouchers that the change cancels too: a voucher which covers one is removed (CON-8)."""
    names: tuple[Named, ...] = ()
    """What ``lines`` and ``lowered`` are called; none if it was published before that was said."""


class Redemption(Part):
    """A line that a gift voucher is to cover."""

    line: Id
    product: Id
    """What is bought by the line: the voucher has to name it."""
    code: str
    """The SHA-256 digest of the organisation and the code, in hexadecimal: the code itself is not published here."""
    name: str | None = None
    """What the line buys, in words; None if it was published before that was said."""


class VoucherRedemptionRequested(Event):
    """An opening or a change would have gift vouchers cover some of its lines (CRE-9).

    It is pending until credits has answered: all of them are redeemed, or it is refused whole.
    """

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that is pending."""
    redemptions: tuple[Redemption, ...]
    effective_on: date


class VoucherRedemptionWithdrawn(Event):
    """The opening or the change was refused by another service: the vouchers of its lines are as they were (CRE-9)."""

    topic: ClassVar[Topic] = CONTRACTS

    contract: Id
    account: Id
    request: Id
    """The id of the opening or the change that was pending."""
    lines: tuple[Id, ...]
    effective_on: date
