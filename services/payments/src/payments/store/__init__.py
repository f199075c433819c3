"""Documents, indexes and queries: the only part of the service that knows MongoDB."""

from payments.store.cheques import DEPOSIT_ORDER, Deposits, all_held_cheques, held_cheques
from payments.store.documents import (
    ACCOUNTS,
    CALENDARS,
    CHEQUES,
    COLLECTIONS,
    FOLLOW_UPS,
    ORDERS,
    PAYMENT_METHODS,
    PAYMENTS,
    SCHEDULES,
    SORT_FIELDS,
    Sorting,
)
from payments.store.follow_up import Filter, Wanted, follow_up, whole_follow_up
from payments.store.schedules import (
    forget_holders,
    payments_of,
    rename,
    save,
    save_new,
    schedule_of,
    schedule_to_change,
)

__all__ = [
    "ACCOUNTS",
    "CALENDARS",
    "CHEQUES",
    "COLLECTIONS",
    "DEPOSIT_ORDER",
    "FOLLOW_UPS",
    "ORDERS",
    "PAYMENTS",
    "PAYMENT_METHODS",
    "SCHEDULES",
    "SORT_FIELDS",
    "Deposits",
    "Filter",
    "Sorting",
    "Wanted",
    "all_held_cheques",
    "follow_up",
    "forget_holders",
    "held_cheques",
    "payments_of",
    "rename",
    "save",
    "save_new",
    "schedule_of",
    "schedule_to_change",
    "whole_follow_up",
]
