"""The schedule of a contract as people read it: how an instalment is to be paid, and its status."""

from collections.abc import Mapping

from backoffice.apis import Json
from backoffice.languages import N_

METHODS: Mapping[str, str] = {
    "cash": N_("cash"),
    "cheque": N_("cheque"),
    "transfer": N_("bank transfer"),
    "card": N_("card"),
    "direct_debit": N_("direct debit"),
}
"""How something is paid."""

RECEIVED = ("cash", "cheque", "transfer", "card")
"""What staff receives at the desk."""

REASONS: Mapping[str, str] = {
    "insufficient_funds": N_("not enough money on the account"),
    "refused": N_("refused by the bank"),
    "expired": N_("the card has expired"),
    "authentication_required": N_("the bank asks the client to confirm"),
    "account_closed": N_("the account is closed"),
    "mandate_revoked": N_("the mandate was revoked"),
    "unknown_method": N_("the payment method is unknown to the provider"),
    "other": N_("refused for another reason"),
    "returned_debit": N_("returned debit"),
    "chargeback": N_("disputed by the card holder"),
    "bounced_cheque": N_("bounced cheque"),
}
"""Why money did not come, or went back."""


def states(instalment: Json, today: str) -> list[tuple[str, str]]:
    """The status of an instalment to come: colours and words, what needs somebody first."""
    found: list[tuple[str, str]] = []
    if instalment["due"] is None:
        found.append(("wait", N_("paused")))
    elif instalment["due"] < today:
        found.append(("late", N_("late")))
    if instalment["gave_up"]:
        found.append(("late", N_("all attempts failed")))
    if instalment["waits_for_method"]:
        found.append(("wait", N_("no payment method")))
    if instalment["held"]:
        found.append(("calm", N_("cheque held")))
    if instalment["fixed"]:
        found.append(("calm", N_("amount fixed")))
    if instalment["on_request"]:
        found.append(("calm", N_("collected on request")))
    return found or [("calm", N_("to come"))]
