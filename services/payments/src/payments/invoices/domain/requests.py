"""What is asked of contracts before an invoice takes a number: to mark its lines (INV-4)."""

from collections.abc import Mapping
from typing import Literal

from pydantic import computed_field

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.events.base import ServiceRefusal
from carnet.refusals import Refusal, conflict
from carnet.requests.asked import Request, refusal_from
from carnet.requests.causes import INVOICE_MARK
from payments.invoices.domain.document import Buyer
from payments.invoices.domain.settings import InvoiceSettings
from payments.schedules.domain.schedule import Schedule

Status = Literal["requested", "issued", "refused"]
_STATUS: Mapping[Literal["waiting", "granted", "refused"], Status] = {
    "waiting": "requested",
    "granted": "issued",
    "refused": "refused",
}


class InvoiceRequest(State):
    """Purchases that are to be invoiced, and what became of that."""

    contract: str
    account: str
    lines: tuple[str, ...] = ()
    """Empty for all that are paid and have no invoice."""
    left_out: tuple[str, ...] = ()
    """Lines that are left out: credit notes cancelled their invoices, and nobody has asked to invoice them again."""
    deposit: bool = False
    """True for a deposit invoice of what is paid in advance."""
    amount: int | None = None
    """Of a deposit invoice: the amount that was seen, in minor units; None for the whole amount paid in advance."""
    buyer: Buyer | None = None
    """Who the invoice is for, if it is not for the owner of the account; forgotten once it is answered."""
    asked: Request
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None = None
    job: str | None = None
    """The bulk job that asked."""
    invoices: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator] # kept, since indexes are on it
    @property
    def status(self) -> Status:
        """Its status."""
        return _STATUS[self.asked.status]

    @property
    def refusal(self) -> ServiceRefusal | None:
        """Why nothing was invoiced."""
        return self.asked.refused

    def issued(self, invoices: tuple[str, ...], context: Context) -> "InvoiceRequest":
        """The request once its invoices are issued."""
        asked = self.asked.grant(*self.asked.awaited)
        answer = {"asked": asked, "invoices": invoices, "answered_at": context.now, "buyer": None}
        return self.model_copy(update=answer)

    def refused(self, refusal: Refusal, context: Context) -> "InvoiceRequest":
        """The request once nothing is invoiced by it."""
        asked = self.asked.refuse(refusal)
        return self.model_copy(update={"asked": asked, "answered_at": context.now, "buyer": None})


def ask(
    schedule: Schedule,
    settings: InvoiceSettings,
    context: Context,
    *,
    lines: tuple[str, ...] = (),
    left_out: tuple[str, ...] = (),
    buyer: Buyer | None = None,
    job: str | None = None,
    deposit: bool = False,
    amount: int | None = None,
) -> tuple[Decision[Schedule], InvoiceRequest]:
    """Ask contracts to mark paid purchases, these or all without an invoice but those ``left_out`` (INV-4, PAY-14).

    With ``deposit`` the purchase that is paid in part, if that part is ``amount``.

    Raises:
        Refusal: ``invoice-settings-missing``, ``invoice-under-way``, ``nothing-to-invoice``.
    """
    settings.given  # noqa: B018 # refuses where nothing was given
    invoicing = schedule.invoicing
    if invoicing.request is not None:
        raise conflict(
            "invoice-under-way",
            "An invoice of this contract is being issued: look at its invoices in a moment.",
            rule="INV-4",
            contract=schedule.id,
            request=invoicing.request,
        )
    if schedule.paid <= invoicing.invoiced:
        raise nothing_to_invoice(schedule.id)
    request = InvoiceRequest(
        id=context.new_id(),
        organisation=schedule.organisation,
        contract=schedule.id,
        account=schedule.account,
        lines=lines,
        left_out=left_out,
        deposit=deposit,
        amount=amount,
        buyer=buyer,
        asked=Request.to(INVOICE_MARK, *(lines or (schedule.id,))),
        asked_at=context.now,
        asked_by=str(context.actor),
        job=job,
    )
    event = published.InvoiceMarkRequested(
        contract=schedule.id,
        account=schedule.account,
        request=request.id,
        lines=lines,
        left_out=left_out,
        deposit=deposit,
        paid=schedule.paid,
        effective_on=context.today,
    )
    after = schedule.but(invoicing=invoicing.model_copy(update={"request": request.id}))
    return Decision(after, (event,)), request


def mark_refused(
    schedule: Schedule, request: InvoiceRequest, refusal: ServiceRefusal, context: Context
) -> tuple[Schedule, InvoiceRequest]:
    """Contracts marked nothing: the contract can be invoiced again, automatically only once it has moved."""
    return ended(schedule, request), request.refused(refusal_from(refusal), context)


def ended(schedule: Schedule, request: InvoiceRequest) -> Schedule:
    """The schedule once the request is refused."""
    fields: dict[str, object] = {"request": None}
    if not request.lines and not request.deposit:
        fields["credited_at" if request.left_out else "refused_at"] = (schedule.covers, schedule.paid)
    return schedule.but(invoicing=schedule.invoicing.model_copy(update=fields))


def nothing_to_invoice(contract: str) -> Refusal:
    """The refusal where all that is paid is on invoices."""
    return conflict(
        "nothing-to-invoice",
        "Nothing that is paid of this contract lacks an invoice.",
        rule="INV-1",
        contract=contract,
    )
