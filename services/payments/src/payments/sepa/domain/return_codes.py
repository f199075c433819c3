"""What the codes mean by which banks reject or return direct debits (external codes of ISO 20022, PAY-18)."""

from collections.abc import Mapping

from carnet.events.payments import FailureReason

MEANINGS: Mapping[str, FailureReason] = {
    "AC01": "unknown_method",
    "AC04": "account_closed",
    "AC06": "account_closed",
    "AC13": "unknown_method",
    "AG01": "unknown_method",
    "AM04": "insufficient_funds",
    "BE05": "mandate_revoked",
    "MD01": "mandate_revoked",
    "MD06": "refused",
    "MD07": "account_closed",
    "MS02": "mandate_revoked",
    "MS03": "refused",
    "RC01": "unknown_method",
    "SL01": "mandate_revoked",
}
"""Why an instalment is not collected, by the bank's code; ``meaning`` says what another one does."""

NEVER_AGAIN: frozenset[FailureReason] = frozenset({"account_closed", "mandate_revoked", "unknown_method"})
"""Why the bank refuses every later debit of the mandate too."""


def meaning(code: str | None) -> FailureReason:
    """What a bank's code means; of those that are not known, that it is something else.

    >>> meaning("AM04"), meaning("ZZ99")
    ('insufficient_funds', 'other')
    """
    return MEANINGS.get(code or "", "other")
