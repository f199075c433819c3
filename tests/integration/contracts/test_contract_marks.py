"""Marks of invoices on the lines of contracts, on a real database: both orders, redelivery, tenants (INV-4, CON-8)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from carnet import parking
from carnet.events.base import Event
from carnet.events.payments import InvoiceCancelled, InvoiceIssued, InvoiceMarkRequested, InvoiceNotIssued
from carnet.ids import new_id
from tests.integration.contracts.conftest import Family, School, a_course
from tests.records import Given, record

ON = date(2026, 11, 22)


class Invoicing:
    """What payments says of the schedule of one contract, in its sequence."""

    def __init__(self, family: Family, contract: dict[str, Any]) -> None:
        self.family, self.contract = family, contract
        self.request, self.invoice = new_id(), new_id()
        self.sequence = 0

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line["id"] for line in self.contract["lines"])

    def published(self, body: Event, *, organisation: str | None = None) -> Given:
        self.sequence += 1
        organisation = organisation or self.family.school.organisation
        return record(body, aggregate=self.contract["id"], sequence=self.sequence, organisation=organisation)

    def asked(self, lines: Sequence[str] = (), paid: int = 60000) -> InvoiceMarkRequested:
        return InvoiceMarkRequested(
            contract=self.contract["id"], account=self.family.account, request=self.request, lines=tuple(lines),
            paid=paid, effective_on=ON,
        )  # fmt: skip

    def issued(self) -> InvoiceIssued:
        return InvoiceIssued(
            contract=self.contract["id"], account=self.family.account, currency="EUR", request=self.request,
            invoice=self.invoice, number="FA-2026-000001", lines=self.lines, total=60000, issued_on=ON,
            effective_on=ON,
        )  # fmt: skip

    def cancelled(self) -> InvoiceCancelled:
        return InvoiceCancelled(
            contract=self.contract["id"], account=self.family.account, currency="EUR", invoice=self.invoice,
            number="FA-2026-000001", credit_note=new_id(), credit_note_number="AV-2026-000001", lines=self.lines,
            total=60000, whole=True, issued_on=ON, effective_on=ON,
        )  # fmt: skip

    async def read(self) -> dict[str, Any]:
        contract: dict[str, Any] = (await self.family.school.get(f"/v1/contracts/{self.contract['id']}")).json()
        return contract

    async def cancels(self, line: str) -> tuple[int, dict[str, Any]]:
        known = await self.read()
        body = {"cancel": [line], "schedule_version": self.sequence}
        answer = await self.family.school.post(
            f"/v1/contracts/{self.contract['id']}/changes", body, version=known["version"]
        )
        return answer.status_code, answer.json()

    async def answers(self) -> list[str]:
        rows = await self.family.school.journal(self.contract["id"])
        names = [row["type"].split(".")[2] for row in rows]
        return [name for name in names if name in ("LinesMarked", "MarkRefused", "LinesUnmarked")]


@pytest.fixture
async def invoicing(school: School) -> Invoicing:
    course = a_course()
    await school.sells(course)
    family = await school.family()
    return Invoicing(family, await family.opens(course, course))


async def test_con_8_inv_4_a_purchase_is_held_from_its_mark_to_its_credit_note(
    school: School, invoicing: Invoicing
) -> None:
    first = invoicing.lines[0]
    await school.handles(invoicing.published(invoicing.asked()))
    status, problem = await invoicing.cancels(first)
    assert (status, problem["type"]) == (409, "urn:carnet:problem:line-invoiced")
    await school.handles(invoicing.published(invoicing.issued()))
    status, problem = await invoicing.cancels(first)
    assert (status, problem["params"]["number"], problem["params"]["invoice"]) == (
        409,
        "FA-2026-000001",
        invoicing.invoice,
    )
    shown = {"id": invoicing.invoice, "number": "FA-2026-000001"}
    purchases = (await school.get(f"/v1/accounts/{invoicing.family.account}/purchases")).json()["items"]
    assert [each["invoice"] for each in purchases] == [shown, shown]
    await school.handles(invoicing.published(invoicing.cancelled()))
    status, changed = await invoicing.cancels(first)
    assert (status, changed.get("type")) == (200, None)
    assert await invoicing.answers() == ["LinesMarked", "LinesUnmarked"]


async def test_inv_4_a_cancellation_confirmed_first_refuses_the_mark_and_leaves_no_line_marked(
    school: School, invoicing: Invoicing
) -> None:
    first, second = invoicing.lines
    status, _ = await invoicing.cancels(first)
    assert status == 200
    await school.handles(invoicing.published(invoicing.asked([first, second])))
    assert await invoicing.answers() == ["MarkRefused"]
    assert [line["invoice"] for line in (await invoicing.read())["lines"]] == [None, None]
    invoicing.request = new_id()
    await school.handles(invoicing.published(invoicing.asked([second])))
    assert [line["invoice"] for line in (await invoicing.read())["lines"]] == [None, {"id": None, "number": None}]


async def test_inv_4_a_request_delivered_twice_is_answered_once_and_a_mark_that_is_void_ends(
    school: School, invoicing: Invoicing
) -> None:
    asked = invoicing.published(invoicing.asked())
    await school.handles(asked, asked)
    assert await invoicing.answers() == ["LinesMarked"]
    not_issued = InvoiceNotIssued(
        contract=invoicing.contract["id"], account=invoicing.family.account, request=invoicing.request,
        lines=invoicing.lines, problem="line-not-paid", effective_on=ON,
    )  # fmt: skip
    void = invoicing.published(not_issued)
    await school.handles(void, void)
    assert await invoicing.answers() == ["LinesMarked", "LinesUnmarked"]
    assert (await invoicing.cancels(invoicing.lines[0]))[0] == 200


async def test_org_1_a_request_of_another_organisation_marks_nothing_and_is_parked(
    school: School, invoicing: Invoicing
) -> None:
    await school.handles(invoicing.published(invoicing.asked(), organisation=new_id()))
    assert await invoicing.answers() == []
    parked = [each.aggregate for each in await parking.listing(school.database)]
    assert parked.count(invoicing.contract["id"]) == 1  # other tests of the school may have parked something too
