"""Makes the PDF of each invoice after its commit, shared by all workers: claim, render, keep (INV-5)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from carnet.dates import utc_now
from carnet.decisions import Actor
from carnet.due import rounds
from carnet.ids import new_id
from carnet.leases import Leases
from carnet.mongo import Database, Unit, is_transient, transact
from carnet.observe import log
from carnet.organisations import context_for
from payments.invoices.domain.document import Document
from payments.invoices.domain.invoices import Invoice
from payments.invoices.domain.issuing import ready
from payments.invoices.store import DUE_PAPERS, INVOICES, PAPERS, Paper, logo_of

CLAIM_SECONDS = 15.0
"""How long an invoice stays with a worker that was killed."""

AT_ONCE = 5
"""How many invoices one round claims: as many as are surely made while the claim lasts."""

IDLE_SECONDS = 0.25
"""The shortest time between two looks after one that found nothing due."""

TRANSIENT_WAIT = 1.0
"""Seconds after which a paper that a transient fault has prevented is tried again; the others go on meanwhile."""

LONGEST_WAIT = 300
"""Seconds after which a paper that could not be made is tried again, at most."""

Render = Callable[[Document, bytes | None], bytes]
"""A document and its logo to a PDF; it takes processor time, and runs in a thread."""


class Printer:
    """The timed work of a worker."""

    def __init__(self, database: Database, render: Render) -> None:
        self._database = database
        self._render = render

    async def run(self, leases: Leases, stopping: asyncio.Event) -> None:
        """Make the papers of the slots held, until ``stopping`` is set."""
        await rounds(
            lambda: self.round(leases.slots, stopping),
            what="printing invoices",
            idle=IDLE_SECONDS,
            stopping=stopping,
            changed=self._database.changes.of(INVOICES.name),
            due_in=lambda: DUE_PAPERS.due_in(self._database, leases.slots),
        )

    async def round(self, slots: frozenset[int], stopping: asyncio.Event) -> int:
        """Claim a few invoices and make their papers; returns how many were claimed."""
        if not slots:
            return 0
        now, claim = utc_now(), new_id()
        until = now + timedelta(seconds=CLAIM_SECONDS)
        claimed = await DUE_PAPERS.claim(self._database, slots, claim=claim, now=now, until=until, limit=AT_ONCE)
        for invoice in claimed:
            if stopping.is_set():
                await DUE_PAPERS.put_off(self._database, claim, [invoice.id], utc_now())
            else:
                await self._print(invoice, claim)
        return len(claimed)

    async def _print(self, invoice: Invoice, claim: str) -> None:
        try:
            logo = await logo_of(self._database, invoice.organisation, invoice.document.particulars.logo)
            pdf = await asyncio.to_thread(self._render, invoice.document, logo)
            await transact(self._database, lambda unit: _keep(unit, invoice, claim, pdf))
        except Exception as error:
            if is_transient(error):
                log.warning("the paper of an invoice waits", invoice=invoice.id, error=type(error).__name__)
                again = utc_now() + timedelta(seconds=TRANSIENT_WAIT)
                await DUE_PAPERS.put_off(self._database, claim, [invoice.id], again)
                return
            wait = min(2 ** min(invoice.claims, 10), LONGEST_WAIT)
            log.exception("the paper of an invoice could not be made", invoice=invoice.id, again_in=wait)
            later = utc_now() + timedelta(seconds=wait)
            await DUE_PAPERS.put_off(self._database, claim, [invoice.id], later, counts=True)


async def _keep(unit: Unit, printed: Invoice, claim: str, pdf: bytes) -> None:
    with unit.piece(printed.organisation):
        await unit.load(INVOICES, [printed.id])
        invoice = unit.get(INVOICES, printed.id)
        if invoice is None or invoice.claim != claim:
            return  # the claim ran out, and another worker has it
        context = await context_for(unit, printed.organisation, Actor("service", "payments"))
        unit.put(PAPERS, Paper.of(invoice, pdf))
        unit.decide(INVOICES, ready(invoice, context), context)
