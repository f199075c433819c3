"""The part of the season in which what is paid is invoiced, printed and partly credited (INV-1 to INV-4)."""

import asyncio

from carnet.events.contracts import AtOnce
from carnet.journal import SLOTS
from carnet.mongo import Unit, transact
from payments.invoices.domain.document import Address, Document, Seller
from payments.invoices.domain.issuing import credit
from payments.invoices.domain.requests import ask
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, change_settings, settings_id
from payments.invoices.printing import Printer
from payments.invoices.store import (
    INVOICE_SETTINGS,
    INVOICES,
    keep_asked,
    keep_credited,
    load_series,
    settings_to_change,
)
from payments.schedules.store import SCHEDULES
from tests.integration.verify.plot import Plot, there

SELLER = Seller(name="École du Pas", address=Address(), siren="732829320", vat_number="FR44732829320")


def a_paper(document: Document, _: bytes | None) -> bytes:
    """Enough of a PDF for what is verified."""
    return f"%PDF-1.7 {document.number}".encode()


async def invoice(plot: Plot) -> None:
    """Two lines are invoiced, and one of them is credited."""
    world = plot.world
    settings = InvoiceSettings.none_of(world.organisation)
    await world.decide(
        "payments",
        INVOICE_SETTINGS,
        settings_id(world.organisation),
        lambda _, context: change_settings(settings, InvoiceFields(seller=SELLER), context),
    )
    await plot.open("invoiced", "moreau", AtOnce(), "jazz", "workshop")
    await world.settle()
    await plot.pay("invoiced", 30_000)
    contract, database = plot.season.contracts["invoiced"], world.databases["payments"]

    async def asked(unit: Unit) -> None:
        with unit.piece(world.organisation):
            schedule = await unit.one(SCHEDULES, contract, what="schedule")
            context = world.context()
            known = await settings_to_change(unit, world.organisation)
            keep_asked(unit, *ask(schedule, known, context), context)

    await transact(database, asked)
    await world.settle()
    issued = await world.one("payments", "invoices", {"contract": contract})

    async def credited(unit: Unit) -> None:
        with unit.piece(world.organisation):
            schedule = await unit.one(SCHEDULES, contract, what="schedule")
            context = world.context()
            known = there(await unit.one(INVOICES, issued["_id"], what="invoice"))
            series = await load_series(unit, world.organisation, "AV", context.today.year)
            lines = [known.lines[1]]
            keep_credited(unit, credit(schedule, known, series, context, lines=lines, reason="Called off."), context)

    await transact(database, credited)
    await Printer(database, a_paper).round(frozenset(range(SLOTS)), asyncio.Event())
    await world.settle()
