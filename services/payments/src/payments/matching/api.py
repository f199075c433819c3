"""What is paid of a contract beside its invoices, and matches by hand (INV-6)."""

from datetime import date
from typing import Self

from pydantic import Field
from starlette.responses import Response

from carnet.dates import Instant
from carnet.decisions import Context
from carnet.http import Body, PositiveMoneyIn, Reply, router
from carnet.ids import Id
from carnet.money import Money
from carnet.mongo import Unit
from carnet.organisations import amount_in
from carnet.refusals import unknown
from carnet.tolerance import Tolerant
from payments.access import Collects, StaffReads, visible
from payments.invoices.domain.invoices import Invoice
from payments.matching.domain import (
    Available,
    InvoiceState,
    Matched,
    Matching,
    Status,
    WantedMatch,
    match_by_hand,
    undo_match,
)
from payments.matching.store import Books, books_of
from payments.schedules.store import save, schedule_loads, schedule_to_change

routes = router(tags=["invoices"])


class MatchedView(Tolerant):
    """What a payment or a client credit pays of an invoice."""

    amount: Money
    payment: str | None = Field(description="The payment; null where a client credit pays.")
    credit: str | None = Field(description="The client credit; null where a payment pays.")
    invoice: str = Field(description="The invoice: an id.")
    match: str | None = Field(description="The match by hand that it comes from; null if it was matched automatically.")

    @classmethod
    def of(cls, matched: Matched, currency: str) -> Self:
        """A part that is matched."""
        return cls(
            amount=Money(amount=matched.amount, currency=currency),
            payment=matched.payment,
            credit=matched.credit,
            invoice=matched.invoice,
            match=matched.match,
        )


class MatchablePaymentView(Tolerant):
    """A payment of the contract, and how much of it is still paid."""

    id: str
    received_on: date
    method: str = Field(description="How it came.")
    amount: Money
    available: Money = Field(description="What has not gone back again: the most that can be matched.")
    unmatched: Money = Field(description="What is matched to no invoice.")

    @classmethod
    def of(cls, available: Available, matching: Matching) -> Self:
        """A payment with what is left to match."""
        payment = available.payment
        used = sum(each.amount for each in matching.matched if each.payment == payment.id)
        return cls(
            id=payment.id,
            received_on=payment.received_on,
            method=payment.method,
            amount=Money(amount=payment.amount, currency=payment.currency),
            available=Money(amount=available.amount, currency=payment.currency),
            unmatched=Money(amount=available.amount - used, currency=payment.currency),
        )


class StandingView(Tolerant):
    """The status of an invoice."""

    invoice: str = Field(description="The invoice: an id.")
    number: str = Field(description="Its number.")
    status: Status = Field(
        description="`covered`: what is not paid of it is covered by post-dated cheques that are held; `cancelled`: "
        "credit notes have taken all of it."
    )
    left: Money = Field(description="What no credit note has taken.")
    paid: Money = Field(description="What is matched to it.")
    covered: Money = Field(description="What is not paid and covered by cheques that are held.")

    @classmethod
    def of(cls, invoice: Invoice, state: InvoiceState) -> Self:
        """The status of an invoice."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=invoice.currency)

        return cls(
            invoice=invoice.id,
            number=invoice.number,
            status=state.status,
            left=money(state.left),
            paid=money(state.paid),
            covered=money(state.covered),
        )


class HandMatchView(Tolerant):
    """A match by hand, as it was decided. It pays no more than is still left of the payment and of the invoice."""

    id: str
    payment: str = Field(description="The payment: an id.")
    invoice: str = Field(description="The invoice: an id.")
    amount: Money
    at: Instant = Field(description="When it was decided, UTC.")
    by: str = Field(description="Who decided it.")


class MatchingView(Tolerant):
    """The payments of a contract matched to its invoices."""

    contract: str
    invoices: list[StandingView] = Field(description="The invoices, the oldest first.")
    payments: list[MatchablePaymentView] = Field(description="The payments, in the order in which they came.")
    matched: list[MatchedView] = Field(description="Which pays what: by hand first, then automatically.")
    matches: list[HandMatchView] = Field(description="What was matched by hand, in order.")

    @classmethod
    def of(cls, books: Books) -> Self:
        """The view of the matching of a contract."""
        matching, schedule = books.matching, books.schedule
        by_id = {each.id: each for each in books.invoices}
        return cls(
            contract=schedule.id,
            invoices=[StandingView.of(by_id[id_], state) for id_, state in matching.states.items()],
            payments=[MatchablePaymentView.of(each, matching) for each in matching.available],
            matched=[MatchedView.of(each, schedule.currency) for each in matching.matched],
            matches=[
                HandMatchView(
                    id=each.id,
                    payment=each.payment,
                    invoice=each.invoice,
                    amount=Money(amount=each.amount, currency=schedule.currency),
                    at=each.at,
                    by=each.by,
                )
                for each in schedule.invoicing.matches
            ],
        )


class MatchBody(Body):
    """A payment of the contract to match to one of its invoices by hand."""

    payment: Id = Field(description="The payment: an id.")
    invoice: Id = Field(description="The invoice: an id.")
    amount: PositiveMoneyIn | None = Field(default=None, description="As much as both allow where it is left out.")


@routes.get("/schedules/{contract}/matching", response_model=MatchingView)
async def show_matching(contract: Id, call: StaffReads) -> Response:
    """The status of the invoices of a contract, and which payment pays which (INV-6).

    Without a match by hand, the oldest payment pays the oldest invoice.
    """
    await visible(call, contract)

    async def work(unit: Unit, _: Context) -> Books:
        return await _books(unit, contract)

    books = await call.preview(work)
    return call.show(MatchingView.of(books), version=books.schedule.version)


@routes.post("/schedules/{contract}/matches", status_code=201, response_model=MatchingView)
async def match_payment(contract: Id, body: MatchBody, command: Collects) -> Response:
    """Match a payment to an invoice by hand: it pays that one first (INV-6). No money moves."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        books = await _books(unit, contract)
        amount = amount_in(body.amount, schedule.currency) if body.amount else None
        asked = WantedMatch(body.payment, body.invoice, amount)
        decision = match_by_hand(schedule, books.payments, books.invoices, asked, context)
        saved = save(unit, decision, context)
        return Reply(MatchingView.of(books.on(saved)), saved.version)

    return await command.run(work, status=201, loads=schedule_loads(contract))


@routes.delete("/schedules/{contract}/matches/{match}", response_model=MatchingView)
async def undo_payment_match(contract: Id, match: Id, command: Collects) -> Response:
    """Undo a match by hand: what it matched is matched automatically again (INV-6)."""

    async def work(unit: Unit, context: Context) -> Reply:
        schedule = await schedule_to_change(unit, contract)
        command.must_match(schedule.version)
        books = await _books(unit, contract)
        saved = save(unit, undo_match(schedule, books.invoices, match, context), context)
        return Reply(MatchingView.of(books.on(saved)), saved.version)

    return await command.run(work, loads=schedule_loads(contract))


async def _books(unit: Unit, contract: str) -> Books:
    found = (await books_of(unit, [contract])).get(contract)
    if found is None:
        raise unknown("schedule", contract)
    return found
