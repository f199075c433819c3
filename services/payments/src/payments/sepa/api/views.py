"""How remittances are shown (PAY-18)."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from carnet.dates import Day, Instant
from carnet.events.payments import FailureReason
from carnet.http import Body
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.accounts.domain import Account
from payments.collection.domain.orders import Order
from payments.collection.domain.orders import Status as AttemptStatus
from payments.sepa.domain.building import Built
from payments.sepa.domain.remittances import Debit, Remittance, Status


class RemittanceBody(Body):
    """When the bank is to debit the families."""

    collect_on: Day | None = Field(
        default=None,
        description="The collection date, a banking day: what is due by then is in the file. The first possible one "
        "where it is left out.",
    )


class RefusalBody(Body):
    """Why the bank refused a debit."""

    reason: FailureReason = Field(
        description="Where it is `account_closed` or `mandate_revoked`, the mandate ends: no later debit can succeed."
    )


class RemittanceView(Tolerant):
    """A remittance: a file of direct debits."""

    id: str
    status: Status
    collect_on: date = Field(description="The date on which the bank is asked to debit the families.")
    debits: int = Field(description="How many instalments are in it.")
    amount: Money
    creditor: str = Field(description="The creditor identifier.")
    iban_ending: str = Field(description="The last four characters of the IBAN that is credited.")
    built_at: Instant
    built_by: str
    sent_on: date | None
    ended_on: date | None = Field(description="The date on which it was taken back or credited.")

    @classmethod
    def of(cls, remittance: Remittance) -> Self:
        """A remittance as it is."""
        shown = remittance.model_dump(include=set(cls.model_fields) - {"debits", "amount", "creditor", "iban_ending"})
        return cls(
            debits=len(remittance.debits),
            amount=Money(amount=remittance.amount, currency=remittance.currency),
            creditor=remittance.creditor.identifier,
            iban_ending=remittance.creditor.iban_ending,
            **shown,
        )


class BuiltView(BaseModel):
    """A remittance that was built."""

    remittance: RemittanceView = Field(description="The remittance.")
    more: bool = Field(description="Whether something due is left, for another remittance.")

    @classmethod
    def of(cls, built: Built, remittance: Remittance) -> Self:
        """What was built."""
        return cls(remittance=RemittanceView.of(remittance), more=built.more)


class DebitView(Tolerant):
    """An instalment in a remittance."""

    attempt: str = Field(description="The attempt that it is: an id, and in the file the end-to-end id.")
    contract: str
    number: str | None = Field(description="The contract's number for people.")
    account: str
    owner: str | None = Field(description="The name of the account's owner; null once erased.")
    reference: str = Field(description="The mandate's unique reference.")
    due: date
    amount: Money
    status: AttemptStatus | None = Field(description="What became of it; null in a preview.")
    reason: FailureReason | None = Field(description="Why the bank refused it.")
    code: str | None = Field(
        description="The bank's own code of why it refused it or took it back: AM04; null if no file has it."
    )
    returned: bool = Field(description="Whether the bank took it back after it was paid: it is a reversal (PAY-13).")

    @classmethod
    def of(cls, debit: Debit, order: Order | None, account: Account | None) -> Self:
        """A debit with its order, which a preview has not, and the names of its account."""
        return cls(
            amount=Money(amount=debit.amount, currency="EUR"),
            owner=account.names.owner if account else None,
            status=order.status if order else None,
            reason=order.reason if order else None,
            code=order.code if order and order.code != order.reason else None,
            returned=order is not None and order.status == "succeeded" and order.returned_by is not None,
            **debit.model_dump(include={"attempt", "contract", "number", "account", "reference", "due"}),
        )


class RemittancePreview(BaseModel):
    """What a remittance that is built now would have in it."""

    collect_on: date
    debits: Annotated[list[DebitView], Field(description="The instalments in it, in the order of their due dates.")]
    amount: Money
    more: bool = Field(description="Whether something due would be left, for another remittance.")
    lapsed: int = Field(
        description="How many families with something due are not in it, as their mandate was not used for 36 months."
    )
    notice_days: int = Field(description="How many days before the collection date families are to be informed.")
    late_notice: int = Field(description="Of how many debits the families would be informed later than that.")
    notice_date: date = Field(description="The first collection date for which all would be informed in time.")
