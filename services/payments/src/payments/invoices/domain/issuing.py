"""Invoices of marked lines, and credit notes on invoices (INV-1 to INV-4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.contracts import LinesMarked, MarkedDiscount, MarkedLine, Purchase
from carnet.refusals import Refusal, conflict, unknown
from payments.invoices.domain.document import Buyer, Document, Language
from payments.invoices.domain.drawing_up import (
    Sold,
    by_exemption,
    credit_note,
    deposit_invoice,
    deposit_lines,
    invoice,
)
from payments.invoices.domain.invoices import Invoice, drawn_up
from payments.invoices.domain.mentions import deposit_name
from payments.invoices.domain.numbering import Series, take
from payments.invoices.domain.requests import InvoiceRequest, ask, ended
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings, particulars_of, vat_of
from payments.schedules.domain.schedule import Invoicing, Schedule


@dataclass(frozen=True, slots=True)
class Client:
    """Who an invoice is for unless its request names another, and in which language."""

    name: str
    number: str | None
    language: Language
    people: Mapping[str, str] = field(default_factory=dict)
    """What the people of its account are called, by their ids."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organisation's part of an invoice: what it says of the organisation, and where its number comes from."""

    settings: InvoiceSettings
    series: Series


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of marked lines: the schedule with its events, the request, the invoices and their series.

    ``deducted`` are the deposit invoices that the invoices deduct, as they then are.
    ``again`` is the next request, where the contract has more paid purchases than one invoice holds.
    """

    decision: Decision[Schedule]
    request: InvoiceRequest
    invoices: tuple[Invoice, ...] = ()
    series: Series | None = None
    deducted: tuple[Invoice, ...] = ()
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
    deposits: Sequence[Invoice] = (),
) -> Issued:
    """Issue the invoices of lines that contracts has marked; one for each reason of exemption.

    ``deposits`` are the deposit invoices that ``marked`` names, which are deducted. For a deposit invoice, the part of
    the line that is paid in advance. Where it can't be, nothing takes a number, and the marks are void.
    """
    try:
        fields = issuer.settings.given
        _refuse_other(request, marked, deposits)
        _refuse_unpaid(schedule, marked, deposits)
        sold = [_sold(line, fields, client, context.today) for line in marked.lines]
    except Refusal as refusal:
        return _not_issued(schedule, request, marked, refusal, context)
    buyer = request.buyer or Buyer(name=client.name, reference=client.number)
    particulars = particulars_of(fields, buyer, schedule.currency, client.language, context.today)
    series = issuer.series
    invoices: list[Invoice] = []
    events: list[Event] = []
    gone: list[Invoice] = []
    for group in by_exemption(sold):
        series, numbered = take(series, context.today)
        lines = {each.id for each in group}
        paid_on = schedule.invoicing.paid_on or numbered.issued_on
        taken = [each for each in deposits if lines & set(each.lines)]
        if request.deposit:
            advance = sum(line.advance for line in marked.lines)
            parts = deposit_lines(advance, group, name=deposit_name(client.language))
            document = deposit_invoice(particulars, numbered, parts, paid_on=paid_on)
        else:
            purchases = [line.purchase for line in marked.lines if line.purchase.line in lines]
            supplied_on, supplied_until = _supplied(purchases)
            document = invoice(
                particulars,
                numbered,
                group,
                supplied_on=supplied_on,
                supplied_until=supplied_until,
                paid_on=paid_on,
                deposits=[each.document for each in taken],
            )
        made = _kept(document, schedule, series, context, request=request.id, by=request.asked_by, job=request.job)
        made = made.model_copy(update={"deposits": tuple(each.id for each in taken)})
        invoices.append(made)
        events.append(_issued(made, schedule, request, context, deducted=sum(each.left for each in taken)))
        gone += [each.model_copy(update={"deducted_by": made.id}) for each in taken]
    before = schedule.invoicing
    borne = sum(each.total for each in invoices) - sum(each.left for each in deposits)
    whole = set[str]() if request.deposit else {line.purchase.line for line in marked.lines}
    invoicing = before.model_copy(
        update={
            "request": None,
            "invoiced": before.invoiced + borne,
            "refused_at": None,
            "credited": tuple(line for line in before.credited if line not in whole),
        }
    )
    after = schedule.but(invoicing=invoicing)
    answered = request.issued(tuple(each.id for each in invoices), context)
    if not marked.more:
        return Issued(Decision(after, tuple(events)), answered, tuple(invoices), series, tuple(gone))
    asked, again = ask(after, issuer.settings, context, left_out=request.left_out, job=request.job)
    again = again.model_copy(update={"asked_by": request.asked_by})
    decision = Decision(asked.state, (*events, *asked.events))
    return Issued(decision, answered, tuple(invoices), series, tuple(gone), again)


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
        Refusal: ``not-an-invoice``, ``deposit-deducted``, ``invoice-credited``, ``unknown-line``, ``line-credited``.
    """
    if not invoiced.bears:
        raise conflict(
            "not-an-invoice",
            f"{invoiced.number} is a credit note, which nothing cancels: issue a new invoice of the purchases instead.",
            rule="INV-3",
            invoice=invoiced.id,
        )
    if invoiced.deducted_by is not None:
        raise conflict(
            "deposit-deducted",
            f"The invoice of the whole purchase deducts the deposit invoice {invoiced.number}: cancel that invoice by "
            "a credit note instead, the deposit is cancelled with it.",
            rule="INV-3",
            invoice=invoiced.id,
            deducted_by=invoiced.deducted_by,
        )
    if not invoiced.live_lines:
        raise conflict(
            "invoice-credited",
            f"Credit notes have cancelled the whole invoice {invoiced.number}: nothing is left to cancel.",
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
    # A purchase whose deposit invoice is cancelled is still invoiced automatically once it is paid.
    not_again = () if invoiced.kind == "deposit_invoice" else taken
    moved = schedule.but(invoicing=_credited(schedule, note.total, not_again))
    return Credited(Decision(moved, (event,)), note, after, series)


def _credited(schedule: Schedule, total: int, lines: tuple[str, ...]) -> Invoicing:
    """What invoices have once a credit note takes these lines, which are not invoiced again automatically (INV-3)."""
    before, now = schedule.invoicing, (schedule.covers, schedule.paid)
    all_known = schedule.paid <= before.invoiced or now in (before.refused_at, before.credited_at)
    return before.model_copy(
        update={
            "invoiced": before.invoiced - total,
            "refused_at": None,
            "credited": tuple(dict.fromkeys((*before.credited, *lines))),
            "credited_at": now if all_known else None,
        }
    )


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
        deposit=invoiced.kind == "deposit_invoice",
    )
    return Decision(invoiced.printed(context.now), (event,))


def _refuse_other(request: InvoiceRequest, marked: LinesMarked, deposits: Sequence[Invoice]) -> None:
    """An older release of contracts marks whole purchases, and a credit note may have taken a deposit since."""
    named = {each for line in marked.lines for each in line.deposits}
    live = {each.id for each in deposits if each.live_lines}
    if request.deposit != marked.deposit or (not marked.deposit and named != live):
        raise conflict(
            "invoice-again",
            "The purchases moved while the invoice was asked for: ask for it again.",
            rule="INV-4",
            contract=marked.contract,
        )
    advance = sum(line.advance for line in marked.lines)
    if request.amount is not None and request.amount != advance:
        raise conflict(
            "advance-moved",
            f"{advance} minor units are paid in advance by now, and not {request.amount}: look at the contract, then "
            "ask for the deposit invoice again.",
            rule="INV-1",
            contract=marked.contract,
            advance=advance,
            amount=request.amount,
        )


def _refuse_unpaid(schedule: Schedule, marked: LinesMarked, deposits: Iterable[Invoice]) -> None:
    """What was paid when the lines were marked may have been given back since."""
    borne = sum(line.advance if marked.deposit else line.net for line in marked.lines)
    if schedule.invoicing.invoiced + borne - sum(each.left for each in deposits) > schedule.paid:
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


def _sold(marked: MarkedLine, fields: InvoiceFields, client: Client, on: date) -> Sold:
    purchase, language = marked.purchase, client.language
    return Sold(
        id=purchase.line,
        name=purchase.name,
        gross=marked.net,
        vat=vat_of(fields, purchase, language, on),
        detail=_detail(purchase, client.people),
        discounts=tuple((_named(each, language), each.amount) for each in marked.discounts),
        supplies="goods" if purchase.kind == "item" and not purchase.free else "services",
        kind=None if purchase.free else purchase.kind,
    )


def _named(discount: MarkedDiscount, language: Language) -> str:
    """What the document calls what is taken off a line: the name of a discount, or a scholarship (CRE-11)."""
    return _SCHOLARSHIP[language] if discount.scholarship else discount.name


_SCHOLARSHIP: Mapping[Language, str] = {"en": "Scholarship", "fr": "Bourse"}


def _detail(purchase: Purchase, people: Mapping[str, str]) -> str | None:
    """For whom it is, in which format and at which tariff."""
    participant = people.get(purchase.participant or "")
    parts = [participant] if participant else []
    parts += [named.name for named in (purchase.format, purchase.tariff) if named]
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


def _issued(
    made: Invoice, schedule: Schedule, request: InvoiceRequest, context: Context, *, deducted: int
) -> published.InvoiceIssued:
    return published.InvoiceIssued(
        contract=schedule.id,
        account=schedule.account,
        currency=schedule.currency,
        request=request.id,
        invoice=made.id,
        number=made.number,
        lines=made.lines,
        total=made.total,
        deposit=request.deposit,
        deposits=made.deposits,
        deducted=deducted,
        issued_on=made.issued_on,
        effective_on=context.today,
    )
