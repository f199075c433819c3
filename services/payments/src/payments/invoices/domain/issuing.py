"""Invoices of marked lines, and credit notes on invoices (INV-1 to INV-4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.contracts import LinesMarked, MarkedLine, Purchase
from carnet.refusals import Refusal, conflict, unknown
from payments.invoices.domain.document import Buyer, Document, Language
from payments.invoices.domain.drawing_up import Sold, by_exemption, credit_note, invoice
from payments.invoices.domain.invoices import Invoice, drawn_up
from payments.invoices.domain.numbering import Series, take
from payments.invoices.domain.requests import InvoiceRequest, ask, ended
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, particulars_of, vat_of
from payments.schedules.domain.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Client:
    """Who an invoice is for unless its request says so, and in which language."""

    name: str
    number: str | None
    language: Language


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organisation's part of an invoice: what it says of the organisation, and where its number comes from."""

    settings: InvoiceSettings
    series: Series


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of marked lines: the schedule with its events, the request, the invoices and their series.

    ``again`` is the next request, where the contract has more paid purchases than one invoice holds.
    """

    decision: Decision[Schedule]
    request: InvoiceRequest
    invoices: tuple[Invoice, ...] = ()
    series: Series | None = None
    again: InvoiceRequest | None = None


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit note: the schedule with its event, the note, its invoice as it then is, and the series."""

    decision: Decision[Schedule]
    note: Invoice
    invoice: Invoice
    series: Series


def issue(
    schedule: Schedule,
    request: InvoiceRequest,
    marked: LinesMarked,
    context: Context,
    *,
    issuer: Issuer,
    client: Client,
) -> Issued:
    """Issue the invoices of lines that contracts has marked; one for each reason of exemption.

    Where it can't be, nothing takes a number, and the marks are void.
    """
    try:
        fields = issuer.settings.given
        _refuse_unpaid(schedule, marked)
        sold = [_sold(line, fields, client.language, context.today) for line in marked.lines]
    except Refusal as refusal:
        return _not_issued(schedule, request, marked, refusal, context)
    buyer = request.buyer or Buyer(name=client.name, reference=client.number)
    particulars = particulars_of(fields, buyer, schedule.currency, client.language, context.today)
    series = issuer.series
    invoices: list[Invoice] = []
    events: list[Event] = []
    for group in by_exemption(sold):
        series, numbered = take(series, context.today)
        purchases = [line.purchase for line in marked.lines if line.purchase.line in {each.id for each in group}]
        supplied_on, supplied_until = _supplied(purchases)
        document = invoice(
            particulars,
            numbered,
            group,
            supplied_on=supplied_on,
            supplied_until=supplied_until,
            paid_on=schedule.invoicing.paid_on or numbered.issued_on,
        )
        made = _kept(document, schedule, series, context, request=request.id, by=request.asked_by, job=request.job)
        invoices.append(made)
        events.append(_issued(made, schedule, request, context))
    total = sum(each.total for each in invoices)
    invoicing = schedule.invoicing.model_copy(
        update={"request": None, "invoiced": schedule.invoicing.invoiced + total, "refused_at": None}
    )
    after = schedule.but(invoicing=invoicing)
    answered = request.issued(tuple(each.id for each in invoices), context)
    if not marked.more:
        return Issued(Decision(after, tuple(events)), answered, tuple(invoices), series)
    asked, again = ask(after, issuer.settings, context, job=request.job)
    again = again.model_copy(update={"asked_by": request.asked_by})
    return Issued(Decision(asked.state, (*events, *asked.events)), answered, tuple(invoices), series, again)


def credit(
    schedule: Schedule,
    invoiced: Invoice,
    series: Series,
    context: Context,
    *,
    lines: Collection[str],
    reason: str,
) -> Credited:
    """Cancel an invoice by a credit note: these lines of it, or all that are left (INV-3).

    Raises:
        Refusal: ``not-an-invoice``, ``invoice-credited``, ``unknown-line``, ``line-credited``.
    """
    if invoiced.kind != "invoice":
        raise conflict(
            "not-an-invoice",
            f"{invoiced.number} is a credit note, which nothing cancels: issue a new invoice of the purchases instead.",
            rule="INV-3",
            invoice=invoiced.id,
        )
    if not invoiced.live_lines:
        raise conflict(
            "invoice-credited",
            f"Credit notes have cancelled all of the invoice {invoiced.number}: nothing is left to cancel.",
            rule="INV-3",
            invoice=invoiced.id,
        )
    taken = tuple(dict.fromkeys(lines)) or invoiced.live_lines
    for line in taken:
        if line not in invoiced.lines:
            raise unknown("line", line)
        if line in invoiced.credited:
            raise conflict(
                "line-credited",
                f"A credit note has taken this line of the invoice {invoiced.number} already: leave it out.",
                rule="INV-3",
                invoice=invoiced.id,
                line=line,
            )
    series, numbered = take(series, context.today)
    document = credit_note(invoiced.document, numbered, reason=reason, lines=taken, before=invoiced.credited)
    note = _kept(document, schedule, series, context, request=invoiced.request, by=str(context.actor))
    note = note.model_copy(update={"credits": invoiced.id})
    after = invoiced.model_copy(
        update={
            "credited": (*invoiced.credited, *taken),
            "credit_notes": (*invoiced.credit_notes, note.id),
        }
    )
    event = published.InvoiceCancelled(
        contract=schedule.id,
        account=schedule.account,
        currency=schedule.currency,
        invoice=invoiced.id,
        number=invoiced.number,
        credit_note=note.id,
        credit_note_number=note.number,
        lines=taken,
        total=note.total,
        whole=not after.live_lines,
        issued_on=note.issued_on,
        effective_on=context.today,
    )
    left = schedule.invoicing.invoiced - note.total
    moved = schedule.but(invoicing=schedule.invoicing.model_copy(update={"invoiced": left, "refused_at": None}))
    return Credited(Decision(moved, (event,)), note, after, series)


def ready(invoiced: Invoice, context: Context) -> Decision[Invoice]:
    """The PDF is kept: the client can be informed (NOT-1)."""
    event = published.InvoiceReady(
        contract=invoiced.contract,
        account=invoiced.account,
        currency=invoiced.currency,
        invoice=invoiced.id,
        number=invoiced.number,
        credit_note=invoiced.kind == "credit_note",
        total=invoiced.total,
        issued_on=invoiced.issued_on,
        effective_on=context.today,
    )
    return Decision(invoiced.printed(context.now), (event,))


def _refuse_unpaid(schedule: Schedule, marked: LinesMarked) -> None:
    """What was paid when the lines were marked may have left since."""
    if schedule.invoicing.invoiced + sum(line.net for line in marked.lines) > schedule.paid:
        raise conflict(
            "line-not-paid",
            "Less is paid of the contract than when the invoice was asked for: it can be made once that is paid again.",
            rule="PAY-14",
            contract=schedule.id,
        )


def _not_issued(
    schedule: Schedule, request: InvoiceRequest, marked: LinesMarked, refusal: Refusal, context: Context
) -> Issued:
    event = published.InvoiceNotIssued(
        contract=schedule.id,
        account=schedule.account,
        request=request.id,
        lines=tuple(line.purchase.line for line in marked.lines),
        problem=refusal.slug,
        effective_on=context.today,
    )
    return Issued(Decision(ended(schedule, request), (event,)), request.refused(refusal, context))


def _sold(marked: MarkedLine, fields: InvoiceFields, language: Language, on: date) -> Sold:
    purchase = marked.purchase
    return Sold(
        id=purchase.line,
        name=purchase.name,
        gross=marked.net,
        vat=vat_of(fields, purchase.kind, purchase.vat_rate, language, on),
        detail=_detail(purchase),
        discounts=tuple((each.name, each.amount) for each in marked.discounts),
        supplies="goods" if purchase.kind == "item" and not purchase.free else "services",
        kind=None if purchase.free else purchase.kind,
    )


def _detail(purchase: Purchase) -> str | None:
    parts = [named.name for named in (purchase.format, purchase.tariff) if named]
    return " · ".join(parts) or None


def _supplied(purchases: Sequence[Purchase]) -> tuple[date, date | None]:
    """The first and the last day of what is sold; of a thing, the day of its sale."""
    first = min(each.first_day or each.bought_on for each in purchases)
    last = max((day for each in purchases if (day := each.last_day or each.expires_on)), default=first)
    return first, last if last > first else None


def _kept(
    document: Document, schedule: Schedule, series: Series, context: Context, *, request: str, by: str,
    job: str | None = None,
) -> Invoice:  # fmt: skip
    fields: Mapping[str, object] = {
        "organisation": schedule.organisation,
        "account": schedule.account,
        "contract": schedule.id,
        "request": request,
        "issued_by": by,
        "job": job,
    }
    return drawn_up(document, id=context.new_id(), count=series.last, context=context, **fields)


def _issued(made: Invoice, schedule: Schedule, request: InvoiceRequest, context: Context) -> published.InvoiceIssued:
    return published.InvoiceIssued(
        contract=schedule.id,
        account=schedule.account,
        currency=schedule.currency,
        request=request.id,
        invoice=made.id,
        number=made.number,
        lines=made.lines,
        total=made.total,
        issued_on=made.issued_on,
        effective_on=context.today,
    )
