"""What contracts answers to the marks that invoices ask for (INV-4)."""

from collections.abc import Iterator

from carnet.envelope import Received
from carnet.events import contracts as published
from carnet.mongo import Unit, Wanted
from carnet.organisations import ORGANISATIONS, reaction_context
from carnet.refusals import unknown
from payments.accounts.store import ACCOUNTS
from payments.invoices.domain.document import Language
from payments.invoices.domain.issuing import Client, Issuer, issue
from payments.invoices.domain.numbering import series_id
from payments.invoices.domain.requests import InvoiceRequest, mark_refused
from payments.invoices.domain.settings import InvoiceSettings, settings_id
from payments.invoices.store import (
    INVOICE_REQUESTS,
    INVOICE_SETTINGS,
    INVOICES,
    SERIES,
    keep_issued,
    keep_refused,
    series_in,
    settings_in,
)
from payments.schedules.domain.schedule import Schedule
from payments.schedules.reactions import CONTRACTS
from payments.schedules.store import SCHEDULES

SERVICE = "payments"

Answered = published.LinesMarked | published.MarkRefused


def _request(event: Received[Answered]) -> Wanted:
    return [(INVOICE_REQUESTS, event.body.request), (SCHEDULES, event.body.contract)]


def _with_settings(event: Received[published.LinesMarked]) -> Wanted:
    return [
        *_request(event),
        (INVOICE_SETTINGS, settings_id(event.organisation)),
        (ACCOUNTS, event.body.account),
        (ORGANISATIONS, event.organisation),
        *((INVOICES, deposit) for deposit in _deposits(event.body)),
    ]


def _deposits(marked: published.LinesMarked) -> Iterator[str]:
    """The deposit invoices that the invoice is to deduct."""
    return (deposit for line in marked.lines for deposit in (() if marked.deposit else line.deposits))


def _series(event: Received[published.LinesMarked], unit: Unit) -> Wanted:
    prefix = _prefix(settings_in(unit, event.organisation))
    return [(SERIES, series_id(event.organisation, prefix, event.body.effective_on.year))]


def _prefix(settings: InvoiceSettings) -> str:
    """What the numbers of invoices begin with; nothing takes a number where no settings were given."""
    return settings.fields.invoice_prefix if settings.fields else ""


@CONTRACTS.on(published.LinesMarked, loads=_with_settings, then_loads=_series)
def lines_marked(event: Received[published.LinesMarked], unit: Unit) -> None:
    """Issue the invoices of the marked lines: numbers, journal and documents at once (INV-2, INV-4)."""
    request, schedule = _waiting(event, unit)
    if request.status != "requested":
        return
    settings = settings_in(unit, event.organisation)
    context = reaction_context(event, SERVICE, event.body.effective_on)
    series = series_in(unit, event.organisation, _prefix(settings), context.today.year)
    issuer = Issuer(settings, series)
    deposits = [found for each in _deposits(event.body) if (found := unit.get(INVOICES, each)) is not None]
    issued = issue(
        schedule, request, event.body, context, issuer=issuer, client=_client(event, unit), deposits=deposits
    )
    keep_issued(unit, issued, context)


@CONTRACTS.on(published.MarkRefused, loads=_request)
def mark_was_refused(event: Received[published.MarkRefused], unit: Unit) -> None:
    """Nothing is invoiced, and the contract can be asked again."""
    request, schedule = _waiting(event, unit)
    if request.status == "requested":
        context = reaction_context(event, SERVICE, event.body.effective_on)
        keep_refused(unit, *mark_refused(schedule, request, event.body.refusal, context))


CONTRACT_REACTIONS = CONTRACTS
"""The table of the topic, with the reactions of schedules."""


def _client(event: Received[published.LinesMarked], unit: Unit) -> Client:
    account, organisation = unit.get(ACCOUNTS, event.body.account), unit.get(ORGANISATIONS, event.organisation)
    language: Language = organisation.languages[0] if organisation else "fr"
    if account is None:
        return Client(name=event.body.account, number=None, language=language)
    names = account.names
    return Client(
        name=names.owner or names.number or account.id,
        number=names.number,
        language=account.language or language,
        people=account.called,
    )


def _waiting(event: Received[Answered], unit: Unit) -> tuple[InvoiceRequest, Schedule]:
    """The request that contracts answers, with its schedule; an answer to nothing is a fault, which has to be seen."""
    request, schedule = unit.get(INVOICE_REQUESTS, event.body.request), unit.get(SCHEDULES, event.body.contract)
    if request is None or schedule is None:
        raise unknown("request", event.body.request)
    return request, schedule
