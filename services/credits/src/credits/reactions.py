"""Events in: contracts tells which lines sell a credit, payments tells when they are paid (CRE-2)."""

from typing import Any

from carnet.envelope import Received
from carnet.events import contracts, payments
from carnet.mongo import Unit
from carnet.organisations import reaction_context
from carnet.reactions import Reactions, Wanted
from credits.domain import Account, SellingContract, grant, pay, remove, sell, tell, unsell
from credits.store import ACCOUNTS, CREDITS, SELLING, save

SERVICE = "credits"

ACCOUNTS_TABLE = Reactions(contracts.ACCOUNTS)
CONTRACTS_TABLE = Reactions(contracts.CONTRACTS)
SCHEDULES_TABLE = Reactions(payments.SCHEDULES)
REACTIONS = (ACCOUNTS_TABLE, CONTRACTS_TABLE, SCHEDULES_TABLE)


def _selling(event: Received[Any]) -> Wanted:
    return [(SELLING, event.body.contract)]


def _selling_and_credit(event: Received[contracts.ProductCancelled]) -> Wanted:
    return [(SELLING, event.body.contract), (CREDITS, event.body.line)]


@ACCOUNTS_TABLE.on(contracts.AccountChanged, loads=lambda event: [(ACCOUNTS, event.aggregate)])
def account_changed(event: Received[contracts.AccountChanged], unit: Unit) -> None:
    """Know that the account exists. One whose people were erased keeps its credits, so it is not forgotten."""
    if unit.get(ACCOUNTS, event.aggregate) is None:
        unit.put(ACCOUNTS, Account(id=event.aggregate, organisation=event.organisation, version=event.sequence))


@CONTRACTS_TABLE.on(contracts.ContractOpened, loads=_selling)
def contract_opened(event: Received[contracts.ContractOpened], unit: Unit) -> None:
    """Know how far the contract is told by its opening."""
    _settle(event, unit, tell(_of(event, unit), event.body.version))


@CONTRACTS_TABLE.on(contracts.ContractChanged, loads=_selling)
def contract_changed(event: Received[contracts.ContractChanged], unit: Unit) -> None:
    """Know that a change is whole."""
    _settle(event, unit, tell(_of(event, unit), event.body.version))


@CONTRACTS_TABLE.on(contracts.ProductAdded, loads=_selling)
def product_added(event: Received[contracts.ProductAdded], unit: Unit) -> None:
    """Await the payment of a line that sells a credit."""
    _settle(event, unit, sell(_of(event, unit), event.body, event.sequence))


@CONTRACTS_TABLE.on(contracts.ProductCancelled, loads=_selling_and_credit)
def product_cancelled(event: Received[contracts.ProductCancelled], unit: Unit) -> None:
    """Await it no longer; where the line has granted its credit, remove that (CRE-4)."""
    body = event.body
    _settle(event, unit, unsell(_of(event, unit), body.line))
    credit = unit.get(CREDITS, body.line)
    if credit is not None:
        save(unit, credit, remove(credit, body.effective_on), reaction_context(event, SERVICE, body.effective_on))


@SCHEDULES_TABLE.on(payments.ContractPaid, loads=_selling)
def contract_paid(event: Received[payments.ContractPaid], unit: Unit) -> None:
    """Grant what the payment covers."""
    _settle(event, unit, pay(_of(event, unit), event.body.covers, event.body.effective_on))


@SCHEDULES_TABLE.on(payments.ScheduleAdjusted, loads=_selling)
def schedule_adjusted(event: Received[payments.ScheduleAdjusted], unit: Unit) -> None:
    """Grant what a change adds to a contract that stays fully paid, of which no ``ContractPaid`` tells (PAY-8)."""
    balance = event.body.balance
    if balance.processing == balance.planned == balance.unscheduled == 0:
        _settle(event, unit, pay(_of(event, unit), event.body.covers, event.body.effective_on))


def _of(event: Received[Any], unit: Unit) -> SellingContract:
    known = unit.get(SELLING, event.body.contract)
    return known or SellingContract(id=event.body.contract, organisation=event.organisation)


def _settle(event: Received[Any], unit: Unit, selling: SellingContract) -> None:
    """Keep what is now known of the contract, and grant what that allows."""
    settled, decisions = grant(selling)
    if settled != unit.get(SELLING, settled.id):
        unit.put(SELLING, settled)
    for decision in decisions:
        save(unit, None, decision, reaction_context(event, SERVICE, decision.state.granted_on))
