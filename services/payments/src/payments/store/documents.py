"""What payments keeps: its collections and their indexes."""

from collections.abc import Mapping
from typing import Literal

from pymongo import IndexModel

from carnet.mongo import Collection
from carnet.organisations import ORGANISATIONS
from payments.domain.cheques import HeldCheque
from payments.domain.follow_up import Account, FollowUp
from payments.domain.receiving import Payment
from payments.domain.schedule import Schedule

Sorting = Literal["name", "late_since", "due", "paid"]

SORT_FIELDS: Mapping[Sorting, str] = {
    "name": "names.sorted_by",
    "late_since": "next_due",
    "due": "due",
    "paid": "paid",
}

SCHEDULES = Collection(
    "schedules", Schedule, indexes=[IndexModel([("organisation", 1), ("account", 1)], name="of_account")]
)
PAYMENTS = Collection(
    "payments",
    Payment,
    indexes=[IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract")],
)
ACCOUNTS = Collection("accounts", Account)
FOLLOW_UPS = Collection(
    "follow_ups",
    FollowUp,
    indexes=[
        *(
            IndexModel([("organisation", 1), (key, 1), ("_id", 1)], name=f"by_{sorting}")
            for sorting, key in SORT_FIELDS.items()
        ),
        IndexModel([("organisation", 1), ("names.words", 1)], name="by_word"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("refund_due", 1)],
            name="to_refund",
            partialFilterExpression={"refund_due": {"$gt": 0}},
        ),
    ],
)
CHEQUES = Collection(
    "cheques",
    HeldCheque,
    indexes=[
        IndexModel([("organisation", 1), ("due", 1), ("_id", 1)], name="by_deposit"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
)
COLLECTIONS = (SCHEDULES, PAYMENTS, ACCOUNTS, FOLLOW_UPS, CHEQUES, ORGANISATIONS)
