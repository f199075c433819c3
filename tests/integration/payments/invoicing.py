"""A school that invoices: its settings, paid contracts, and what contracts answers (INV-1 to INV-5)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carnet.events.base import ServiceRefusal
from carnet.events.catalog import CourseDetails, Kind
from carnet.events.contracts import AtOnce, LinesMarked, MarkedDiscount, MarkedLine, MarkRefused, Named, Purchase
from carnet.ids import new_id
from carnet.mongo import Database
from payments.invoices.domain.invoices import Invoice
from payments.invoices.domain.requests import InvoiceRequest
from payments.invoices.store import INVOICE_REQUESTS, INVOICES
from tests.integration.payments.conftest import Desk, Payments
from tests.integration.payments.received_records import SALE_DAY, Family, Story
from tests.records import Given
from tests.waits import BOUND, apis_wait

SETTINGS: dict[str, Any] = {
    "seller": {
        "name": "École de danse du Nord",
        "legal_form": "SARL au capital de 10 000 €",
        "address": {"lines": ["4 rue du Bal"], "postcode": "59000", "city": "Lille"},
        "siren": "732 829 320",
        "vat_number": "FR44732829320",
    },
    "exemption": {"code": "VATEX-FR-CGI261-7"},
}


async def settle(desk: Desk, version: int = 0, **fields: Any) -> int:
    """Give the settings; returns their version."""
    answer = await desk.put("/v1/invoice-settings", {**SETTINGS, **fields}, version=version)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["etag"].strip('"'))


@dataclass
class Sale:
    """A contract with its lines, as contracts answers about them."""

    story: Story
    lines: list[MarkedLine] = field(default_factory=list)

    @property
    def contract(self) -> str:
        return self.story.contract

    @property
    def total(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(line.purchase.line for line in self.lines)

    def marked(
        self, request: str, lines: Sequence[str] = (), *, on: date = SALE_DAY, more: bool = False, advance: int = 0
    ) -> Given:
        body = LinesMarked(
            contract=self.contract,
            account=self.story.family.account,
            currency="EUR",
            request=request,
            lines=tuple(
                line.model_copy(update={"advance": advance})
                for line in self.lines
                if not lines or line.purchase.line in lines
            ),
            more=more,
            deposit=advance > 0,
            effective_on=on,
        )
        return self.story._record(body, None)

    def refused(self, request: str, problem: str = "line-not-paid") -> Given:
        refusal = ServiceRefusal(
            cause="invoice-mark", asked_of="contracts", problem=problem, rule="PAY-14", detail="Pay it first."
        )
        body = MarkRefused(
            contract=self.contract,
            account=self.story.family.account,
            request=request,
            refusal=refusal,
            effective_on=SALE_DAY,
        )
        return self.story._record(body, None)


def a_line(
    net: int = 30000, vat_rate: int = 2000, kind: Kind = "course", discount: int = 0, participant: str | None = None
) -> MarkedLine:
    purchase = Purchase(
        line=new_id(),
        product=new_id(),
        kind=kind,
        name="Modern jazz",
        participant=participant,
        format=Named(id=new_id(), name="One hour a week"),
        price=net + discount,
        vat_rate=vat_rate,
        bought_on=SALE_DAY,
        details=CourseDetails(),
        first_day=date(2027, 1, 4),
        last_day=date(2027, 6, 28),
    )
    discounts = (MarkedDiscount(name="Family", amount=discount),) if discount else ()
    return MarkedLine(purchase=purchase, discounts=discounts, net=net)


async def paid_sale(desk: Desk, family: Family, *lines: MarkedLine) -> Sale:
    """A contract of these lines, of one by default, that is paid whole."""
    sale = Sale(Story(family), list(lines) or [a_line()])
    payments = desk.payments
    await payments.handles(sale.story.opened(sale.total, AtOnce()))
    answer = await desk.pay(sale.contract, sale.total, version=1)
    assert answer.status_code == 201, answer.text
    return sale


async def asked_quickly(desk: Desk, sale: Sale, lines: Sequence[str] = (), **fields: Any) -> str:
    """Ask for an invoice without waiting for contracts; returns the request."""
    with apis_wait(0):
        answer = await desk.post(f"/v1/schedules/{sale.contract}/invoices", {"lines": list(lines), **fields})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def under_way(payments: Payments, sale: Sale) -> str:
    """The request that waits for contracts, once there is one."""
    async with asyncio.timeout(BOUND):
        while True:
            request = (await payments.schedule(sale.contract)).invoicing.request
            if request is not None:
                return request
            await asyncio.sleep(0.01)


async def issued(desk: Desk, sale: Sale, lines: Sequence[str] = (), **fields: Any) -> list[Invoice]:
    """Ask for an invoice, and let contracts mark the lines."""
    request = await asked_quickly(desk, sale, lines, **fields)
    await desk.payments.handles(sale.marked(request, lines))
    return await of_request(desk.payments.database, request)


async def of_request(database: Database, request: str) -> list[Invoice]:
    query = {"request": request, "kind": {"$ne": "credit_note"}}
    found = await database[INVOICES.name].find(query).sort("count", 1).to_list(None)
    return [INVOICES.read(each) for each in found]


async def the_request(payments: Payments, request: str) -> InvoiceRequest:
    found = await payments.database[INVOICE_REQUESTS.name].find_one({"_id": request})
    assert found is not None
    return INVOICE_REQUESTS.read(found)
