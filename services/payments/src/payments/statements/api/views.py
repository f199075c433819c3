"""What answers about statements look like: money is minor units with its currency."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from carnet.dates import Instant
from carnet.http import Page
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.statements.api.asked import Read
from payments.statements.domain import Kind, Line, StatementSending


class StatementEntryView(Tolerant):
    """An entry of a statement. Clients put ``kind`` and the fields that belong to it into words."""

    id: str = Field(description="The same each time that the statement is read.")
    on: date = Field(
        description="The organisation's date on which it counts; of a payment, the day on which it was received."
    )
    at: Instant = Field(description="When it was entered, UTC.")
    kind: Kind = Field(
        description="`charge` is a rise or a fall of what the contract costs; `converted` went to a client credit; "
        "a `deposit` came without a contract and is `deposit_kept` as a client credit, until the bank takes it back "
        "(`deposit_reversed`, `deposit_taken`: CRE-2); `other` is what this release does not know."
    )
    contract: str | None = Field(description="Null for a deposit without a contract, and what became of it.")
    number: str | None = Field(description="The contract's number; null if it has none.")
    amount: Money = Field(description="Above zero it raises what the account owes, below zero it lowers that.")
    balance: Money = Field(description="What the account owes after it; below zero, what is owed to the account.")
    change: str | None = Field(description="Of a charge: the change of the contract.")
    payment: str | None = Field(description="The payment that was received, taken back, not refunded or voided.")
    settlement: str | None = Field(description="The settlement of a refund line.")
    credit: str | None = Field(description="The client credit that paid, or that an amount went to.")
    method: str | None = Field(description="How the payment came.")
    reason: str | None = Field(description="Why a provider or the bank said no, as their events name it.")
    actor: str | None = Field(
        description="Who, as in the journal; null for a client, and of a deposit, whose journal credits has."
    )

    @classmethod
    def of(cls, line: Line, read: Read, *, for_staff: bool) -> Self:
        """An entry of the statement that was read."""
        movement, currency = line.movement, read.organisation.currency
        named = ("change", "payment", "settlement", "credit", "method", "reason")
        return cls(
            id=movement.id,
            on=movement.on,
            at=movement.entry.at,
            kind=movement.kind,
            contract=movement.contract,
            number=read.numbers.get(movement.contract or ""),
            amount=Money(amount=movement.amount, currency=currency),
            balance=Money(amount=line.balance, currency=currency),
            actor=movement.actor if for_staff else None,
            **{name: getattr(movement.event, name, None) for name in named},
        )


class StatementView(BaseModel):
    """The statement of an account between two days: one page of its entries, with the balance before and after all."""

    account: str
    since: date | None = Field(description="The first day; null from the beginning.")
    until: date = Field(description="The last day, included.")
    opening: Money = Field(description="What the account owed before; below zero, what was owed to the account.")
    raised: Money = Field(description="What all entries that raised it come to: charges, what went back or was taken.")
    lowered: Money = Field(description="What all entries that lowered it come to, above zero: payments, lower charges.")
    closing: Money = Field(description="What the account owes at the end of the last day.")
    items: list[StatementEntryView] = Field(description="The entries of this page, the earliest first.")
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")

    @classmethod
    def of(cls, read: Read, page: Page[StatementEntryView]) -> Self:
        """The statement that was read, with a page of its entries."""
        statement, currency = read.statement, read.organisation.currency
        names = ("opening", "raised", "lowered", "closing")
        sums = {name: Money(amount=getattr(statement, name), currency=currency) for name in names}
        return cls(
            account=read.account.id,
            since=statement.since,
            until=statement.until,
            items=page.items,
            next=page.next,
            **sums,
        )


class SendingView(Tolerant):
    """A statement that is sent by mail."""

    id: str
    account: str
    since: date | None = Field(description="The first day; null from the beginning.")
    until: date = Field(description="The last day, included.")
    closing: Money = Field(description="What the account owes at the end of the last day.")

    @classmethod
    def of(cls, sending: StatementSending) -> Self:
        """A statement that was asked to be sent."""
        closing = Money(amount=sending.closing, currency=sending.currency)
        return cls(closing=closing, **sending.model_dump(include={"id", "account", "since", "until"}))
