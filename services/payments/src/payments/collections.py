"""Every collection of the service, as its processes make them at their start."""

from carnet.jobs import COLLECTIONS as JOB_COLLECTIONS
from carnet.organisations import ORGANISATIONS
from payments.books.store import BOOK_COLLECTIONS
from payments.collection.store.collecting import CALENDARS
from payments.collection.store.orders import ORDERS
from payments.credit_uses.store import KNOWN_CREDITS, USE_REQUESTS
from payments.follow_up.store import ACCOUNTS, FOLLOW_UPS
from payments.invoices.store import INVOICE_COLLECTIONS
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.store import CHEQUES, PAYMENTS
from payments.refunds.store import REVERSALS, SETTLEMENTS
from payments.reminders.store import REMINDER_COLLECTIONS
from payments.schedules.store import SCHEDULES
from payments.sepa.store.mandates import MANDATES, SEPA_SETTINGS
from payments.sepa.store.remittances import REMITTANCES
from payments.statements.store import SENDINGS

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
    SEPA_SETTINGS,
    MANDATES,
    REMITTANCES,
    SENDINGS,
    *REMINDER_COLLECTIONS,
    *INVOICE_COLLECTIONS,
    *BOOK_COLLECTIONS,
    *JOB_COLLECTIONS,
)
