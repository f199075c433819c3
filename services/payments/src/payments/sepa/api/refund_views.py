"""How files of refunds are shown (PAY-18)."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from carnet.dates import Instant
from carnet.events.payments import FailureReason
from carnet.http import Body
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.accounts.domain import Account
from payments.collection.domain.orders import Order
from payments.collection.domain.orders import Status as OrderStatus
from payments.sepa.domain.refund_files import RefundFile, Status, Transfer


class FailureBody(Body):
    """Why a refund did not go through."""

    reason: FailureReason = Field(description="What the bank says: `account_closed`, `refused`, ...")


class RefundFileView(Tolerant):
    """A file of refunds by transfer."""

    id: str
    status: Status
    execute_on: date = Field(description="The date on which the bank is asked to make the transfers.")
    refunds: int = Field(description="How many refunds are in it.")
    amount: Money
    iban_ending: str = Field(description="The last four characters of the IBAN that pays.")
    built_at: Instant
    built_by: str
    sent_on: date | None
    ended_on: date | None = Field(description="The date on which it was taken back, or its last outcome was known.")

    @classmethod
    def of(cls, file: RefundFile) -> Self:
        """A file as it is."""
        shown = file.model_dump(include=set(cls.model_fields) - {"refunds", "amount", "iban_ending"})
        return cls(
            refunds=len(file.refunds),
            amount=Money(amount=file.amount, currency=file.currency),
            iban_ending=file.creditor.iban_ending,
            **shown,
        )


class BuiltRefundsView(BaseModel):
    """A file of refunds that was built."""

    refund_file: RefundFileView | None = Field(description="The file; null where none of the refunds can be made.")
    failed: int = Field(
        description="How many refunds were recorded as not gone through, since the bank account was erased (ORG-4)."
    )
    more: bool = Field(description="Whether refunds are left, for another file.")


class TransferView(Tolerant):
    """A refund in a file of transfers."""

    refund: str = Field(description="The refund: an id, and in the file the end-to-end id.")
    contract: str
    number: str | None = Field(description="The contract's number for people.")
    account: str
    owner: str | None = Field(description="The name of the account's owner; null once erased.")
    amount: Money
    status: OrderStatus | None = Field(description="What became of it; null in a preview.")
    reason: FailureReason | None = Field(description="Why it did not go through.")
    code: str | None = Field(description="The bank's own code for that: AC04; null if no file has it.")

    @classmethod
    def of(cls, refund: Transfer, order: Order | None, account: Account | None) -> Self:
        """A refund with its order, which a preview has not, and the names of its account."""
        return cls(
            refund=refund.order,
            contract=refund.contract,
            number=refund.number,
            account=refund.account,
            owner=account.names.owner if account else None,
            amount=Money(amount=refund.amount, currency="EUR"),
            status=order.status if order else None,
            reason=order.reason if order else None,
            code=order.code if order and order.code != order.reason else None,
        )


class RefundFilePreview(BaseModel):
    """What a file of refunds that is built now would have in it."""

    execute_on: date | None = Field(description="The date of the transfers; null where there are none.")
    refunds: list[TransferView] = Field(description="The refunds in it, in the order in which they were settled.")
    amount: Money
    failed: int = Field(description="How many refunds can't be made, since the bank account was erased (ORG-4).")
    more: bool = Field(description="Whether refunds would be left, for another file.")
