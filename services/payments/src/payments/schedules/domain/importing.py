"""The schedule of a contract that comes from another system: what was paid and planned there (IMP-1, IMP-3)."""

from dataclasses import dataclass

from carnet.decisions import Context, Decision
from carnet.events import payments as published
from carnet.events.imports import Imported, PlannedElsewhere
from payments.receipts.domain.receiving import Payment
from payments.schedules.domain.schedule import Instalment, Schedule, balanced
from payments.schedules.domain.schedule_events import as_it_is, passage
from payments.schedules.domain.starting import Opening, start


@dataclass(frozen=True, slots=True)
class Brought:
    """The schedule as it is after the import, with its events, and the payments that were received elsewhere."""

    decision: Decision[Schedule]
    payments: tuple[Payment, ...]


def import_schedule(opening: Opening, imported: Imported, context: Context) -> Brought:
    """Answer the opening of a contract that comes from another system; ``context.today`` is its day there.

    The instalments are those of the other system. One whose date has come by the import is late, and collected by
    nobody until a person decides so. What is neither paid nor planned is unscheduled.

    Raises:
        ValueError: if payments and instalments exceed the total, or lines have dates of their own: contracts would be
            wrong.
    """
    started = start(opening, context)
    planned = tuple(_instalment(each, imported, context) for each in imported.planned)
    paid = sum(each.amount for each in imported.paid)
    rest = started.total - paid - sum(each.amount for each in planned)
    if started.instalments or rest < 0:
        raise ValueError(f"contract {opening.contract} is imported with more than its total, or with dated charges")
    day = planned[0].due.day if planned else started.day
    before = balanced(started.but(day=day, unscheduled=rest + paid, instalments=planned, imported_on=imported.on))
    created = published.ScheduleCreated(**as_it_is(before, context), change=context.change, imported=True)
    if not paid:
        return Brought(Decision(before, (created, *_passage(None, before, context))), ())
    after = before.but(unscheduled=rest, paid=paid)
    shown = {**as_it_is(after, context), "effective_on": imported.on}
    events = (
        created,
        published.PaymentsImported(**shown, payments=imported.paid),
        *_passage(before, after, context),
    )
    return Brought(Decision(after, events), tuple(_payments(after, imported, context)))


def _instalment(planned: PlannedElsewhere, imported: Imported, context: Context) -> Instalment:
    return Instalment(
        id=context.new_id(),
        due=planned.due,
        amount=planned.amount,
        method=planned.method,
        on_request=planned.due <= imported.on,
    )


def _passage(before: Schedule | None, after: Schedule, context: Context) -> tuple[published.ContractPaid, ...]:
    """The passage to fully paid, which no mail is about."""
    paid = (each for each in passage(before, after, context) if isinstance(each, published.ContractPaid))
    return tuple(each.model_copy(update={"imported": True}) for each in paid)


def _payments(schedule: Schedule, imported: Imported, context: Context) -> list[Payment]:
    return [
        Payment(
            id=each.payment,
            organisation=schedule.organisation,
            contract=schedule.id,
            account=schedule.account,
            amount=each.amount,
            currency=schedule.currency,
            method=each.method,
            received_on=each.received_on,
            instalment=None,
            recorded_at=context.now,
            recorded_by=str(context.actor),
            imported=True,
        )
        for each in imported.paid
    ]
