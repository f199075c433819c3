"""How takings and bank deposits are shown (PAY-7)."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from carnet.dates import Day, Instant
from carnet.events.payments import BankedMethod
from carnet.http import Body
from carnet.ids import Id
from carnet.money import Money
from carnet.texts import Line, Tag
from carnet.tolerance import Tolerant
from payments.accounts.domain import Account
from payments.banking.domain.bank_deposits import MOST_TAKINGS, BankDeposit
from payments.banking.domain.takings import PaperCheque, Taking


class PaperChequeBody(Body):
    """What a cheque says of itself."""

    number: Tag | None = Field(default=None, description="The cheque's own number.")
    bank: Line | None = Field(default=None, description="Its bank.")
    holder: Line | None = Field(default=None, description="Whose cheque it is, where it is not the family's.")

    def paper(self) -> PaperCheque:
        """The part that is kept."""
        return PaperCheque(number=self.number, bank=self.bank, holder=self.holder)


class BankDepositBody(Body):
    """Takings that are handed to the bank together."""

    takings: Annotated[
        tuple[Id, ...],
        Field(
            min_length=1,
            max_length=MOST_TAKINGS,
            description="What goes to the bank, in the order of the slip: cheques, or cash, not both; with cash, what "
            "was given back of it.",
        ),
    ]
    deposited_on: Day | None = Field(default=None, description="Today, the organisation's, where it is left out.")
    bank_account: Line = Field(description="What you call the account that is credited.")


class PaperChequeView(Tolerant):
    """What a cheque says of itself."""

    number: str | None = Field(description="The cheque's own number; null where nobody has noted it.")
    bank: str | None = Field(description="Its bank; null where nobody has noted it.")
    holder: str | None = Field(description="Whose cheque it is; null where nobody has noted it, and once erased.")


class TakingView(Tolerant):
    """What was taken on site by cash or cheque and goes to the bank by hand, or was given back in cash."""

    id: str = Field(
        description="The payment; of a deposit without a contract, the client credit; of what was due of one, its "
        "receipt; of cash that was given back, the settlement: an id."
    )
    contract: str | None = Field(description="The contract: an id; null for a deposit without a contract.")
    number: str | None = Field(description="The contract's number for people.")
    account: str
    client: str | None = Field(description="The name of the account's owner; null once that person is erased.")
    method: BankedMethod
    amount: Money = Field(description="Below zero where it is cash that was given back.")
    received_on: date
    cheque: PaperChequeView | None = Field(description="What the cheque says of itself; null if nothing is known.")
    bank_deposit: str | None = Field(description="The bank deposit that it is in: an id; null while it waits.")
    returned: Money = Field(description="The part of it that the bank took back.")

    @classmethod
    def of(cls, taking: Taking, account: Account | None) -> Self:
        """A taking with the names of its account."""
        cheque = taking.cheque
        return cls(
            client=account.names.owner or None if account else None,
            amount=Money(amount=taking.amount, currency=taking.currency),
            returned=Money(amount=taking.returned, currency=taking.currency),
            cheque=PaperChequeView(number=cheque.number, bank=cheque.bank, holder=cheque.holder) if cheque else None,
            **taking.model_dump(
                include={"id", "contract", "number", "account", "method", "received_on", "bank_deposit"}
            ),
        )


class WaitingSumView(BaseModel):
    """What waits for a bank deposit."""

    count: int = Field(description="How many payments.")
    amount: Money = Field(description="Their sum.")


class BankDepositView(Tolerant):
    """Cheques, or cash, that were handed to the bank together."""

    id: str
    reference: str = Field(description="What people call it, as on its slip: `REM-8F3A2C`.")
    method: BankedMethod
    deposited_on: date = Field(description="The day on which they were handed to the bank.")
    bank_account: str = Field(description="What the organisation calls the account that is credited.")
    count: int = Field(description="How many payments are in it.")
    amount: Money = Field(description="Their sum.")
    made_at: Instant = Field(description="When it was made.")
    made_by: str = Field(description="Who made it.")
    undone_on: date | None = Field(description="The day on which it was undone; null if it was not.")
    undone_by: str | None = Field(description="Who undid it; null if it was not undone.")

    @classmethod
    def of(cls, made: BankDeposit) -> Self:
        """A bank deposit as it is."""
        return cls(
            reference=made.reference,
            count=len(made.takings),
            amount=Money(amount=made.amount, currency=made.currency),
            undone_on=made.undone.on if made.undone else None,
            undone_by=made.undone.by if made.undone else None,
            **made.model_dump(include={"id", "method", "deposited_on", "bank_account", "made_at", "made_by"}),
        )
