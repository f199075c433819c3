"""What the pages of bank deposits ask of payments, and the words for its answers."""

from collections.abc import Mapping

from backoffice.apis import Json, quoted
from backoffice.languages import N_
from backoffice.web import Form

DEPOSITS = "/payments/v1/bank-deposits"
TAKINGS = "/payments/v1/takings"
PER_PAGE = 50
MOST_AT_ONCE = 200
"""How much of what waits is on one page: what is ticked there goes to the bank together."""

METHODS: Mapping[str, str] = {"cheque": N_("Cheques"), "cash": N_("Cash")}
"""What is handed to the bank."""

DEPOSIT_LABELS: Mapping[str, str] = {
    "deposited_on": N_("Handed to the bank on"),
    "bank_account": N_("Account that is credited"),
}
CHEQUE_LABELS: Mapping[str, str] = {
    "number": N_("Number of the cheque"),
    "bank": N_("Bank"),
    "holder": N_("Drawer, if it is not the family"),
}


def path_of(deposit: str) -> str:
    """The address of a bank deposit in the API."""
    return f"{DEPOSITS}/{quoted(deposit)}"


def read_deposit(form: Form) -> Json:
    """What the form of a bank deposit sends."""
    takings = form.values("taking")
    if not takings:
        form.refusal = form.text_of(N_("Tick what goes to the bank."))
    return {
        "takings": takings,
        "deposited_on": form.day("deposited_on"),
        "bank_account": form.text("bank_account", most=120),
    }


def read_cheque(form: Form) -> Json:
    """What the form of a cheque sends."""
    return {
        "number": form.text("number", required=False, most=40) or None,
        "bank": form.text("bank", required=False, most=120) or None,
        "holder": form.text("holder", required=False, most=120) or None,
    }
