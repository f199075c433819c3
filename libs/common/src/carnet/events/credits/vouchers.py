"""Gift vouchers: issued, redeemed, restored and removed (CRE-9)."""

from datetime import date
from typing import ClassVar, Literal

from carnet.events.base import Event, ServiceRefusal, Topic
from carnet.events.credits.topic import CREDITS
from carnet.ids import Id

VoucherRefusal = Literal["unknown", "redeemed", "removed", "suspended", "other-product", "too-many-tries", "gift-card"]
"""Why a gift voucher does not cover a line: there is none of that code, it is redeemed already, the line that sold it
was cancelled, the contract that sold it is not paid any more, it is a right to something else, the caller, or the
organisation, has tried too many codes that do not exist, or the code is that of a gift card, which is an amount
(CRE-9)."""


class VoucherIssued(Event):
    """A gift voucher that a line sold exists, now that its contract is paid (CRE-8, CRE-9)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    name: str
    """What it was sold as."""
    products: tuple[Id, ...]
    """The products that it is a right to: one of them."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Anyone who has it can redeem the voucher: show it to nobody but its recipient and its buyer."""
    effective_on: date
    send_on: date | None = None
    """The day on which it is sent to its recipient, as the buyer chose; None if it is sent now."""


class VoucherSendingRequested(Event):
    """A voucher that is not redeemed is sent to its recipient: on the day chosen, or by staff (CRE-8, CRE-9)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    name: str
    """What it was sold as."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Anyone who has it can redeem the voucher: show it to nobody but its recipient and its buyer."""
    effective_on: date


class VoucherSendingPlanned(Event):
    """A gift voucher that is not sent yet is to be sent on another day (CRE-8)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    send_on: date
    """The day on which it is sent to its recipient, from the organisation's hour on."""
    effective_on: date


class VoucherRedeemed(Event):
    """A gift voucher covers a line whole, as contracts had asked (CRE-9)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract of the line that it covers."""
    line: Id
    """The line that it covers."""
    product: Id
    """What is bought by that line."""
    request: Id
    """The request of contracts that this answers."""
    effective_on: date


class VoucherRedemptionRefused(Event):
    """A gift voucher does not cover a line, so none of the request is redeemed (CRE-9).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers."""
    contract: Id
    line: Id
    """The line that was to be covered."""
    why: VoucherRefusal
    effective_on: date
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""


class VoucherRestored(Event):
    """A gift voucher can be redeemed again: the line that it covered is gone, or was not added after all (CRE-9)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract of the line that it covered."""
    line: Id
    """The line that it covered."""
    effective_on: date


class VoucherRemoved(Event):
    """The gift voucher was removed because the line that sold it was cancelled (CON-8, CRE-9)."""

    topic: ClassVar[Topic] = CREDITS

    voucher: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    request: Id | None = None
    """The request of contracts that this answers."""
    effective_on: date


class VoucherRemovalRefused(Event):
    """A sold voucher is redeemed, so its line stays (CON-8). Published in the request's own sequence."""

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers: nothing that its lines sold was removed."""
    contract: Id
    """The contract that sold it."""
    voucher: Id
    effective_on: date
    refusal: ServiceRefusal | None = None
    """Why, in the words that people read; None if it was published before there were any."""
