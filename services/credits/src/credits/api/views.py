"""What the API answers: money is minor units with its currency, dates are the organisation's."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field

from carnet.dates import Day
from carnet.events.credits import VoucherRefusal
from carnet.http import Body
from carnet.money import Money
from carnet.tolerance import Tolerant
from credits.domain.cards import DETAILS, CardRefusal, PresentedCard
from credits.domain.credit import Credit, Entry, Kind, Origin, Reason, Receipt, Status
from credits.domain.packs import Pack
from credits.domain.sending import card_waits_for, voucher_waits_for
from credits.domain.vouchers import Covering, Presented, Standing, Voucher, detail_of
from credits.packs.views import PackView


class EntryView(Tolerant):
    """A movement of a credit (CRE-7)."""

    credit: str
    kind: Kind
    reason: Reason
    amount: Money = Field(description="Signed: the sum of a credit's movements is what is left of it.")
    on: date = Field(description="The date on which it takes effect, in the organisation's time zone.")
    contract: str | None = Field(description="The contract that it concerns: sold, paid, or giving back.")
    request: str | None = Field(description="The request that it answers, of payments or of contracts.")
    note: str | None = Field(
        description="What staff wrote as their reason. It is shown to staff, until people of the account are erased."
    )

    @classmethod
    def of(cls, entry: Entry, *, for_staff: bool = True) -> Self:
        """The view of a movement."""
        money = Money(amount=entry.amount, currency=entry.currency)
        plain = cls.model_fields.keys() - {"amount", "note"}
        return cls(amount=money, note=entry.note if for_staff else None, **entry.model_dump(include=plain))


class UseView(Tolerant):
    """What a credit pays of one contract at present (CRE-3)."""

    contract: str
    amount: Money


class CreditView(Tolerant):
    """A client credit (CRE-1)."""

    id: str
    account: str = Field(description="The beneficiary.")
    origin: Origin
    amount: Money = Field(description="What was granted.")
    left: Money = Field(description="What has not been used.")
    status: Status
    contract: str | None = Field(description="The contract that sold it, or whose refund line it was.")
    line: str | None = Field(description="The line that sold it.")
    receipt: Receipt | None = Field(description="How a deposit without contract was received.")
    granted_on: date | None = Field(description="Null where it was removed before it could be granted.")
    removed_on: date | None = Field(description="When the line that sold it was cancelled.")
    uses: list[UseView] = Field(description="The contracts that it pays, in the order of their first use.")
    suspended_since: date | None = Field(
        description="Since when it can't be used, because the contract that sold it is not paid any more (CRE-2)."
    )
    reversed: Money = Field(description="Of a deposit: what the bank took back of it.")
    due: Money = Field(description="The part of that which is due from the account, since it was used before (CRE-2).")
    due_note: str | None = Field(description="What staff wrote when it settled that last. It is shown to staff.")

    @classmethod
    def of(cls, credit: Credit, suspended_since: date | None = None, *, for_staff: bool = True) -> Self:
        """The view of a credit, and since when it is suspended."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=credit.currency)

        plain = cls.model_fields.keys() - {"amount", "left", "uses", "reversed", "due", "due_note"}
        return cls(
            amount=money(credit.amount),
            left=money(credit.left),
            reversed=money(credit.reversed),
            due=money(credit.due),
            suspended_since=suspended_since,
            due_note=credit.due_note if for_staff else None,
            uses=[UseView(contract=use.contract, amount=money(use.amount)) for use in credit.uses],
            **{name: getattr(credit, name) for name in plain & Credit.model_fields.keys()},
        )


class VoucherView(Tolerant):
    """A gift voucher: the right to an activity, whatever its price (CRE-8)."""

    id: str
    account: str = Field(description="The account that bought it.")
    name: str = Field(description="What it was sold as.")
    products: tuple[str, ...] = Field(description="The products that it is a right to: one of them.")
    recipient: str | None = Field(
        description="The person of the account to whom it is given; the owner where there is none."
    )
    code: str | None = Field(
        description="Anyone who has it can redeem the voucher. Null once it is redeemed or removed."
    )
    send_on: date | None = Field(
        description="The day on which it is sent to its recipient, as the buyer chose; null once that was done."
    )
    standing: Standing
    contract: str = Field(description="The contract that sold it.")
    line: str = Field(description="The line that sold it.")
    issued_on: date | None = Field(description="Null where it was removed before its contract was paid.")
    removed_on: date | None = Field(description="When the line that sold it was cancelled.")
    redeemed_on: date | None
    covers: Covering | None = Field(description="The line that it covers while it is redeemed. It is shown to staff.")
    suspended_since: date | None = Field(
        description="Since when it can't be redeemed, because the contract that sold it is not paid any more (CRE-2)."
    )
    version: int

    @classmethod
    def of(cls, voucher: Voucher, suspended_since: date | None = None, *, for_staff: bool = True) -> Self:
        """The view of a voucher, and since when it is suspended."""
        plain = cls.model_fields.keys() & Voucher.model_fields.keys() - {"code", "covers", "send_on"}
        return cls(
            code=voucher.code if voucher.standing == "issued" else None,
            send_on=voucher_waits_for(voucher),
            line=voucher.id,
            redeemed_on=voucher.covers.on if voucher.covers else None,
            covers=voucher.covers if for_staff else None,
            suspended_since=suspended_since,
            **{name: getattr(voucher, name) for name in plain},
        )


class SendingDayBody(Body):
    """The day on which a gift voucher or a gift card is sent to its recipient."""

    on: Day = Field(description="After today, until a year ahead.")


class GiftCardView(Tolerant):
    """A gift card: an amount with which anyone who presents its code pays (CRE-8).

    What is left of it is shown to nobody but the person who presents the code.
    """

    id: str
    account: str = Field(description="The account that bought it.")
    name: str = Field(description="What it was sold as.")
    recipient: str | None = Field(
        description="The person of the account to whom it is given; the owner where there is none."
    )
    code: str | None = Field(description="Anyone who has it can pay with the card. Null once it was used or removed.")
    send_on: date | None = Field(
        description="The day on which it is sent to its recipient, as the buyer chose; null once that was done."
    )
    amount: Money = Field(description="What it is worth.")
    standing: Literal["unused", "used", "removed"]
    contract: str | None = Field(description="The contract that sold it.")
    line: str | None = Field(description="The line that sold it.")
    pays: list[str] | None = Field(description="The contracts of which it pays a part. They are shown to staff.")
    granted_on: date | None = Field(description="Null where it was removed before its contract was paid.")
    removed_on: date | None = Field(description="When the line that sold it was cancelled.")
    suspended_since: date | None = Field(
        description="Since when it can't be used, because the contract that sold it is not paid any more (CRE-2)."
    )
    version: int

    @classmethod
    def of(cls, credit: Credit, suspended_since: date | None = None, *, for_staff: bool = True) -> Self:
        """The view of a credit that is a gift card, and since when it is suspended."""
        if credit.card is None:
            raise ValueError(f"credit {credit.id} is no gift card")

        standing: Literal["unused", "used"] = "unused" if credit.untouched else "used"
        plain = cls.model_fields.keys() & Credit.model_fields.keys() - {"amount"}
        return cls(
            name=credit.card.name,
            recipient=credit.card.recipient,
            code=credit.card.code if credit.untouched else None,
            send_on=card_waits_for(credit),
            amount=Money(amount=credit.amount, currency=credit.currency),
            standing="removed" if credit.status == "removed" else standing,
            pays=[use.contract for use in credit.uses] if for_staff else None,
            suspended_since=suspended_since,
            **{name: getattr(credit, name) for name in plain},
        )


class CheckedCardView(Tolerant):
    """The gift card of a code, as the person who presents it sees it."""

    id: str = Field(description="What a use of it names, with its code.")
    amount: Money = Field(description="What it was worth.")
    left: Money = Field(description="What has not been used.")


class CheckedView(Tolerant):
    """What a code is good for."""

    kind: Literal["voucher", "gift_card"] | None = Field(description="What it is the code of; null if of nothing.")
    usable: bool = Field(description="Whether the voucher can be redeemed, or something be paid with the gift card.")
    why: VoucherRefusal | CardRefusal | None = Field(description="Why not.")
    detail: str | None = Field(description="What to do then, in English.")
    name: str | None = Field(description="What it was sold as; null if there is nothing of that code.")
    products: tuple[str, ...] = Field(description="The products that a voucher is a right to: one of them.")
    gift_card: CheckedCardView | None = Field(description="What is left of a gift card; null if it is none.")

    @classmethod
    def of(cls, presented: Presented | PresentedCard | None, why: VoucherRefusal | CardRefusal | None) -> Self:
        """The view of what was found."""
        found: dict[str, Any] = {"kind": None, "name": None, "products": (), "gift_card": None}
        if isinstance(presented, Presented):
            voucher = presented.voucher
            found |= {"kind": "voucher", "name": voucher.name, "products": voucher.products}
        elif presented is not None:
            credit = presented.credit
            money = {
                name: Money(amount=amount, currency=credit.currency)
                for name, amount in (("amount", credit.amount), ("left", credit.left))
            }
            found |= {
                "kind": "gift_card",
                "name": credit.card.name if credit.card else None,
                "gift_card": CheckedCardView(id=credit.id, **money),
            }
        return cls(usable=why is None, why=why, detail=_detail(presented, why), **found)


def _detail(presented: Presented | PresentedCard | None, why: VoucherRefusal | CardRefusal | None) -> str | None:
    if why is None:
        return None
    if why == "used-up" or (isinstance(presented, PresentedCard) and why in ("removed", "suspended")):
        return DETAILS[why]
    return detail_of(why)


class HoldingView(Tolerant):
    """What a client has: a credit or a gift card, an amount; a gift voucher, a right; or a session pack (CRE-8)."""

    kind: Literal["credit", "voucher", "pack", "gift_card"]
    credit: CreditView | None = None
    voucher: VoucherView | None = None
    pack: PackView | None = None
    gift_card: GiftCardView | None = None

    @classmethod
    def of(cls, held: Credit | Voucher | Pack, suspended_since: date | None, *, for_staff: bool) -> Self:
        """The view of any of them."""
        if isinstance(held, Voucher):
            view = VoucherView.of(held, suspended_since, for_staff=for_staff)
            return cls(kind="voucher", voucher=view)
        if isinstance(held, Pack):
            return cls(kind="pack", pack=PackView.of(held, suspended_since))
        if held.card is not None:
            return cls(kind="gift_card", gift_card=GiftCardView.of(held, suspended_since, for_staff=for_staff))
        return cls(kind="credit", credit=CreditView.of(held, suspended_since, for_staff=for_staff))


class CreditWithEntries(CreditView):
    """A client credit with its movements, in order."""

    entries: tuple[EntryView, ...]

    @classmethod
    def made_of(
        cls, credit: Credit, entries: Sequence[Entry], suspended_since: date | None = None, *, for_staff: bool = True
    ) -> Self:
        """The view of a credit and its movements."""
        movements = tuple(EntryView.of(movement, for_staff=for_staff) for movement in entries)
        return cls(**CreditView.of(credit, suspended_since, for_staff=for_staff).model_dump(), entries=movements)
