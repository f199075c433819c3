"""Invoices issued a second beside the bare writes (INV-2), and their PDFs beside bare typst (INV-5)."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any, cast

import typst

import carnet.paper
import payments.invoices.paper
from carnet.batches import Batches
from carnet.decisions import Context
from carnet.envelope import Record
from carnet.events.catalog import ItemDetails
from carnet.events.contracts import CONTRACTS as TOPIC
from carnet.events.contracts import LinesMarked, MarkedLine, Purchase
from carnet.ids import new_id
from carnet.journal import SLOTS, rows_of
from carnet.mongo import Database, Unit, transact
from carnet.relay import record_of
from carnet_play.bench.owing import Families, known, must_be, pages
from carnet_play.bench.publishing import Given, Published
from carnet_play.bench.recording import Play, Recording, play_writes
from carnet_play.bench.report import Figure
from carnet_play.bench.stage import PRICE, School, Stage
from payments.collections import COLLECTIONS
from payments.invoices.domain.document import Address, Document, Seller
from payments.invoices.domain.requests import ask
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, change_settings
from payments.invoices.paper import render
from payments.invoices.paper.content import content_of
from payments.invoices.paper.electronic import factur_x
from payments.invoices.printing import Printer
from payments.invoices.reactions import CONTRACT_REACTIONS
from payments.invoices.store import INVOICE_SETTINGS, INVOICES, PAPERS, keep_asked

CONTRACTS = 2_000
PAPERS_MADE = 100
SELLER = Seller(
    name="École Bench",
    address=Address(lines=("4 rue du Bal",), postcode="59000", city="Lille"),
    siren="732829320",
    vat_number="FR44732829320",
)


async def measure(stage: Stage, contracts: int = CONTRACTS, papers: int = PAPERS_MADE) -> tuple[Figure, Figure]:
    """Take both: contracts have marked what is paid of so many contracts, then some invoices are printed."""
    database = stage.database("payments")
    school = await stage.school(stage.database("contracts"))
    families = Families(database, school)
    bought = await families.buy(contracts)
    await families.pay(bought)
    answers = await _asked(families, bought)
    before = {name: await database[name].find().to_list(None) for name in await _names(database)}
    # The writes are recorded of the same batches, and played again on the same documents.
    recording, recorded = Recording(database), list[list[Play]]()
    await _apply(recording, answers, recorded)
    await _reset(database, before)
    started = time.perf_counter()
    for calls in recorded:
        await play_writes(database, calls)
    bare = contracts / (time.perf_counter() - started)
    await _reset(database, before)
    started = time.perf_counter()
    await _apply(database, answers)
    issued = contracts / (time.perf_counter() - started)
    await must_be(database, INVOICES.name, contracts)
    figures = (
        Figure(
            name="Invoices issued per second",
            floor="a loop that writes the same documents in the same transactions",
            measured=issued,
            beside=bare,
            unit="/s",
            goal=None,
        ),
        await _printed(database, papers),
    )
    database.close()
    return figures


async def _asked(families: Families, bought: Sequence[str]) -> list[Published]:
    """Ask for the invoices of these contracts; what contracts answers about each."""
    school, answers = families.school, list[Published]()
    none = InvoiceSettings.none_of(school.organisation)
    context = school.context()

    async def given(unit: Unit) -> InvoiceSettings:
        return unit.decide(INVOICE_SETTINGS, change_settings(none, InvoiceFields(seller=SELLER), context), context)

    settings = await transact(families.database, given)

    def one(unit: Unit, contract: str, context: Context) -> None:
        decision, request = ask(known(unit, contract), settings, context)
        keep_asked(unit, decision, request, context)
        answers.append(_marked(school, contract, request.account, request.id))

    for page in pages(bought):
        await families.each(page, one)
    return answers


def _marked(school: School, contract: str, account: str, request: str) -> Published:
    context = school.context()
    purchase = Purchase(
        line=new_id(), product=school.product.id, kind="item", name=school.product.name, price=PRICE, vat_rate=2_000,
        bought_on=context.today, details=ItemDetails(),
    )  # fmt: skip
    body = LinesMarked(
        contract=contract, account=account, currency="EUR", request=request,
        lines=(MarkedLine(purchase=purchase, net=PRICE),), effective_on=context.today,
    )  # fmt: skip
    return record_of(rows_of(contract, school.organisation, 0, [body], context)[0])


async def _apply(database: Database, answers: Sequence[Published], recorded: list[list[Play]] | None = None) -> None:
    """Let payments react to these answers, so many in one transaction as a worker takes."""
    batches = Batches("payments", database, CONTRACT_REACTIONS, lanes=1)
    for page in pages(answers):
        await batches.apply([cast("Record", Given(TOPIC, row)) for row in page])
        if recorded is not None and isinstance(database, Recording):
            recorded.append(database.taken())


async def _names(database: Database) -> list[str]:
    return sorted(await database.motor.list_collection_names())


async def _reset(database: Database, before: Mapping[str, list[Any]]) -> None:
    """Put the documents of before in the place of those of now."""
    for name in await _names(database):
        await database[name].delete_many({})
        if before.get(name):
            await database[name].insert_many(before[name], ordered=False)
    await database.prepare(COLLECTIONS)


async def _printed(database: Database, count: int) -> Figure:
    """PDFs a second by the worker's printer, beside typst alone with the same templates and data."""
    some = await database[INVOICES.name].find().limit(count).to_list(None)
    documents = [INVOICES.read(each).document for each in some]
    bare = await asyncio.to_thread(_typeset, documents)
    printer, stopping = Printer(database, render), asyncio.Event()
    started, made = time.perf_counter(), 0
    while made < count:
        made += await printer.round(frozenset(range(SLOTS)), stopping)
    rate = made / (time.perf_counter() - started)
    await must_be(database, PAPERS.name, made)
    return Figure(
        name="PDFs of invoices per second (PDF/A-3 and PDF/UA with Factur-X, kept in MongoDB)",
        floor="bare typst, the same template, data and standards, nothing embedded or kept",
        measured=rate,
        beside=bare,
        unit="/s",
        goal=None,
    )


def _typeset(documents: Sequence[Document]) -> float:
    """How many documents a second typst alone makes."""
    folder = Path(carnet.paper.__file__).parent
    compiler = typst.Compiler(
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        package_path=folder / "packages",
        package_cache_path=folder / "packages",
    )
    template = Path(payments.invoices.paper.__file__).parent / "invoice.typ"
    made = [
        ({"data": json.dumps(content_of(each, None), ensure_ascii=False), "attached": factur_x(each).decode()}, each)
        for each in documents
    ]
    started = time.perf_counter()
    for inputs, each in made:
        noon = datetime.combine(each.numbered.issued_on, clock(12), UTC)
        compiler.compile(
            template,
            root=template.parent,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=noon,
        )
    return len(documents) / (time.perf_counter() - started)
