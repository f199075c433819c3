"""The copies of client accounts; their names are repeated in the rows of the follow-up."""

from carnet.mongo import Collection, Database, Document, Repeated
from payments.accounts.domain import Account
from payments.follow_up.store.rows import FOLLOW_UPS


def _names(account: Account) -> Document:
    return {"names": account.names.model_dump(mode="json")}


ACCOUNTS = Collection(
    "accounts",
    Account,
    repeated=[Repeated(FOLLOW_UPS, by="account", fields=_names, where=lambda account: account.contracts > 0)],
)


async def account_of(database: Database, organisation: str, account: str) -> Account | None:
    """What is known of an account of that organisation; None if there is none (ORG-1)."""
    return await database.state_of(ACCOUNTS, organisation, account)
