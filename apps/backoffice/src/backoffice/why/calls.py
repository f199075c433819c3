"""What the page asks, and its moves in words: the API answers kinds and parameters, the sentences are made here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.apis import Away, Json, quoted
from backoffice.contracts.amounts import METHODS
from backoffice.languages import N_, Language
from backoffice.web import Visit
from backoffice.web.visits import gathered

_JOURNAL = 200
"""How many entries of the contract's journal are read: what later changes were about is said by their totals."""

CAUSES: Mapping[str, str] = {
    "opened": N_("The contract was opened"),
    "imported": N_("What was paid in the former software was taken over"),
    "contract_changed": N_("The contract was changed"),
    "put_on_dates": N_("What was on no date was put on dates"),
    "cheques_held": N_("Post-dated cheques were taken"),
    "instalment_cancelled": N_("An instalment was cancelled"),
    "amount_changed": N_("The amount of an instalment was changed"),
    "moved": N_("The schedule was moved"),
    "paid": N_("A payment was received"),
    "collection_started": N_("A collection began"),
    "collection_failed": N_("A collection failed: the amount is back"),
    "collection_withdrawn": N_("A collection was taken back before it was sent: the amount is back"),
    "credit_use_requested": N_("A credit is being used"),
    "credit_used": N_("A credit was used"),
    "credit_refused": N_("A credit could not be used: the amount is back"),
    "settled": N_("A part of the refund was settled"),
    "refund_failed": N_("A refund could not be made: the amount is paid again"),
    "reversed": N_("The bank took a payment back"),
    "payment_voided": N_("A payment was a wrong entry: the amount is back"),
    "settlement_voided": N_("A settlement was a wrong entry: the amount is paid again"),
    "other": N_("The schedule was moved"),
}
_OF_CARDS: Mapping[str, str] = {
    "credit_use_requested": N_("A gift card is being used"),
    "credit_used": N_("A gift card was used"),
    "credit_refused": N_("A gift card could not be used: the amount is back"),
}
"""The causes that are said of a gift card (CRE-8)."""

_HOW = {
    "refunded": N_("refunded to the payment method"),
    "converted": N_("turned into a credit"),
    "on_site": N_("refunded on site"),
    "waived": N_("waived"),
}
_REASONS = {
    "insufficient_funds": N_("not enough money on the account"),
    "refused": N_("refused by the bank"),
    "expired": N_("the card has expired"),
    "authentication_required": N_("the family has to confirm it at its bank"),
    "account_closed": N_("the account is closed"),
    "mandate_revoked": N_("the mandate was revoked"),
    "unknown_method": N_("the payment method is not known any more"),
    "returned_debit": N_("returned direct debit"),
    "chargeback": N_("chargeback"),
    "bounced_cheque": N_("bounced cheque"),
    "more-than-left": N_("less was left"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """What the page has read. ``contract`` and ``changes`` are None if the person may not see contracts."""

    explanation: Json | Away
    contract: Json | Away | None
    changes: Mapping[str, list[Json]]
    """The entries of the contract's journal, by change."""


async def read(visit: Visit, contract: str) -> Read:
    """The explanation with the contract and its journal, all at once."""
    id_ = quoted(contract)
    calls = [visit.api.get(f"/payments/v1/schedules/{id_}/explanation")]
    if visit.may("contracts:read"):
        calls += [
            visit.api.get(f"/contracts/v1/contracts/{id_}"),
            visit.api.get(f"/contracts/v1/contracts/{id_}/journal", limit=_JOURNAL),
        ]
    explanation, *rest = await gathered(*calls)
    found, journal = rest or (None, None)
    changes: dict[str, list[Json]] = defaultdict(list)
    for entry in journal["items"] if isinstance(journal, dict) else ():
        changes[entry["change"]].append(entry)
    return Read(explanation, found, changes)


def causes(move: Json, changes: Mapping[str, list[Json]], language: Language) -> list[str]:
    """A move in words: what happened, then the particulars, a line each."""
    cause = move["cause"]
    words = _OF_CARDS.get(cause) if move["card"] else None
    lines = [language.gettext(words or CAUSES.get(cause, CAUSES["other"]))]
    if move["change"] is not None:
        lines += _purchases(changes.get(move["change"], ()), language)
    if move["total_before"] != move["total_after"] and move["cause"] != "opened":
        totals = language.gettext("Total {before} → {after}")
        lines.append(
            totals.format(before=language.money(move["total_before"]), after=language.money(move["total_after"]))
        )
    particulars = [
        METHODS.get(move["method"] or "", ""),
        _HOW.get(move["how"] or "", ""),
        _REASONS.get(move["reason"] or "", ""),
    ]
    words = ", ".join(language.gettext(each) for each in particulars if each)
    if move["moved"] is not None:
        amount = language.money(move["moved"])
        lines.append(f"{amount}, {words}" if words else amount)
    elif words:
        lines.append(words)
    return lines


def _purchases(entries: Iterable[Json], language: Language) -> list[str]:
    """What a change was about: what was added, cancelled, edited and taken off."""
    lines = []
    for entry in entries:
        data: Any = entry["data"]
        match entry["type"]:
            case "ProductAdded":
                lines.append(language.gettext("added: {name}").format(name=data["purchase"]["name"]))
            case "ProductCancelled":
                lines.append(language.gettext("cancelled: {name}").format(name=data["name"]))
            case "ProductEdited":
                lines.append(language.gettext("edited: {name}").format(name=data["name"]))
            case "DiscountPlaced":
                lines.append(language.gettext("discount: {name}").format(name=data["name"]))
            case _:
                pass
    return lines


def who(move: Json, changes: Mapping[str, list[Json]], visit: Visit) -> str:
    """Who moved it, in words: the person themselves, their colleagues by their id, or Carnet.

    A change of the contract was made by somebody there; the schedule follows it automatically.
    """
    made = changes.get(move["change"] or "", ())
    actor = next((entry["actor"] for entry in made), move["actor"])
    kind, _, id_ = (actor or "").partition(":")
    if kind == "service":
        return visit.gettext("Carnet, by itself")
    if kind == "client":
        return visit.gettext("the family")
    if kind == visit.person.kind and id_ == visit.person.subject:
        return visit.gettext("you")
    if kind == "support":
        return visit.gettext("support ({name})").format(name=id_)
    return id_ or "–"


def title(amount: Json, language: Language) -> str:
    """What an amount is: the instalment of a date, what is on no date, or the refund."""
    if amount["place"] == "instalment":
        if amount["due"] is None:
            return language.gettext("Instalment once the pause is lifted")
        return language.gettext("Instalment of {day}").format(day=language.day(amount["due"]))
    words = N_("To refund") if amount["place"] == "refund_line" else N_("To pay, on no date")
    return language.gettext(words)


def anchor(amount: Json) -> str:
    """The name by which another page leads to an amount of this one."""
    return str(amount["instalment"] or amount["place"])
