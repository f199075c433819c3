"""A contract as its journal gives it: its lines, its changes, what they asked of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carnet_operations.verify.credits.removals import AskedRedemption, AskedRemoval
from notifications.domain import dossiers


@dataclass(slots=True)
class ReplayedLine:
    """A line, rebuilt from its contract's journal; ``added`` and ``cancelled`` are sequences."""

    purchase: dict[str, Any]
    shares: list[dict[str, Any]]
    added: int
    cancelled: int | None = None
    cancelled_on: str | None = None
    marked: str | None = None
    """The request by which it was marked for the live invoice that bears it (INV-4)."""
    deposits: list[str] = field(default_factory=list)
    """Likewise, of the deposit invoices of it."""
    deleted_on: str | None = None
    payable_from: int = 0
    """The sequence at which its price was lowered before it sold a credit: only later payments of the contract grant
    one (CON-11)."""

    scholarship: str | None = None
    aided: int = 0
    """What that scholarship covers of it, in minor units (CRE-11)."""

    @property
    def amount(self) -> int:
        """The line's part of the total while it is live, in minor units; negative for a discount (CON-1).

        What a gift voucher covers brings nothing (CRE-9), nor does the part that a scholarship covers (CRE-11).
        """
        price: int = 0 if self.purchase.get("voucher") else self.purchase["price"] - self.aided
        return -price if self.purchase["kind"] == "discount" else price


OWN_MAILS = {event.__name__: own.kind for event, own in dossiers.OWN_MAILS.items()}
"""The mails about what happens to a subscription: each takes the place of that about the change (CON-17, CON-18)."""


@dataclass(frozen=True, slots=True)
class WholeChange:
    """One opening or change of the contract, once it is whole."""

    id: str
    version: int
    """The sequence of its last event."""
    opening: bool
    total: int
    live_lines: int
    touches_products: bool
    """Whether it adds, cancels or places anything, or edits a price: changes that a mail is due for (NOT-1)."""
    own_mail: str | None = None
    """The kind of the mail about it, if that is one of its own: a subscription is cancelled or paused (CON-17)."""
    cards: int = 0
    """The part of the total that sells gift cards (CRE-8)."""


@dataclass
class ReplayedContract:
    """A contract, rebuilt from its journal."""

    id: str
    opened: dict[str, Any] | None = None
    lines: dict[str, ReplayedLine] = field(default_factory=dict)
    changes: list[WholeChange] = field(default_factory=list)
    cancelled_on: str | None = None
    removals: dict[str, AskedRemoval] = field(default_factory=dict)
    """The changes that asked credits to remove what lines had sold, by request, in order (CRE-4)."""
    redemptions: dict[str, AskedRedemption] = field(default_factory=dict)
    """The openings and changes that asked for vouchers to cover lines, by request, in order (CRE-9)."""
    uses: dict[str, AskedRedemption] = field(default_factory=dict)
    """The openings and changes that asked for scholarships to cover parts of lines, by request, in order (CRE-11)."""
    wished_on: str | None = None
    """The date from which the client asks for the cancellation of its subscription (CON-17)."""
    announced: int = 0
    """The last period of which the client was informed before it renewed the term (CON-21)."""
    not_made: dict[str, Any] | None = None
    """The body of the last ``ConfirmationRefused``, unless a whole change or a request came after it."""

    @property
    def live(self) -> list[ReplayedLine]:
        """The lines not cancelled."""
        return [line for line in self.lines.values() if line.cancelled is None]

    @property
    def total(self) -> int:
        """The sum of the live lines, in minor units."""
        return sum(line.amount for line in self.live)


def sum_of(shares: Sequence[Mapping[str, Any]]) -> int:
    """What shares of a discount add up to, in minor units (CON-7)."""
    total: int = sum(share["amount"] for share in shares)
    return total
