"""What the pages of statements ask, and the words of their entries."""

from collections.abc import Mapping
from typing import Any

from backoffice.apis import quoted
from backoffice.languages import N_

PER_PAGE = 100

KINDS: Mapping[str, str] = {
    "charge": N_("Purchases"),
    "charge_lowered": N_("Purchases cancelled or reduced"),
    "payment": N_("Payment"),
    "payment_imported": N_("Payment received in the former software"),
    "payment_voided": N_("Entry of a payment voided"),
    "reversal": N_("Payment taken back by the bank"),
    "credit_used": N_("Client credit used"),
    "credit_given_back": N_("Given back to the client credit"),
    "card_used": N_("Gift card used"),
    "card_given_back": N_("Given back to the gift card"),
    "refund": N_("Refund"),
    "refund_failed": N_("Refund that failed"),
    "converted": N_("Converted to a client credit"),
    "waived": N_("Waived"),
    "settlement_voided": N_("Entry of a refund voided"),
    "deposit": N_("Deposit"),
    "deposit_kept": N_("Kept as a client credit"),
    "deposit_reversed": N_("Deposit taken back by the bank"),
    "deposit_taken": N_("Taken from its client credit"),
    "due_recovered": N_("Taken from the client credit"),
    "due_paid": N_("Due of a deposit paid"),
    "due_waived": N_("Due of a deposit waived"),
    "other": N_("Adjustment"),
}
"""What an entry is; a fall of what purchases cost has words of its own."""


def path_of(account: str) -> str:
    """The statement of an account in the API of payments."""
    return f"/payments/v1/accounts/{quoted(account)}/statement"


def kind_of(entry: Mapping[str, Any]) -> str:
    """The words of an entry, to be translated."""
    kind = entry["kind"]
    if kind == "charge" and entry["amount"]["amount"] < 0:
        kind = "charge_lowered"
    return KINDS.get(kind, KINDS["other"])
