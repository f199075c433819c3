"""The status of invoices, and which payments pay them (INV-6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.apis import Api, Json, quoted
from backoffice.invoices.calls import of_contract
from backoffice.languages import N_, NP_
from backoffice.web import Visit

STATES: Mapping[str, tuple[str, str]] = {
    "paid": ("ok", NP_("invoice", "paid")),
    "partly_paid": ("wait", NP_("invoice", "partly paid")),
    "not_paid": ("late", NP_("invoice", "not paid")),
    "covered": ("calm", NP_("invoice", "covered by post-dated cheques")),
    "cancelled": ("calm", NP_("invoice", "cancelled")),
    "deducted": ("calm", N_("deducted by the invoice")),
}
"""The status of an invoice: a colour and words."""


def states_of(invoice: Json, *, named: bool = False) -> list[tuple[str, str]]:
    """The pills of an invoice or a credit note; a state of a newer release is shown as it is called.

    ``named`` where the page says already that it is a deposit invoice.
    """
    if invoice["kind"] == "credit_note":
        return [("calm", N_("credit note"))]
    state = invoice["status"]
    found = [STATES.get(state, ("calm", state))]
    if invoice["kind"] == "deposit_invoice" and not named:
        found.insert(0, ("calm", N_("deposit invoice")))
    if invoice["credit_notes"] and state != "cancelled":
        found.append(("wait", N_("partly cancelled")))
    return found


async def invoices_of(visit: Visit, contract: str) -> dict[str, list[tuple[str, str]]]:
    """By invoice of a contract, the pills of its status; none for a person who may not see payments."""
    if not visit.may("payments:read"):
        return {}
    return {each["id"]: states_of(each) for each in (await of_contract(visit.api, contract))["items"]}


@dataclass(frozen=True, slots=True)
class Paying:
    """What pays a part of an invoice: a payment, or a client credit."""

    part: Json
    payment: Json | None
    """The payment; None for a client credit."""


def path_of(contract: str) -> str:
    """The address of a contract's matching in the API of payments."""
    return f"/payments/v1/schedules/{quoted(contract)}"


async def matching_of(api: Api, contract: str) -> Json:
    """The payments of a contract matched to its invoices, with the version that it was seen at."""
    answer = await api.read(f"{path_of(contract)}/matching")
    return {**answer.body, "version": answer.version}


def paying(matching: Json, invoice: str) -> list[Paying]:
    """What pays an invoice, by hand first."""
    payments = {each["id"]: each for each in matching["payments"]}
    parts = [each for each in matching["matched"] if each["invoice"] == invoice]
    return [Paying(each, payments.get(each["payment"])) for each in parts]


def matchable(matching: Json, invoice: str) -> list[Json]:
    """The payments that can be matched to an invoice by hand: something of them is left, and they are not yet."""
    by_hand = {each["payment"] for each in matching["matches"] if each["invoice"] == invoice}
    return [each for each in matching["payments"] if each["available"]["amount"] and each["id"] not in by_hand]
