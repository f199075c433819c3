"""What the API answers: money is minor units with its currency, dates are the organisation's."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import Field

from carnet.events.credits import VoucherRefusal
from carnet.money import Money
from carnet.tolerance import Tolerant
from credits.domain.credit import Credit, Entry, Kind, Origin, Reason, Receipt, Status
from credits.domain.vouchers import Covering, Standing, Voucher, detail_of
from credits.packs.domain.pack import Pack
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
    uses: list[UseView] = Field(description="The contracts that it pays, the first used first.")
    suspended_since: date | None = Field(
        description="Since when it can't be used, because the contract that sold it is not paid any more (CRE-2)."
    )
    reversed: Money = Field(description="Of a deposit: what the bank took back of it.")
    due: Money = Field(description="What of that is due from the account, since it was used before (CRE-2).")
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
    code: str | None = Field(description="Whoever has it can redeem the voucher. Null once it is redeemed or removed.")
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
        plain = cls.model_fields.keys() & Voucher.model_fields.keys() - {"code", "covers"}
        return cls(
            code=voucher.code if voucher.standing == "issued" else None,
            line=voucher.id,
            redeemed_on=voucher.covers.on if voucher.covers else None,
            covers=voucher.covers if for_staff else None,
            suspended_since=suspended_since,
            **{name: getattr(voucher, name) for name in plain},
        )


class CheckedView(Tolerant):
    """What a code is good for."""

    usable: bool
    why: VoucherRefusal | None = Field(description="Why it cannot be redeemed.")
    detail: str | None = Field(description="What to do then, in English.")
    name: str | None = Field(description="What the voucher was sold as; null if there is none of that code.")
    products: tuple[str, ...] = Field(description="The products that it is a right to: one of them.")

    @classmethod
    def of(cls, voucher: Voucher | None, why: VoucherRefusal | None) -> Self:
        """The view of what was found."""
        return cls(
            usable=why is None,
            why=why,
            detail=detail_of(why) if why else None,
            name=voucher.name if voucher else None,
            products=voucher.products if voucher else (),
        )


class HoldingView(Tolerant):
    """What a client has: a credit, an amount; a gift voucher, a right; or a session pack (CRE-8)."""

    kind: Literal["credit", "voucher", "pack"]
    credit: CreditView | None = None
    voucher: VoucherView | None = None
    pack: PackView | None = None

    @classmethod
    def of(cls, held: Credit | Voucher | Pack, suspended_since: date | None, *, for_staff: bool) -> Self:
        """The view of any of them."""
        if isinstance(held, Voucher):
            view = VoucherView.of(held, suspended_since, for_staff=for_staff)
            return cls(kind="voucher", voucher=view)
        if isinstance(held, Pack):
            return cls(kind="pack", pack=PackView.of(held, suspended_since))
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
