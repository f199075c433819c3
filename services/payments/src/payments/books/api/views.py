"""What requests and answers about the books look like (INV-7)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from carnet.dates import Day, Instant
from carnet.events.catalog import Kind
from carnet.http import Body
from carnet.money import BasisPoints, Money
from carnet.texts import Line
from payments.books.domain.books import Books, Closing
from payments.books.domain.plan import DEFAULTS, Account, KindAccount, Plan, RateAccount, Role


class AccountBody(Body):
    """An account of the ledger."""

    number: Annotated[str, Field(pattern=r"^[1-9][0-9]{2}[0-9A-Z]{0,13}$")] = Field(
        description="Its number, three digits at least: `706000`."
    )
    name: Line = Field(description="Its name: `Prestations de services`.")

    @property
    def read(self) -> Account:
        """As the domain has it."""
        return Account(number=self.number, name=self.name)


class AccountsBody(Body):
    """The account for each purpose."""

    clients: AccountBody
    cash: AccountBody
    cheque: AccountBody
    transfer: AccountBody
    card: AccountBody
    direct_debit: AccountBody
    bank: AccountBody | None = Field(
        default=None,
        description="Where bank deposits move cash and cheques to; the account of transfers where it is left out.",
    )
    credits: AccountBody
    deposits: AccountBody | None = Field(
        default=None,
        description="What deposit invoices bear until the invoice of the whole purchase; the usual account where it is "
        "left out.",
    )
    sales: AccountBody
    vat: AccountBody
    allowances: AccountBody
    gains: AccountBody
    losses: AccountBody
    opening: AccountBody = AccountBody(number=DEFAULTS["opening"].number, name=DEFAULTS["opening"].name)
    """Balances what comes from another system; the usual account where it is left out (IMP-3)."""


class KindAccountBody(Body):
    """The account of a kind of product."""

    kind: Kind
    account: AccountBody


class RateAccountBody(Body):
    """The account of the VAT at a rate."""

    rate: BasisPoints = Field(description="In basis points: `2000` is 20 %.")
    account: AccountBody


class BooksSettingsBody(Body):
    """The accounts that the accounting export names."""

    accounts: AccountsBody
    sales: Annotated[tuple[KindAccountBody, ...], Field(max_length=20)] = Field(
        default=(), description="The kinds of product whose sales have an account of their own."
    )
    vat: Annotated[tuple[RateAccountBody, ...], Field(max_length=20)] = Field(
        default=(), description="The rates of VAT that have an account of their own."
    )

    @property
    def read(self) -> Plan:
        """As the domain has it: only what differs from the defaults is kept."""
        given = {role: body.read for role in DEFAULTS if (body := getattr(self.accounts, role)) is not None}
        usual = {**DEFAULTS, "bank": given["transfer"]}
        accounts: Mapping[Role, Account] = {role: each for role, each in given.items() if each != usual[role]}
        return Plan(
            accounts=accounts,
            sales=tuple(KindAccount(kind=each.kind, account=each.account.read) for each in self.sales),
            vat=tuple(RateAccount(rate=each.rate, account=each.account.read) for each in self.vat),
        )


class AccountView(BaseModel):
    """An account of the ledger."""

    number: str
    name: str

    @classmethod
    def of(cls, account: Account) -> Self:
        """As it is."""
        return cls(number=account.number, name=account.name)


class KindAccountView(BaseModel):
    """The account of a kind of product."""

    kind: str = Field(description="A kind of product: `item`.")
    account: AccountView


class RateAccountView(BaseModel):
    """The account of the VAT at a rate."""

    rate: int = Field(description="In basis points: `2000` is 20 %.")
    account: AccountView


class ClosingView(BaseModel):
    """A closing."""

    until: date = Field(description="The last day that it closed.")
    at: Instant = Field(description="When, UTC.")
    on: date = Field(description="The organisation's date of then.")
    by: str = Field(description="Who, as in the journal.")

    @classmethod
    def of(cls, closing: Closing) -> Self:
        """As it was made."""
        return cls(until=closing.until, at=closing.at, on=closing.on, by=closing.by)


class BooksView(BaseModel):
    """The accounts that the accounting export names, and what is closed."""

    accounts: dict[str, AccountView] = Field(description="The account for each purpose, by its name.")
    sales: list[KindAccountView] = Field(description="The kinds of product whose sales have an account of their own.")
    vat: list[RateAccountView] = Field(description="The rates of VAT that have an account of their own.")
    closed_until: date | None = Field(description="The last day that is closed; null if none is.")
    closings: list[ClosingView] = Field(description="What was closed, the latest first.")

    @classmethod
    def of(cls, books: Books) -> Self:
        """The books as they are."""
        plan = books.plan
        return cls(
            accounts={role: AccountView.of(plan.account(role)) for role in DEFAULTS},
            sales=[KindAccountView(kind=each.kind, account=AccountView.of(each.account)) for each in plan.sales],
            vat=[RateAccountView(rate=each.rate, account=AccountView.of(each.account)) for each in plan.vat],
            closed_until=books.closed_until,
            closings=[ClosingView.of(closing) for closing in reversed(books.closings)],
        )


class ClosingBody(Body):
    """What is to be closed, for good."""

    until: Day = Field(description="The last day of it: all days until then are closed, that one too.")


class BalanceLineView(BaseModel):
    """What an account moved in a period."""

    account: AccountView
    debit: Money
    credit: Money


class BalanceView(BaseModel):
    """The sums of the entries of a period, account by account."""

    since: date = Field(description="The first day.")
    until: date = Field(description="The last day, included.")
    entries: int = Field(description="How many entries there are.")
    debit: Money = Field(description="All debits, which are as much as all credits.")
    credit: Money = Field(description="All credits.")
    items: list[BalanceLineView] = Field(description="Each account that moved, in the order of the numbers.")
