"""What the API answers: money is minor units with its currency, dates are the organisation's."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field

from carnet.money import Money
from carnet.tolerance import Tolerant
from credits.domain.credit import Credit, Entry, Kind, Origin, Reason, Receipt, Status


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
