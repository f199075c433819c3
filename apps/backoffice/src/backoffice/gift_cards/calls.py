"""What the pages of gift cards ask of the APIs, and the words for what they answer."""

from collections.abc import Mapping

from backoffice.apis import Json, quoted
from backoffice.languages import N_

CHECK = "/credits/v1/vouchers/check"

WHY_NOT: Mapping[str, str] = {
    "unknown": N_("There is nothing of this code: compare it with the card or the mail."),
    "removed": N_("Its sale was cancelled."),
    "suspended": N_("Its sale is not paid any more: it can be used once it is paid again."),
    "used-up": N_("Nothing is left of it."),
    "redeemed": N_("It is redeemed already."),
}
"""Why a code is good for nothing; a reason of a newer release is shown as the API says it."""


def uses_of(contract: str) -> str:
    """The address of what credits and gift cards pay of a contract."""
    return f"/payments/v1/schedules/{quoted(contract)}/credit-uses"


def most_of(left: Json, schedule: Json) -> Json:
    """What a gift card can pay of a contract: what is left of it, or to pay, whichever is less."""
    balance = schedule["balance"]
    return {**left, "amount": min(left["amount"], balance["planned"]["amount"] + balance["unscheduled"]["amount"])}
