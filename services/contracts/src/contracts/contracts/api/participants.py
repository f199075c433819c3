"""Who takes part in what a product is sold as: page by page, and as CSV."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Self

from pydantic import Field
from starlette.responses import StreamingResponse

from carnet.decisions import Context
from carnet.events.contracts import Named
from carnet.http import Call, Page, PageAsked
from carnet.http import router as new_router
from carnet.http.spreadsheets import Cell, FormAsked, Word, download
from carnet.ids import Id
from carnet.mongo import Unit
from contracts.contracts.api.access import StaffReads
from contracts.contracts.api.view import View
from contracts.contracts.api.views import NUMBER
from contracts.contracts.domain.purchases import PaymentStatus
from contracts.contracts.participants import Participation, all_participants, participants
from contracts.contracts.store import PRODUCTS

HEADER = (
    "first_name",
    "last_name",
    "birth_date",
    "client",
    "account_number",
    "email",
    "phone",
    "number",
    "product",
    "format",
    "tariff",
    "bought_on",
    "payment",
)

router = new_router(tags=["contracts"])


class ParticipantView(View):
    """A live purchase of a product, and who takes part by it."""

    contract: str
    contract_number: str | None = Field(description=NUMBER)
    line: str
    account: str
    account_number: str | None
    participant: str | None = Field(description="The member; null where it is for the family.")
    first_name: str | None = Field(description="Of the member; null for the family, and once erased.")
    last_name: str | None = Field(description="Of the member; null for the family, and once erased.")
    birth_date: date | None = Field(description="Of the member, where it is known.")
    client: str | None = Field(description="The name of the account's owner; null once erased.")
    email: str | None = Field(description="The owner's email address.")
    phone: str | None = Field(description="The owner's telephone number.")
    name: str = Field(description="The name of the product as it was sold.")
    format: Named | None
    tariff: Named | None
    bought_on: date
    payment: PaymentStatus | None = Field(description="What is paid of it (PAY-14); null while that is not known yet.")

    @classmethod
    def of(cls, found: Participation) -> Self:
        """The view of a participation."""
        member, owner, purchase = found.member, found.owner, found.line.purchase
        return cls(
            contract=found.contract.id,
            contract_number=found.contract.number,
            line=found.line.id,
            account=found.contract.account,
            account_number=found.account.number if found.account else None,
            participant=purchase.participant,
            first_name=member.first_name if member else None,
            last_name=member.last_name if member else None,
            birth_date=member.birth_date if member else None,
            client=f"{owner.first_name} {owner.last_name}".strip() if owner else None,
            email=owner.email if owner else None,
            phone=owner.phone if owner else None,
            name=purchase.name,
            format=purchase.format,
            tariff=purchase.tariff,
            bought_on=purchase.bought_on,
            payment=found.payment,
        )


@router.get("/products/{product}/participants")
async def list_participants(product: Id, call: StaffReads, page: PageAsked) -> Page[ParticipantView]:
    """Who takes part in a product: its purchases that are not cancelled, the oldest contract first. For staff."""
    after = page.after(str, str)
    await _day_and_product(call, product)
    found = await participants(call.database, call.organisation, product, after=after, limit=page.fetch)
    return page.of(found, place=lambda each: each.place, show=ParticipantView.of)


@router.get(
    "/products/{product}/participants.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def export_participants(product: Id, call: StaffReads, form: FormAsked) -> StreamingResponse:
    """The same, all of them, as CSV that the spreadsheets of a language open."""
    today = await _day_and_product(call, product)
    rows = _rows(all_participants(call.database, call.organisation, product))
    return download(f"participants-{today.isoformat()}.csv", HEADER, rows, form)


async def _day_and_product(call: Call, product: str) -> date:
    """Today, the organisation's; refuses (``unknown-product``) what it does not sell."""

    async def known(unit: Unit, context: Context) -> date:
        await unit.one(PRODUCTS, product, what="product")
        return context.today

    return await call.preview(known)


async def _rows(found: AsyncIterator[Participation]) -> AsyncIterator[list[Cell]]:
    async for each in found:
        yield cells(ParticipantView.of(each))


def cells(row: ParticipantView) -> list[Cell]:
    """The cells of a participant, in the order of ``HEADER``."""
    return [
        row.first_name or "",
        row.last_name or "",
        row.birth_date,
        row.client or "",
        row.account_number or "",
        row.email or "",
        row.phone or "",
        row.contract_number or "",
        row.name,
        row.format.name if row.format else "",
        row.tariff.name if row.tariff else "",
        row.bought_on,
        Word(row.payment) if row.payment else "",
    ]
