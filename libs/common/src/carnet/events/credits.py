"""What credits publishes: what happens to client credits, gift cards, gift vouchers and session packs."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from carnet.events.base import Event, Topic
from carnet.events.payments import CreditRefusal, RecordedMethod, ReversalReason
from carnet.ids import Id
from carnet.money import Amount, Currency, PositiveAmount, SignedAmount

CREDITS = Topic("credits.credits", "facts")

Origin = Literal["refund", "deposit", "staff"]
"""Where a credit comes from that no line sold: a refund line, a deposit without contract, or staff (CRE-2)."""

Sessions = Annotated[int, Field(ge=0)]
"""How many sessions of a pack."""

VoucherRefusal = Literal["unknown", "redeemed", "removed", "suspended", "other-product", "too-many-tries", "gift-card"]
"""Why a gift voucher does not cover a line: there is none of that code, it is redeemed already, the line that sold it
was cancelled, the contract that sold it is not paid any more, it is a right to something else, whoever asks, or the
organisation, has tried too many codes that do not exist, or the code is that of a gift card, which is an amount
(CRE-9)."""


class CreditGranted(Event):
    """A client credit that a line sold was granted to its beneficiary (CRE-1, CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    effective_on: date


class CreditIssued(Event):
    """A client credit that no line sold was granted: from a refund line, a deposit, or by staff (CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    origin: Origin
    contract: Id | None = None
    """The contract whose refund line became the credit."""
    effective_on: date
    method: RecordedMethod | None = None
    """How a deposit was received; None for what is no deposit, and in events from before this field."""
    received_on: date | None = None
    """The day on which a deposit was received, likewise."""


class GiftCardIssued(Event):
    """A gift card that a line sold exists, now that its contract is paid (CRE-8).

    From then on it is a client credit of its own: ``CreditUsed``, ``CreditRestored``, ``CreditAdjusted`` and
    ``CreditRemoved`` say what happens to it. It belongs to whoever presents its code.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    """The gift card: the id of the line that sold it."""
    account: Id
    """The account that bought it."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    name: str
    """What it was sold as."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Whoever has it can pay with the card: show it to nobody but its recipient and who bought it."""
    effective_on: date


class GiftCardSendingRequested(Event):
    """Staff sends a gift card of which nothing was used to its recipient once more (CRE-8)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    """The gift card: the id of the line that sold it."""
    account: Id
    """The account that bought it."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    """The contract that sold it."""
    name: str
    """What it was sold as."""
    recipient: Id | None = None
    """The person of the account to whom it is given; the owner where there is none."""
    code: str
    """Whoever has it can pay with the card: show it to nobody but its recipient and who bought it."""
    effective_on: date


class CreditUsed(Event):
    """A credit, or a gift card, pays a part of a contract, as payments had asked (CRE-3)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary; of a gift card, the account of the contract that it pays."""
    amount: PositiveAmount
    """What is used."""
    left: Amount
    currency: Currency
    contract: Id
    """The contract that it pays."""
    request: Id
    """The request of payments that this answers."""
    effective_on: date
    card: bool = False
    """True if it is a gift card (CRE-8)."""


class CreditUseRefused(Event):
    """A credit does not pay what payments had asked (CRE-3); published in a sequence of the request's own."""

    topic: ClassVar[Topic] = CREDITS

    request: Id
    credit: Id
    contract: Id
    amount: PositiveAmount
    """What was asked for."""
    reason: CreditRefusal
    effective_on: date
    suspended: bool = False
    """True where the contract that sold the credit is not paid any more (CRE-2). The ``reason`` is then
    ``more-than-left``, the nearest of those that were released first: nothing can be used of it meanwhile."""


class CreditRestored(Event):
    """What a credit, or a gift card, had paid of a contract came back to it (CRE-6)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    """The beneficiary; of a gift card, the account of the contract that gives back."""
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    effective_on: date
    card: bool = False
    """True if it is a gift card (CRE-8)."""


class CreditAdjusted(Event):
    """Staff adjusted what is left of a credit; the reason is in its entries (CRE-7)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: SignedAmount
    """What was added, below zero where it was taken off."""
    left: Amount
    currency: Currency
    effective_on: date


class DepositReversed(Event):
    """The bank took back a deposit that had become a credit, or a part of it (CRE-2, PAY-13).

    What is left of the credit goes first; the rest is due from the account.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    """What the bank took."""
    taken: Amount
    """What of it left the credit."""
    left: Amount
    due: Amount
    """What is due from the account by now, because the credit had it no longer."""
    currency: Currency
    reason: ReversalReason
    effective_on: date
    method: RecordedMethod | None = None
    """How the deposit had been received; None in events from before this field."""


class CreditTakenBack(Event):
    """A part of a credit was taken back, since the money behind it is gone (CRE-2, PAY-13).

    With a ``payment``: the bank took that payment of ``contract`` back, and a refund line of the contract had become
    this credit. Without one: what a contract gave back to the credit of a reversed deposit covers what was due.
    """

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    """What was taken."""
    left: Amount
    due: Amount
    """What is still due from the account of a deposit that was taken back."""
    currency: Currency
    contract: Id | None = None
    payment: Id | None = None
    effective_on: date


class DepositDueSettled(Event):
    """What was due from an account of a deposit that the bank took back was paid, or is waived (CRE-2)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    how: Literal["paid", "waived"]
    left: Amount
    due: Amount
    """What is still due."""
    currency: Currency
    effective_on: date


class CreditRemoved(Event):
    """The credit was removed because the line that sold it was cancelled (CRE-4)."""

    topic: ClassVar[Topic] = CREDITS

    credit: Id
    account: Id
    amount: PositiveAmount
    left: Amount
    currency: Currency
    contract: Id
    line: Id
    effective_on: date
    request: Id | None = None
    """The request of contracts that this answers."""
    removed: Amount | None = None
    """What was left of it until then, in minor units; None in events from before this field."""


class CreditRemovalRefused(Event):
    """A sold credit is used, so its line stays, or exists, so its line brings no less (CRE-5, CON-11).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers: none of its credits was removed."""
    contract: Id
    credit: Id
    amount: PositiveAmount
    """What was sold."""
    left: Amount
    currency: Currency
    effective_on: date
    why: Literal["used", "exists"] = "used"
    """``used``: less is left of it than was sold; ``exists``: it was granted, so its line can't bring less."""


class CreditGrantPostponed(Event):
    """No credit of these lines exists yet, so contracts may let the lines bring less (CON-11).

    From now on only a payment of the contract as it is after that change grants them. Published in the request's own
    sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers."""
    contract: Id
    lines: tuple[Id, ...]
    effective_on: date


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
    """Whoever has it can redeem the voucher: show it to nobody but its recipient and who bought it."""
    effective_on: date


class VoucherSendingRequested(Event):
    """Staff sends a voucher that is not redeemed to its recipient once more (CRE-9)."""

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
    """Whoever has it can redeem the voucher: show it to nobody but its recipient and who bought it."""
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


class PackIssued(Event):
    """A session pack that a line sold exists: at once, or now that its contract is paid (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    """The account that bought it."""
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    name: str
    """What it was sold as."""
    member: Id | None = None
    """For whom it is; None if the family shares it."""
    sessions: Sessions | None = None
    """How many were sold; None if they are unlimited."""
    starts: Literal["purchase", "first_use"] = "purchase"
    """When its days or months begin, if it has any."""
    days: int | None = None
    """For how many days it is valid, the first one included."""
    months: int | None = None
    """For how many months it is valid."""
    usable: Literal["at_once", "paid"] = "paid"
    """Whether it could be used at once, or once its contract was paid."""
    bought_on: date
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    effective_on: date


class SessionUsed(Event):
    """A member takes a session of a pack (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    use: Id
    member: Id
    """Who takes part in the session."""
    on: date
    """The day of the session."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """The last day of the pack from now on: a pack may start at this use."""
    effective_on: date


class SessionRestored(Event):
    """A use was cancelled: its session is back in the pack, and a start at this use is undone (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    use: Id
    member: Id
    """Who had taken it."""
    on: date
    """The day of the session."""
    left: Sessions | None = None
    """How many sessions are left; None if they are unlimited."""
    expires_on: date | None = None
    """The last day of the pack from now on; None if it has no end, or none before its first use."""
    effective_on: date


class SessionsAdjusted(Event):
    """Staff added a session to a pack, or took one off; the reason is in its entries (CRE-10)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    sessions: int
    """What was added, below zero where it was taken off."""
    left: Sessions
    """How many sessions are left."""
    effective_on: date


class PackExpiryChanged(Event):
    """Staff edited the last day of the purchase of a session pack (CON-11)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    expires_on: date | None = None
    """Its last day; None if it has no end, or none before its first use."""
    effective_on: date


class PackRemoved(Event):
    """The line that sold the session pack was cancelled, so what was left of it is void (CON-8)."""

    topic: ClassVar[Topic] = CREDITS

    pack: Id
    account: Id
    contract: Id
    """The contract that sold it."""
    line: Id
    """The line that sold it."""
    void: Sessions | None = None
    """How many sessions were left; None if they were unlimited."""
    request: Id | None = None
    """The request of contracts that this answers."""
    effective_on: date


class PackRemovalRefused(Event):
    """A sold session pack was used, so its line is not cancelled without a fee (CON-8).

    Published in the request's own sequence.
    """

    topic: ClassVar[Topic] = CREDITS

    request: Id
    """The request of contracts that this answers: nothing that its lines sold was removed."""
    contract: Id
    """The contract that sold it."""
    pack: Id
    uses: Sessions
    """How many uses of it are in force."""
    effective_on: date


EVENTS: tuple[type[Event], ...] = (
    CreditGranted,
    CreditIssued,
    GiftCardIssued,
    GiftCardSendingRequested,
    CreditUsed,
    CreditUseRefused,
    CreditRestored,
    CreditAdjusted,
    DepositReversed,
    CreditTakenBack,
    DepositDueSettled,
    CreditRemoved,
    CreditRemovalRefused,
    CreditGrantPostponed,
    VoucherIssued,
    VoucherSendingRequested,
    VoucherRedeemed,
    VoucherRedemptionRefused,
    VoucherRestored,
    VoucherRemoved,
    VoucherRemovalRefused,
    PackIssued,
    SessionUsed,
    SessionRestored,
    SessionsAdjusted,
    PackExpiryChanged,
    PackRemoved,
    PackRemovalRefused,
)
