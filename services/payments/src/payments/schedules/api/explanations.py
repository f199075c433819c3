"""Every amount of a schedule with the moves that made it (PAY-17)."""

from datetime import date
from typing import Self

from starlette.responses import Response

from carnet.dates import Instant
from carnet.events.payments import SettledHow
from carnet.http import router
from carnet.ids import Id
from carnet.money import Money
from carnet.tolerance import Tolerant
from payments.access import Reads, visible
from payments.schedules.domain.explaining import Cause, Explained, Place, Share, explain
from payments.schedules.store import history_of

routes = router(tags=["schedules"])


class MoveView(Tolerant):
    """A move, and what it gave to the amount. Clients put ``cause`` and the fields that belong to it into words."""

    sequence: int
    """Which entry of the schedule's journal it is."""
    at: Instant
    on: date
    """The organisation's date on which it took effect; of a payment that staff recorded, the day it was received."""
    actor: str | None
    """Who, as in the journal; null for a client."""
    cause: Cause
    """Why it moved. ``other`` is what this release does not know."""
    share: Money
    """What it gave to the amount; below zero where it took from it."""
    after: Money
    """The amount after it."""
    total_before: Money
    """The total of the contract before it."""
    total_after: Money
    """The total of the contract after it."""
    moved: Money | None
    """What was paid, attempted, settled or taken back in all, of which the share is a part; null for other causes."""
    change: str | None
    """The change of the contract that it answers."""
    payment: str | None
    """The payment that was received, taken back, not refunded or voided."""
    settlement: str | None
    """The settlement of the refund line."""
    credit: str | None
    """The client credit, or the gift card, that pays; or the credit that the refund line was converted to."""
    card: bool
    """True if it is a gift card that pays (CRE-8)."""
    method: str | None
    """How the payment came."""
    how: SettledHow | None
    """How the refund line was settled."""
    reason: str | None
    """Why the provider, the bank or credits said no, as their events name it."""

    @classmethod
    def of(cls, share: Share, currency: str, *, for_staff: bool) -> Self:
        """A share of an amount."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=currency)

        move, event = share.move, share.move.entry.event
        moved = getattr(event, "amount", None)
        named = ("change", "payment", "settlement", "credit", "method", "how", "reason")
        return cls(
            sequence=move.entry.sequence,
            at=move.entry.at,
            on=move.on,
            actor=move.entry.actor if for_staff else None,
            cause=move.cause,
            share=money(share.amount),
            after=money(share.after),
            total_before=money(move.total_before),
            total_after=money(move.total_after),
            moved=None if moved is None else money(moved),
            card=bool(getattr(event, "card", False) or getattr(event, "code", None)),
            **{name: getattr(event, name, None) for name in named},
        )


class ExplainedView(Tolerant):
    """An amount of a schedule, and its moves, the oldest first: their shares add up to it."""

    place: Place
    """An instalment, what is unscheduled, or the refund line."""
    instalment: str | None
    """The instalment; null for what is none."""
    due: date | None
    """The date of the instalment; null while it waits for an open pause to be lifted (CON-18)."""
    amount: Money
    moves: list[MoveView]

    @classmethod
    def of(cls, explained: Explained, currency: str, *, for_staff: bool) -> Self:
        """An amount that was explained."""
        instalment = explained.instalment
        return cls(
            place=explained.place,
            instalment=instalment.id if instalment else None,
            due=instalment.due if instalment and not instalment.paused else None,
            amount=Money(amount=explained.amount, currency=currency),
            moves=[MoveView.of(share, currency, for_staff=for_staff) for share in explained.shares],
        )


class ExplanationView(Tolerant):
    """Every amount of a schedule that is above zero, explained: the instalments by date, unscheduled, refund line."""

    contract: str
    number: str | None
    version: int
    """The version of the schedule that is explained."""
    amounts: list[ExplainedView]


@routes.get("/schedules/{contract}/explanation", response_model=ExplanationView)
async def explain_schedule(contract: Id, call: Reads) -> Response:
    """Why each amount of a schedule is what it is: the moves that made it, whose sum it is (PAY-17)."""
    schedule = await visible(call, contract)
    entries = [entry async for entry in history_of(call.database, call.organisation, schedule)]
    for_staff = call.principal.is_staff
    body = ExplanationView(
        contract=schedule.id,
        number=schedule.number,
        version=schedule.version,
        amounts=[ExplainedView.of(each, schedule.currency, for_staff=for_staff) for each in explain(entries)],
    )
    return call.show(body, version=schedule.version)
