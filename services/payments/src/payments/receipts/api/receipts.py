"""What was received of a period, by method: page by page, as CSV, and summed (PAY-7)."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Self

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from carnet.dates import Day, Instant
from carnet.decisions import Context
from carnet.events.payments import Method
from carnet.http import Page, PageAsked, router
from carnet.http.spreadsheets import Cell, FormAsked, Word, download
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import invalid
from carnet.tolerance import Tolerant
from payments.access import StaffReads, today_of
from payments.receipts.store import MethodSum, Receipt, WantedReceipts, all_receipts, receipts, sums_received

HEADER = (
    "received_on",
    "client",
    "number",
    "method",
    "amount",
    "refunded",
    "reversed",
    "currency",
    "contract",
    "payment",
)

routes = router(tags=["payments"])


class ReceiptView(Tolerant):
    """A payment of a period, with whose contract it is of."""

    payment: str = Field(description="The payment: an id.")
    contract: str
    number: str | None = Field(description="The contract's number; null if it has none.")
    account: str
    client: str | None = Field(description="The name of the account's owner; null once that person is erased.")
    received_on: date
    recorded_at: Instant
    method: Method
    amount: Money = Field(description="What came.")
    refunded: Money = Field(description="The part of it that was given back through the provider.")
    reversed: Money = Field(description="The part of it that the bank took back, also what the contract no longer had.")
    provider: str | None = Field(description="The provider that collected it; null if staff recorded it.")

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """The view of a payment."""
        payment = receipt.payment

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=payment.currency)

        return cls(
            payment=payment.id,
            number=receipt.number,
            client=receipt.client,
            amount=money(payment.amount),
            refunded=money(payment.refunded),
            reversed=money(payment.reversed + payment.beyond),
            **payment.model_dump(include={"contract", "account", "received_on", "recorded_at", "method", "provider"}),
        )


class MethodSumView(Tolerant):
    """What came by a method."""

    method: Method
    count: int = Field(description="How many payments.")
    amount: Money = Field(description="Their sum, whatever became of them later.")

    @classmethod
    def of(cls, summed: MethodSum, currency: str) -> Self:
        """The view of a sum."""
        return cls(method=summed.method, count=summed.count, amount=Money(amount=summed.amount, currency=currency))


class SumsView(BaseModel):
    """What came in a period, by method."""

    methods: list[MethodSumView] = Field(description="By method, the largest sum first.")
    total: Money = Field(description="What came in all.")


async def _wanted(
    call: StaffReads,
    since: Annotated[Day | None, Query(alias="from", description="The first day wanted.")] = None,
    until: Annotated[Day | None, Query(description="The last day wanted.")] = None,
    method: Annotated[Method | None, Query(description="Only what came by it.")] = None,
) -> WantedReceipts:
    if since is not None and until is not None and until < since:
        raise invalid(
            "dates-reversed",
            "The period ends before it begins. Send as 'until' the day of 'from' or a later one.",
            **{"from": since.isoformat(), "until": until.isoformat()},
        )
    return WantedReceipts(call.organisation, since, until, method)


ReceiptsAsked = Annotated[WantedReceipts, Depends(_wanted)]


@routes.get("/receipts")
async def list_receipts(call: StaffReads, wanted: ReceiptsAsked, page: PageAsked) -> Page[ReceiptView]:
    """The payments that were received in a period, of all contracts, oldest first.

    Entries that were voided are left out, and what was paid in another system. Deposits without a contract are client
    credits, and not among them.
    """
    found = await receipts(call.database, wanted, after=page.after(str, str), limit=page.fetch)
    return page.of(
        found, place=lambda each: (each.payment.received_on.isoformat(), each.payment.id), show=ReceiptView.of
    )


@routes.get("/receipts/sums")
async def sum_receipts(call: StaffReads, wanted: ReceiptsAsked) -> SumsView:
    """The sums of the same payments by method."""

    async def currency_of(unit: Unit, _: Context) -> str:
        return (await organisation_of(unit, call.organisation)).currency

    currency = await call.preview(currency_of)
    summed = await sums_received(call.database, wanted)
    total = Money(amount=sum(each.amount for each in summed), currency=currency)
    return SumsView(methods=[MethodSumView.of(each, currency) for each in summed], total=total)


@routes.get("/receipts.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
async def export_receipts(call: StaffReads, wanted: ReceiptsAsked, form: FormAsked) -> StreamingResponse:
    """The same payments, all of them, as CSV that the spreadsheets of a language open."""
    name = f"payments-{(await today_of(call)).isoformat()}.csv"
    return download(name, HEADER, _rows(all_receipts(call.database, wanted)), form)


async def _rows(found: AsyncIterator[Receipt]) -> AsyncIterator[list[Cell]]:
    async for each in found:
        yield cells(each)


def cells(receipt: Receipt) -> list[Cell]:
    """The cells of a payment, in the order of ``HEADER``."""
    payment = receipt.payment

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=payment.currency)

    return [
        payment.received_on,
        receipt.client or "",
        receipt.number or "",
        Word(payment.method),
        money(payment.amount),
        money(payment.refunded),
        money(payment.reversed + payment.beyond),
        payment.currency,
        payment.contract,
        payment.id,
    ]
