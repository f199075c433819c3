"""What an import of an export cannot bring back, family by family, so that somebody does it by hand (IMP-5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from carnet.exporting.mirror import FamilyKept, Json

SOLD_ONCE_PAID = ("client_credit", "gift_card", "gift_voucher", "session_pack")
"""The kinds of purchases that give something, some only once their contract is paid."""

TITLES = {
    "fr": ("Famille", "Responsable", "Ce qui reste à faire", "De quoi", "Montant", "Date"),
    "en": ("Family", "Owner", "What is left to do", "Of what", "Amount", "Date"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "gift-card": "Carte cadeau : en donner une autre du même montant",
        "gift-voucher": "Bon cadeau : en donner un autre",
        "suspended": "Crédit vendu, pas encore payé : l’accorder quand le contrat sera payé",
        "once-paid": "À donner quand le contrat sera payé",
        "owed": "Crédit repris par la banque après avoir servi : le montant reste dû",
        "subscription": "Abonnement : le vendre de nouveau pour les périodes suivantes",
        "scholarship": "Bourse : l’attribuer de nouveau",
        "cheque": "Chèque postdaté : l’enregistrer de nouveau, avec sa banque",
        "first-use": "Carnet dont la validité commence à la première séance : lui donner sa fin",
        "erased": "Famille effacée : ce qui reste n’est repris pour personne",
    },
    "en": {
        "gift-card": "Gift card: give another one of the same amount",
        "gift-voucher": "Gift voucher: give another one",
        "suspended": "Credit that was sold and is not paid: grant it once the contract is paid",
        "once-paid": "To be given once the contract is paid",
        "owed": "Credit that the bank took back after it was used: the amount is still due",
        "subscription": "Subscription: sell it again for the periods to come",
        "scholarship": "Scholarship: award it again",
        "cheque": "Post-dated cheque: record it again, with its bank",
        "first-use": "Pack whose validity starts at the first session: give it its end",
        "erased": "Family that was erased: what is left is imported for nobody",
    },
}
"""What is to be done, by what is left."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing; ``amount`` in minor units, None if it has none; ``on`` is a date in ISO 8601."""

    what: str
    name: str
    amount: int | None = None
    on: str | None = None


def left_out_of(family: FamilyKept) -> Iterator[LeftOut]:
    """All that the rows of a family do not bring back."""
    if family.account["erased"]:
        yield from _of_nobody(family)
        return
    yield from _credits(family)
    for voucher in family.vouchers:
        if voucher["standing"] == "issued":
            yield LeftOut("gift-voucher", voucher["name"])
    for each in family.scholarships:
        if each["left"]:
            person = next((one for one in family.account["members"] if one["id"] == each["member"]), None)
            yield LeftOut("scholarship", person["first_name"] if person else "", each["left"], each["awarded_on"])
    for pack in family.running_packs:
        if pack["expires_on"] is None and pack["details"]["starts"] == "first_use":
            yield LeftOut("first-use", pack["name"])
    for contract in family.contracts:
        yield from _of_contract(family, contract)


def _credits(family: FamilyKept) -> Iterator[LeftOut]:
    usable = family.usable
    for credit in family.credits:
        if credit["left"] and credit["status"] == "granted" and credit not in usable:
            what = "gift-card" if credit["card"] else "suspended"
            yield LeftOut(what, _sold_by(family, credit), credit["left"], credit["granted_on"])
        if credit["due"]:
            yield LeftOut("owed", "", credit["due"], credit["granted_on"])


def _of_nobody(family: FamilyKept) -> Iterator[LeftOut]:
    for credit in family.credits:
        if credit["left"] and credit["status"] == "granted":
            yield LeftOut("erased", _sold_by(family, credit), credit["left"], credit["granted_on"])
    for contract in family.contracts:
        if family.owes(contract["id"]):
            schedule = family.schedules[contract["id"]]
            yield LeftOut("erased", _number(contract), schedule["total"] - schedule["paid"])


def _of_contract(family: FamilyKept, contract: Json) -> Iterator[LeftOut]:
    live = [line["purchase"] for line in contract["lines"] if line["state"] == "live"]
    given = {each["line"] for each in family.credits} | {each["id"] for each in (*family.packs, *family.vouchers)}
    for purchase in live:
        if purchase["kind"] in SOLD_ONCE_PAID and purchase["line"] not in given:
            yield LeftOut("once-paid", f"{purchase['name']} ({_number(contract)})", purchase["price"])
    if contract["subscription"] is not None and live and contract["subscription"]["cancellation"] is None:
        yield LeftOut("subscription", f"{contract['subscription']['sold']['name']} ({_number(contract)})")
    schedule = family.schedules.get(contract["id"])
    for each in schedule["instalments"] if schedule else ():
        if each["cheque"] is not None:
            yield LeftOut("cheque", f"{each['cheque']['bank']} ({_number(contract)})", each["amount"], each["due"])


def _sold_by(family: FamilyKept, credit: Json) -> str:
    """The number of the contract that sold a credit; empty if none did."""
    return next((_number(each) for each in family.contracts if each["id"] == credit["contract"]), "")


def _number(contract: Json) -> str:
    return str(contract["number"] or contract["id"])
