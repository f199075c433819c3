"""Every collection of the service, as its processes make them at their start."""

from carnet.exporting.collections import Exported
from carnet.jobs import COLLECTIONS as JOB_COLLECTIONS
from carnet.organisations import ORGANISATIONS
from payments.accounts.store import ACCOUNTS
from payments.banking.store import BANK_DEPOSITS, TAKINGS
from payments.books.store import BOOK_COLLECTIONS
from payments.collection.store.calendars import CALENDARS
from payments.collection.store.orders import ORDERS
from payments.credit_uses.store import KNOWN_CREDITS, USE_REQUESTS
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.invoices.store import INVOICE_COLLECTIONS, INVOICES
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.store import CHEQUES, PAYMENTS
from payments.refunds.store import REVERSALS, SETTLEMENTS
from payments.reminders.store import REMINDER_COLLECTIONS
from payments.schedules.store import SCHEDULES
from payments.sepa.store.bank_files import BANK_FILES, BANK_LINES
from payments.sepa.store.mandates import INVITATIONS, MANDATES, SEPA_SETTINGS
from payments.sepa.store.refund_files import REFUND_FILES
from payments.sepa.store.remittances import REMITTANCES
from payments.statements.store import SENDINGS

COLLECTIONS = (
    SCHEDULES,
    PAYMENTS,
    ACCOUNTS,
    FOLLOW_UPS,
    CHEQUES,
    TAKINGS,
    BANK_DEPOSITS,
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
    INVITATIONS,
    REMITTANCES,
    REFUND_FILES,
    BANK_FILES,
    BANK_LINES,
    SENDINGS,
    *REMINDER_COLLECTIONS,
    *INVOICE_COLLECTIONS,
    *BOOK_COLLECTIONS,
    *JOB_COLLECTIONS,
)

EXPORTED = (
    Exported(SCHEDULES),
    Exported(PAYMENTS),
    Exported(SETTLEMENTS),
    Exported(REVERSALS),
    Exported(BANK_DEPOSITS),
    Exported(REMITTANCES),
    Exported(INVOICES),
    Exported(MANDATES, without={"sealed_iban": True}),
)
"""What an export of an organisation has of it (IMP-5)."""
