"""Schedules follow their contracts (PAY-2, PAY-7)."""

from dataclasses import replace

from carnet.envelope import Received
from carnet.events import contracts as published
from carnet.mongo import Unit
from carnet.organisations import reaction_context
from carnet.reactions import Reactions
from carnet.refusals import unknown
from payments.accounts.domain import Account
from payments.accounts.store import ACCOUNTS
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.decisions import adjust_schedule, open_schedule
from payments.schedules.domain.importing import import_schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.store import SCHEDULES, save

SERVICE = "payments"

CONTRACTS = Reactions(published.CONTRACTS)


@CONTRACTS.on(
    published.ContractOpened,
    loads=lambda event: [(SCHEDULES, event.body.contract), (ACCOUNTS, event.body.account)],
)
def contract_opened(event: Received[published.ContractOpened], unit: Unit) -> None:
    """Start the schedule as the sale says (PAY-7), or as another system had it (IMP-1), with the names known by now."""
    body = event.body
    unit.get(SCHEDULES, body.contract)  # a contract of another organisation is refused here (ORG-1)
    account = unit.get(ACCOUNTS, body.account) or Account(id=body.account, organisation=event.organisation)
    opening = Opening(
        contract=body.contract,
        organisation=event.organisation,
        account=body.account,
        mode=body.mode,
        sale=body.sale,
        currency=body.currency,
        terms=body.agreed,
        number=body.number,
    )
    context = reaction_context(event, SERVICE, body.effective_on)
    if body.imported is None:
        save(unit, open_schedule(opening, context), context)
    else:
        brought = import_schedule(opening, body.imported, context)
        # What is on no date waits here since the import, whatever the day of the contract.
        save(unit, brought.decision, replace(context, today=body.imported.on))
        for payment in brought.payments:
            unit.put(PAYMENTS, payment)
    unit.put(ACCOUNTS, account.model_copy(update={"contracts": account.contracts + 1}))


@CONTRACTS.on(
    published.ContractChanged,
    # The account too, which the follow-up shows: saving the schedule would read it by a query of its own.
    loads=lambda event: [(SCHEDULES, event.body.contract), (ACCOUNTS, event.body.account)],
)
def contract_changed(event: Received[published.ContractChanged], unit: Unit) -> None:
    """Let the schedule follow the new terms (PAY-2, PAY-15)."""
    body = event.body
    schedule = unit.get(SCHEDULES, body.contract)
    if schedule is None:
        raise unknown("schedule", body.contract)
    context = reaction_context(event, SERVICE, body.effective_on)
    save(unit, adjust_schedule(schedule, body.agreed, context), context)
