"""What payments keeps: its collections and their indexes."""

from collections.abc import Mapping
from typing import Literal

from pymongo import IndexModel

from carnet.journal import slot_of
from carnet.mongo import Collection, Document
from carnet.organisations import ORGANISATIONS
from payments.domain.calendars import CollectionCalendar
from payments.domain.cheques import HeldCheque
from payments.domain.credit_uses import KnownCredit, UseRequest
from payments.domain.follow_up import Account, FollowUp
from payments.domain.methods import PaymentMethods
from payments.domain.orders import Order
from payments.domain.receiving import Payment
from payments.domain.reversing import Reversal
from payments.domain.schedule import Schedule
from payments.domain.settling import Settlement

Sorting = Literal["name", "late_since", "due", "paid"]

SORT_FIELDS: Mapping[Sorting, str] = {
    "name": "names.sorted_by",
    "late_since": "next_due",
    "due": "due",
    "paid": "paid",
}


def _found_by(schedule: Schedule) -> Document:
    """What the run finds it by: the date from which it collects one of its instalments, and the slot (PAY-11)."""
    on = schedule.collect_on
    return {"collect_on": on.isoformat() if on else None, "slot": slot_of(schedule.id)}


TO_COLLECT = "to_collect"
"""The index by which what is due is found: named to MongoDB, since a wrong guess would read every schedule."""

SCHEDULES = Collection(
    "schedules",
    Schedule,
    indexes=[
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
        IndexModel(
            [("organisation", 1), ("collect_on", 1), ("slot", 1), ("_id", 1)],
            name=TO_COLLECT,
            partialFilterExpression={"collect_on": {"$gt": ""}},
        ),
    ],
    derived=_found_by,
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
        IndexModel(
            [("organisation", 1), ("refund_noted_at", 1), ("_id", 1)],
            name="refund_lines",
            partialFilterExpression={"refund_due": {"$gt": 0}},
        ),
        IndexModel(
            [("organisation", 1), ("processing", 1)],
            name="in_attempt",
            partialFilterExpression={"processing": {"$gt": 0}},
        ),
        IndexModel(
            [("organisation", 1), ("credit_used", 1)],
            name="credit_used",
            partialFilterExpression={"credit_used": {"$gt": 0}},
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
ORDERS = Collection(
    "orders",
    Order,
    indexes=[
        IndexModel(
            [("provider", 1), ("check_at", 1), ("slot", 1)],
            name="to_take",
            partialFilterExpression={"check_at": {"$gt": ""}},
        ),
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
    ],
)
PAYMENT_METHODS = Collection("payment_methods", PaymentMethods)
CALENDARS = Collection("collection_calendars", CollectionCalendar)
SETTLEMENTS = Collection(
    "settlements",
    Settlement,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("account", 1)], name="of_account"),
    ],
)
REVERSALS = Collection(
    "reversals",
    Reversal,
    indexes=[IndexModel([("organisation", 1), ("contract", 1), ("recorded_at", 1), ("_id", 1)], name="of_contract")],
)
KNOWN_CREDITS = Collection("known_credits", KnownCredit)
USE_REQUESTS = Collection(
    "use_requests",
    UseRequest,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("asked_at", 1)], name="unanswered", partialFilterExpression={"status": "requested"}),
    ],
)
COLLECTIONS = (
    SCHEDULES,
    PAYMENTS,
    ACCOUNTS,
    FOLLOW_UPS,
    CHEQUES,
    ORDERS,
    SETTLEMENTS,
    REVERSALS,
    KNOWN_CREDITS,
    USE_REQUESTS,
    PAYMENT_METHODS,
    CALENDARS,
    ORGANISATIONS,
)
