"""Payment methods of accounts: their documents, and what waits for one (PAY-12)."""

from pymongo import IndexModel

from carnet.mongo import Collection, Database, Document, Unit
from payments.accounts.domain import Account
from payments.accounts.store import ACCOUNTS
from payments.payment_methods.domain import PaymentMethods
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES

PAYMENT_METHODS = Collection(
    "payment_methods",
    PaymentMethods,
    indexes=[IndexModel([("organisation", 1), ("methods.provider", 1)], name="of_provider")],
)


def methods_in(unit: Unit, schedule: Schedule) -> PaymentMethods:
    """The payment methods of the account of a schedule, loaded before."""
    kept = unit.get(PAYMENT_METHODS, schedule.account)
    return kept or PaymentMethods(id=schedule.account, organisation=schedule.organisation)


def note_method_move(unit: Unit, account: str, organisation: str) -> None:
    """Count in the account, loaded before, that it got a payment method or that it has none: the two conflict."""
    known = unit.get(ACCOUNTS, account) or Account(id=account, organisation=organisation)
    unit.put(ACCOUNTS, known.model_copy(update={"method_moves": known.method_moves + 1}))


async def waiting_for_method(unit: Unit, account: str) -> list[str]:
    """The contracts of an account of which something waits for a payment method, loaded."""
    query: Document = {
        "organisation": unit.organisation,
        "account": account,
        "instalments.waits_for_method": True,
    }
    found = await unit.database[SCHEDULES.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    ids = [document["_id"] for document in found]
    await unit.load(SCHEDULES, ids)
    return ids


async def methods_of(database: Database, organisation: str, account: str) -> PaymentMethods:
    """The payment methods of an account."""
    return await database.state_of(PAYMENT_METHODS, organisation, account) or PaymentMethods(
        id=account, organisation=organisation
    )
