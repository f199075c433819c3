"""Invoices, their numbers, settings, requests and papers: documents, indexes and queries."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Self, get_args

from pymongo import IndexModel

from carnet.decisions import Context, Decision, State
from carnet.due import Due, in_slots
from carnet.journal import slot_of
from carnet.mongo import Collection, Database, Document, Unit, Wanted
from carnet.requests.alarm import Waiting, WaitingIn
from carnet.requests.causes import INVOICE_MARK
from carnet.search import beginning_with
from payments.invoices.domain.document import Logo
from payments.invoices.domain.invoices import Invoice
from payments.invoices.domain.issuing import Credited, Issued
from payments.invoices.domain.numbering import Series, new_series, series_id
from payments.invoices.domain.requests import InvoiceRequest, Status
from payments.invoices.domain.settings import InvoiceSettings, settings_id
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import PAID_SINCE, SCHEDULES, TO_INVOICE, save, schedule_loads


class Paper(State):
    """The PDF of an invoice, whose id it has: kept as it was made (INV-1)."""

    pdf: str
    """Its bytes in base64."""

    @classmethod
    def of(cls, invoice: Invoice, pdf: bytes) -> Self:
        """The paper of an invoice."""
        return cls(id=invoice.id, organisation=invoice.organisation, pdf=b64encode(pdf).decode())


class LogoImage(State):
    """A logo that documents name by its digest; its id is the organisation's and the digest."""

    image: str
    """Its bytes in base64."""

    @classmethod
    def of(cls, organisation: str, logo: Logo, image: bytes) -> Self:
        """The image of a logo."""
        return cls(id=_logo_id(organisation, logo), organisation=organisation, image=b64encode(image).decode())


INVOICES = Collection(
    "invoices",
    Invoice,
    indexes=[
        IndexModel([("organisation", 1), ("prefix", 1), ("year", 1), ("count", 1)], name="by_count", unique=True),
        IndexModel([("organisation", 1), ("number", 1)], name="by_number", unique=True),
        IndexModel([("organisation", 1), ("issued_on", -1), ("_id", -1)], name="newest"),
        IndexModel([("organisation", 1), ("account", 1), ("issued_on", -1), ("_id", -1)], name="of_account"),
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("words", 1)], name="by_word"),
        IndexModel([("due", 1), ("slot", 1)], name="due", partialFilterExpression={"due": {"$gt": ""}}),
    ],
    derived={"slot": lambda invoice: slot_of(invoice.id)},
)
SERIES = Collection("invoice_series", Series)
INVOICE_SETTINGS = Collection("invoice_settings", InvoiceSettings)
INVOICE_REQUESTS = Collection(
    "invoice_requests",
    InvoiceRequest,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("job", 1), ("status", 1)], name="of_job"),
        IndexModel([("asked_at", 1)], name="unanswered", partialFilterExpression={"status": "requested"}),
    ],
)
PAPERS = Collection("invoice_papers", Paper)
LOGOS = Collection("invoice_logos", LogoImage)

INVOICE_COLLECTIONS = (INVOICES, SERIES, INVOICE_SETTINGS, INVOICE_REQUESTS, PAPERS, LOGOS)

DUE_PAPERS = Due(INVOICES, instant="due", claims="claims")
"""The invoices whose PDF is to be made."""


def settings_in(unit: Unit, organisation: str) -> InvoiceSettings:
    """The settings of an organisation, loaded before; those of one that gave none are empty."""
    return unit.get(INVOICE_SETTINGS, settings_id(organisation)) or InvoiceSettings.none_of(organisation)


async def settings_to_change(unit: Unit, organisation: str) -> InvoiceSettings:
    """The settings of an organisation, loaded."""
    await unit.load(INVOICE_SETTINGS, [settings_id(organisation)])
    return settings_in(unit, organisation)


def request_loads(contract: str, organisation: str) -> Wanted:
    """What asking for an invoice reads."""
    return (*schedule_loads(contract), (INVOICE_SETTINGS, settings_id(organisation)))


async def settings_of(database: Database, organisation: str) -> InvoiceSettings:
    """The settings of an organisation as they are now."""
    found = await database[INVOICE_SETTINGS.name].find_one({"_id": settings_id(organisation)})
    return INVOICE_SETTINGS.read(found) if found else InvoiceSettings.none_of(organisation)


def series_in(unit: Unit, organisation: str, prefix: str, year: int) -> Series:
    """The series of a year, loaded before."""
    return unit.get(SERIES, series_id(organisation, prefix, year)) or new_series(organisation, prefix, year)


async def load_series(unit: Unit, organisation: str, prefix: str, year: int) -> Series:
    """The series of a year, loaded."""
    await unit.load(SERIES, [series_id(organisation, prefix, year)])
    return series_in(unit, organisation, prefix, year)


def keep_asked(unit: Unit, decision: Decision[Schedule], request: InvoiceRequest, context: Context) -> Schedule:
    """Save a schedule whose invoice is asked for, with the request."""
    unit.put(INVOICE_REQUESTS, request)
    return save(unit, decision, context)


def keep_refused(unit: Unit, schedule: Schedule, request: InvoiceRequest) -> None:
    """Save what contracts refused: nothing is published of it."""
    unit.put(SCHEDULES, schedule)
    unit.put(INVOICE_REQUESTS, request)


def keep_issued(unit: Unit, issued: Issued, context: Context) -> None:
    """Save numbers, journal and documents in one transaction (INV-2)."""
    save(unit, issued.decision, context)
    unit.put(INVOICE_REQUESTS, issued.request)
    if issued.again is not None:
        unit.put(INVOICE_REQUESTS, issued.again)
    if issued.series is not None:
        unit.put(SERIES, issued.series)
    for each in (*issued.invoices, *issued.deducted):
        unit.put(INVOICES, each)


def keep_credited(unit: Unit, credited: Credited, context: Context) -> Schedule:
    """Save a credit note with its number, its invoice and the journal, in one transaction (INV-2, INV-3)."""
    unit.put(SERIES, credited.series)
    unit.put(INVOICES, credited.note)
    unit.put(INVOICES, credited.invoice)
    return save(unit, credited.decision, context)


async def invoice_of(database: Database, organisation: str, invoice: str) -> Invoice | None:
    """The invoice or credit note of that id, where the organisation has it (ORG-1)."""
    return await database.state_of(INVOICES, organisation, invoice)


async def request_of(database: Database, organisation: str, request: str) -> InvoiceRequest | None:
    """The request of that id, where the organisation has it (ORG-1)."""
    return await database.state_of(INVOICE_REQUESTS, organisation, request)


async def paper_of(database: Database, organisation: str, invoice: str) -> bytes | None:
    """The PDF of an invoice; None while it is not made."""
    found = await database[PAPERS.name].find_one({"_id": invoice, "organisation": organisation})
    return b64decode(found["pdf"]) if found else None


async def logo_of(database: Database, organisation: str, logo: Logo | None) -> bytes | None:
    """The image of a logo; None if there is none."""
    if logo is None:
        return None
    found = await database[LOGOS.name].find_one({"_id": _logo_id(organisation, logo)})
    return b64decode(found["image"]) if found else None


def _logo_id(organisation: str, logo: Logo) -> str:
    return f"{organisation}|{logo.digest}"


@dataclass(frozen=True, slots=True)
class WantedInvoices:
    """Which invoices and credit notes of an organisation: all that fit what is not None and not empty.

    ``number`` is the beginning of one, ``name`` are beginnings of words of the client's name; ``since`` and ``until``
    are days of issue, both included.
    """

    organisation: str
    account: str | None = None
    contract: str | None = None
    kind: Literal["invoice", "deposit_invoice", "credit_note"] | None = None
    number: str = ""
    name: str = ""
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        """The filter of the invoices."""
        equal = {"account": self.account, "contract": self.contract, "kind": self.kind}
        query: Document = {"organisation": self.organisation, **beginning_with("words", self.name)}
        query |= {field: value for field, value in equal.items() if value is not None}
        if self.number:
            query["number"] = {"$gte": self.number, "$lt": f"{self.number}\uffff"}
        days = {"$gte": self.since, "$lte": self.until}
        if issued := {bound: day.isoformat() for bound, day in days.items() if day is not None}:
            query["issued_on"] = issued
        return query


async def invoices_found(
    database: Database, wanted: WantedInvoices, *, after: tuple[str, str] | None, limit: int
) -> Sequence[Invoice]:
    """These invoices and credit notes, the newest day first; ``after`` is the day and the id of the last shown."""
    found = wanted.query()
    if after is not None:
        day, last = after
        older = {"$or": [{"issued_on": {"$lt": day}}, {"issued_on": day, "_id": {"$lt": last}}]}
        found = {"$and": [found, older]}
    cursor = database[INVOICES.name].find(found).sort([("issued_on", -1), ("_id", -1)]).limit(limit)
    return [INVOICES.read(document) async for document in cursor]


async def outcomes_of_job(database: Database, organisation: str, job: str) -> Mapping[str, int]:
    """How many requests of a bulk job have each status."""
    query = {"organisation": organisation, "job": job}
    requests = database[INVOICE_REQUESTS.name]
    return {status: await requests.count_documents({**query, "status": status}) for status in get_args(Status)}


async def refused_of_job(
    database: Database, organisation: str, job: str, *, after: str | None, limit: int
) -> Sequence[InvoiceRequest]:
    """The requests of a bulk job that were refused, in the order of asking."""
    query: Document = {"organisation": organisation, "job": job, "status": "refused"}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = database[INVOICE_REQUESTS.name].find(query).sort("_id", 1).limit(limit)
    return [INVOICE_REQUESTS.read(document) async for document in found]


async def to_invoice(database: Database, organisation: str, *, after: str | None, limit: int) -> Sequence[str]:
    """Contracts with something paid that no invoice bears, in the order of their ids."""
    query: Document = {"organisation": organisation, "to_invoice": {"$gt": ""}}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = database[SCHEDULES.name].find(query, {"_id": 1}).hint(TO_INVOICE).sort("_id", 1).limit(limit)
    return [document["_id"] async for document in found]


async def paid_since(
    database: Database, organisation: str, since: date, slots: frozenset[int], *, limit: int, but: Sequence[str] = ()
) -> Sequence[str]:
    """Contracts of these slots that are fully paid, since that day or a later one, where no invoice bears all of it.

    Those that have been paid longest are first; ``but`` are left out.
    """
    query: Document = {"organisation": organisation, "to_invoice": {"$gte": since.isoformat()}, **in_slots(slots)}
    if but:
        query["_id"] = {"$nin": list(but)}
    found = database[SCHEDULES.name].find(query, {"_id": 1}).hint(PAID_SINCE).sort("to_invoice", 1).limit(limit)
    return [document["_id"] async for document in found]


async def count_to_invoice(database: Database, organisation: str) -> int:
    """How many contracts have something paid that no invoice bears."""
    query: Document = {"organisation": organisation, "to_invoice": {"$gt": ""}}
    return await database[SCHEDULES.name].count_documents(query, hint=TO_INVOICE)


async def invoiced_by_themselves(database: Database) -> Sequence[InvoiceSettings]:
    """The settings of the organisations whose contracts are invoiced automatically."""
    found = database[INVOICE_SETTINGS.name].find({"automatic_since": {"$gt": ""}})
    return [INVOICE_SETTINGS.read(document) async for document in found]


def _waiting(document: Mapping[str, Any]) -> Iterator[Waiting]:
    yield Waiting(
        request=document["_id"],
        cause=INVOICE_MARK.name,
        asked_of=INVOICE_MARK.asked_of,
        about=document["contract"],
        organisation=document["organisation"],
        asked_at=datetime.fromisoformat(document["asked_at"]),
        awaited=tuple(document["asked"]["awaited"]),
    )


UNANSWERED_MARKS = WaitingIn(
    collection=INVOICE_REQUESTS.name,
    asked_at="asked_at",
    fields=("contract", "asked.awaited"),
    read=_waiting,
    query={"status": "requested"},
)
"""The requests to mark lines that contracts has not answered."""
