"""What happened to a contract and its schedule, in words (never as JSON)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.apis import Json
from backoffice.contracts.amounts import METHODS, REASONS
from backoffice.languages import N_, Language

SENTENCES: Mapping[str, str] = {
    "ContractOpened": N_("Contract opened, total {total}"),
    "ProductAdded": N_("Added: {name}, {price}"),
    "DiscountPlaced": N_("Discount placed: {name}, {amount} off"),
    "ProductCancelled": N_("Cancelled: {name}"),
    "ProductDeleted": N_("Deleted as entered by mistake: {name}"),
    "ProductEdited": N_("Edited: {name}"),
    "SubscriptionCancelled": N_("Subscription cancelled: {name}"),
    "SubscriptionPriceChanged": N_("New price of the subscription: {name}"),
    "SubscriptionRenewalAnnounced": N_("Family informed that the subscription renews on {renews_on}: {name}"),
    "CancellationRequested": N_("Cancellation of the subscription asked for: {name}"),
    "CancellationWithdrawn": N_("Request to cancel the subscription withdrawn: {name}"),
    "CancellationDeclined": N_("Request to cancel the subscription declined: {name}"),
    "SubscriptionPaused": N_("Subscription paused: {name}"),
    "SubscriptionPauseLifted": N_("Pause of the subscription lifted: {name}"),
    "PlansWithheld": N_("Access withheld: a payment is late since {due_since}"),
    "PlansGivenBack": N_("Access given back"),
    "PlanChanged": N_("Plan changed: {name_before}, now {name}"),
    "ContractChanged": N_("Total: {total_before}, then {total_after}"),
    "ContractCancelled": N_("Contract cancelled"),
    "CreditRemovalRequested": N_("Change asked for: it waits for the answer about client credits"),
    "VoucherRedemptionRequested": N_("Asked for: it waits for the answer about gift vouchers"),
    "VoucherRedemptionWithdrawn": N_("Not done: the gift vouchers can be used again"),
    "ScholarshipUseRequested": N_("Asked for: it waits for the answer about scholarships"),
    "ScholarshipUseWithdrawn": N_("Not done: the scholarships can be used again"),
    "ScholarshipApplied": N_("A scholarship covers {amount} of {name}"),
    "ScholarshipReduced": N_("A scholarship covers {amount_after} of {name}, {amount_before} before"),
    "ChangeRefused": N_("Change refused: a client credit of {amount} that it removes was used, {left} of it is left"),
    "ConfirmationRefused": N_("Not done: another service refused what it needs"),
    "ScheduleCreated": N_("Schedule made: {count} instalments, {planned}"),
    "ScheduleAdjusted": N_("Schedule moved: {count} instalments to come, {planned}"),
    "PaymentCollected": N_("Payment received: {amount}, {method}"),
    "PaymentsImported": N_("Taken over from the former software: what was paid there"),
    "ContractPaid": N_("Fully paid: {total}"),
    "ContractReopened": N_("No longer fully paid"),
    "RefundLineCreated": N_("{amount} to be refunded"),
    "RefundLineChanged": N_("To be refunded: {amount_before}, then {amount_after}"),
    "RefundLineDropped": N_("Nothing to be refunded any more ({amount_before} before)"),
    "CollectionStarted": N_("Attempt {number} to collect {amount}, {method}"),
    "PaymentFailed": N_("Attempt failed: {amount}, {reason}"),
    "CollectionWithdrawn": N_("Attempt taken back before it was sent: {amount}"),
    "PaymentMethodMissing": N_("No payment method for {amount}"),
    "CreditUseRequested": N_("{amount} asked of a client credit"),
    "CreditUseCompleted": N_("{amount} paid by a client credit"),
    "CreditUseReturned": N_("A client credit could not pay {amount}"),
    "CreditGivenBack": N_("{amount} given back to a client credit"),
    "RefundLineSettled": N_("{amount} {how}"),
    "RefundFailed": N_("Refund of {amount} failed: {reason}"),
    "PaymentReversed": N_("{amount} taken back by the bank: {reason}"),
    "PaymentVoided": N_("Entry of a payment voided: {amount}, {method}"),
    "SettlementVoided": N_("Entry of a settlement voided: {amount}"),
    "ReversalConfirmed": N_("The provider confirms that {amount} was taken back"),
    "LossResolved": N_("{amount} of what the bank took back is dealt with"),
    "LinesMarked": N_("Purchases marked for an invoice"),
    "MarkRefused": N_("No purchase could be marked for an invoice"),
    "LinesUnmarked": N_("Purchases no longer on an invoice"),
    "InvoiceMarkRequested": N_("Invoice asked for"),
    "InvoiceIssued": N_("Invoice {number} issued: {total}"),
    "InvoiceNotIssued": N_("Invoice not issued"),
    "PaymentMatched": N_("{amount} of a payment matched to the invoice {number} by hand"),
    "PaymentUnmatched": N_("Match of {amount} with the invoice {number} undone"),
    "InvoiceCancelled": N_("Invoice {number}: {total} cancelled by a credit note"),
}
"""By type of event, what it says; the types of a newer release are said to be so."""

OF_CARDS: Mapping[str, str] = {
    "CreditUseRequested": N_("{amount} asked of a gift card"),
    "CreditUseCompleted": N_("{amount} paid by a gift card"),
    "CreditUseReturned": N_("A gift card could not pay {amount}"),
    "CreditGivenBack": N_("{amount} given back to a gift card"),
}
"""What the same events say of a gift card (CRE-8)."""

SETTLED: Mapping[str, str] = {
    "refunded": N_("refunded to the payment method"),
    "converted": N_("converted to a client credit"),
    "on_site": N_("refunded on site"),
    "waived": N_("given up"),
}
"""How a refund line was settled."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

ACTORS: Mapping[str, str] = {"service": "Carnet", "support": N_("support"), "client": N_("the client")}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: when (an instant), who and what, in words."""

    at: str
    who: str
    what: str
    details: Sequence[str] = ()


def entries(items: Sequence[Json], language: Language, names: Mapping[str, str]) -> list[Entry]:
    """Entries in words. ``names`` are the names of members by their ids."""
    return [
        Entry(each["at"], who(each["actor"], language), _what(each, language), _details(each, language, names))
        for each in items
    ]


def who(actor: str, language: Language) -> str:
    """Who did it: the name of a person of the staff, or the client, support or Carnet.

    A provider that names people by UUIDs leaves nothing better than the end of theirs.
    """
    kind, _, name = actor.partition(":")
    if kind not in ACTORS and _UUID.fullmatch(name):
        return language.gettext("staff …{end}").format(end=name[-4:])
    return language.gettext(ACTORS[kind]) if kind in ACTORS else name or kind


def _what(entry: Json, language: Language) -> str:
    of_card = entry["data"].get("card") or entry["data"].get("code")
    sentence = (OF_CARDS if of_card else SENTENCES).get(entry["type"], SENTENCES.get(entry["type"]))
    if sentence is None:
        return language.gettext("Something that this release has no words for ({type})").format(type=entry["type"])
    return language.gettext(sentence).format(**_values(entry["data"], language))


def _values(data: Json, language: Language) -> dict[str, Any]:
    """The values that sentences use, each as the language writes it; what an event lacks is a dash."""
    currency = data.get("currency") or data.get("purchase", {}).get("currency")

    def money(name: str, of: Json = data) -> str:
        return language.money({"amount": of.get(name, 0), "currency": currency}) if currency else "–"

    balance = data.get("balance", {})
    return {
        **{name: money(name) for name in _AMOUNTS},
        "planned": money("planned", balance),
        "count": len(data.get("instalments", ())),
        "number": data.get("number", "–"),
        "renews_on": language.day(date.fromisoformat(data["renews_on"])) if data.get("renews_on") else "–",
        "name_before": data.get("name_before", "–"),
        "name": data.get("name") or data.get("purchase", {}).get("name", "–"),
        "price": money("price", data.get("purchase", {})),
        "method": language.gettext(METHODS.get(str(data.get("method")), "–")),
        "reason": language.gettext(REASONS.get(str(data.get("reason")), "–")),
        "how": language.gettext(SETTLED.get(str(data.get("how")), "–")),
    }


_AMOUNTS = ("total", "amount", "total_before", "total_after", "amount_before", "amount_after", "left")


def _details(entry: Json, language: Language, names: Mapping[str, str]) -> list[str]:
    """What else is worth knowing: for whom, from which day, why."""
    data, personal, found = entry["data"], entry.get("personal") or {}, []
    participant = data.get("participant") or data.get("purchase", {}).get("participant")
    if participant in names:
        found.append(language.gettext("for {name}").format(name=names[participant]))
    if entry["type"] in ("ProductEdited", "SubscriptionPriceChanged") and data["price_before"] != data["price_after"]:
        prices = [language.money({"amount": data[it], "currency": data["currency"]}) for it in _PRICES]
        found.append(language.gettext("price {before}, then {after}").format(before=prices[0], after=prices[1]))
    found += _of_subscription(entry["type"], data, language)
    effective = data.get("effective_on")
    if effective and effective != entry["at"][:10]:
        day = language.day(date.fromisoformat(effective))
        found.append(language.gettext("with effect from {day}").format(day=day))
    found += [str(text) for text in (personal.get("reason"), personal.get("notes")) if text]
    return found


_PRICES = ("price_before", "price_after")


def _of_subscription(type_: str, data: Json, language: Language) -> Iterator[str]:
    """From when a subscription is asked to be cancelled (CON-17), or is paused, and when it goes on (CON-18)."""

    def day(name: str) -> str:
        return language.day(date.fromisoformat(data[name]))

    if type_ == "SubscriptionPriceChanged" and data.get("begins_on"):
        yield language.gettext("from {day}").format(day=day("begins_on"))
    elif data.get("wished_on"):
        yield language.gettext("from {day}").format(day=day("wished_on"))
    elif type_ == "SubscriptionPaused":
        yield language.gettext("from {day}").format(day=day("paused_from"))
        if data.get("resumes_on"):
            yield language.gettext("the next period begins on {day}").format(day=day("resumes_on"))
        else:
            yield language.gettext("until the pause is lifted")
    elif type_ == "SubscriptionPauseLifted":
        if not data.get("lifted_on"):
            yield language.gettext("taken back before it began")
        yield language.gettext("the next period begins on {day}").format(day=day("resumes_on"))
