"""What the pages of refunds by transfer ask of payments, and the words for its answers (PAY-18, PAY-4)."""

from collections.abc import Mapping

from backoffice.apis import quoted
from backoffice.contracts.amounts import REASONS as ALL_REASONS
from backoffice.languages import N_

FILES = "/payments/v1/refund-files"
PER_PAGE, MOST_SHOWN = 50, 200

STATUSES: Mapping[str, tuple[str, str]] = {
    "built": ("wait", N_("to be sent")),
    "sent": ("wait", N_("at the bank")),
    "taken_back": ("calm", N_("not sent after all")),
    "done": ("ok", N_("done")),
}
"""The status of a file: a colour and words."""

REFUNDS: Mapping[str, tuple[str, str]] = {
    "asked": ("wait", N_("waits to be sent")),
    "pending": ("wait", N_("at the bank")),
    "succeeded": ("ok", N_("made")),
    "failed": ("late", N_("not gone through")),
}
"""The status of a refund."""

REASONS: Mapping[str, str] = {
    name: ALL_REASONS[name] for name in ("account_closed", "unknown_method", "refused", "insufficient_funds", "other")
}
"""Why a refund does not go through."""

MOVES: Mapping[str, tuple[str, str]] = {
    "sent": ("sent", N_("The file is at the bank.")),
    "take-back": ("taking-back", N_("The file is not sent: its refunds wait for the next one.")),
    "made": ("made", N_("The transfers are made, but for those that did not go through.")),
}
"""What can be done with a file: the end of its address, and what is said when it is done."""


def path_of(file: str) -> str:
    """The address of a file in the API."""
    return f"{FILES}/{quoted(file)}"
