"""The sheets and columns of the templates (IMP-1), with their titles in French and English."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from carnet.search import folded

Kind = Literal["text", "date", "money", "rate", "count", "choice"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in code, its titles, what its cells are, an example."""

    name: str
    en: str
    fr: str
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, str] | None = None
    """What may be written, in both languages, folded, to what it means."""
    example: str = ""
    longest: int = 120
    """Characters of a text."""

    def title(self, language: str) -> str:
        """Its title in a language."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the template."""

    name: str
    en: str
    fr: str
    columns: Sequence[Column]

    def title(self, language: str) -> str:
        """Its title in a language."""
        return self.fr if language == "fr" else self.en

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(each for each in self.columns if each.name == name)


ROLES = {
    "owner": "owner", "responsable": "owner", "adult": "adult", "adulte": "adult", "child": "child", "enfant": "child",
    "contact": "contact",
}  # fmt: skip
LANGUAGES = {"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "anglais": "en", "english": "en"}
MODES = {"online": "online", "en ligne": "online", "on site": "on_site", "sur place": "on_site"}
METHODS = {
    "cash": "cash", "especes": "cash", "cheque": "cheque", "check": "cheque", "transfer": "transfer",
    "virement": "transfer", "card": "card", "carte": "card", "carte bancaire": "card", "cb": "card",
    "direct debit": "direct_debit", "prelevement": "direct_debit",
}  # fmt: skip
STATES = {
    "paid": "paid",
    "paye": "paid",
    "payee": "paid",
    "planned": "planned",
    "prevu": "planned",
    "prevue": "planned",
}

FRENCH = {
    "owner": "responsable", "adult": "adulte", "child": "enfant", "online": "en ligne", "on_site": "sur place",
    "paid": "payé", "planned": "prévu", "cash": "espèces", "cheque": "chèque", "transfer": "virement", "card": "carte",
    "direct_debit": "prélèvement",
}  # fmt: skip
"""What Carnet writes in French for what a cell means; in English it writes the meaning itself."""


def word(meaning: str, language: str) -> str:
    """What a template, or an export, writes for what a cell means."""
    return FRENCH.get(meaning, meaning) if language == "fr" else meaning.replace("_", " ")


NAME = 80
"""Characters of a number or of a person's name."""

LONG = 1_000
"""Characters of notes."""

FAMILY = Column("family", "Family", "Famille", required=True, example="F-001", longest=NAME)

PEOPLE = Sheet("people", "Families", "Familles", (
    FAMILY,
    Column("person", "Person", "Personne", required=True, example="P-001", longest=NAME),
    Column("role", "Role", "Rôle", "choice", required=True, choices=ROLES, example="owner"),
    Column("first_name", "First name", "Prénom", required=True, example="Marie", longest=NAME),
    Column("last_name", "Last name", "Nom", required=True, example="Petit", longest=NAME),
    Column("email", "Email", "E-mail", example="marie@example.org", longest=254),
    Column("phone", "Phone", "Téléphone", example="+33 6 12 34 56 78", longest=32),
    Column("birth_date", "Birth date", "Date de naissance", "date", example="1985-04-12"),
    Column("language", "Language", "Langue", "choice", choices=LANGUAGES, example="fr"),
    Column("tags", "Tags", "Étiquettes", longest=LONG),
    Column("notes", "Notes", "Notes", longest=LONG),
    Column("family_tags", "Tags of the family", "Étiquettes de la famille", longest=LONG),
    Column("family_notes", "Notes on the family", "Notes sur la famille", longest=LONG),
))  # fmt: skip
CONTRACTS = Sheet("contracts", "Contracts", "Contrats", (
    FAMILY,
    Column("contract", "Contract", "Contrat", required=True, example="C-001", longest=NAME),
    Column("mode", "Payment", "Paiement", "choice", required=True, choices=MODES, example="on site"),
    Column("signed_on", "Signed on", "Signé le", "date", required=True, example="2026-09-01"),
))  # fmt: skip
CONTRACT = Column("contract", "Contract", "Contrat", required=True, example="C-001", longest=NAME)
LINES = Sheet("lines", "Purchases", "Achats", (
    CONTRACT,
    Column("name", "Purchase", "Achat", required=True, example="Jazz, 1 h"),
    Column("participant", "Participant", "Participant", example="P-001", longest=NAME),
    Column("price", "Price", "Prix", "money", required=True, example="300.00"),
    Column("vat_rate", "VAT rate", "Taux de TVA", "rate", required=True, example="20"),
    Column("expires_on", "Valid until", "Valable jusqu’au", "date", example="2027-08-31"),
))  # fmt: skip
INSTALMENTS = Sheet("instalments", "Instalments", "Échéances", (
    CONTRACT,
    Column("state", "State", "État", "choice", required=True, choices=STATES, example="paid"),
    Column("on", "Date", "Date", "date", required=True, example="2026-09-05"),
    Column("amount", "Amount", "Montant", "money", required=True, example="100.00"),
    Column("method", "Method", "Moyen de paiement", "choice", choices=METHODS, example="cheque"),
))  # fmt: skip
CREDITS = Sheet("credits", "Credits", "Crédits", (
    FAMILY,
    Column("credit", "Credit", "Crédit", required=True, example="A-001", longest=NAME),
    Column("amount", "Amount left", "Montant restant", "money", required=True, example="25.00"),
))  # fmt: skip
PACKS = Sheet("packs", "Session packs", "Carnets de séances", (
    FAMILY,
    Column("pack", "Pack", "Carnet", required=True, example="S-001", longest=NAME),
    Column("name", "Name", "Intitulé", required=True, example="10 × Yoga"),
    Column("member", "Person", "Personne", example="P-001", longest=NAME),
    Column("sessions", "Sessions left", "Séances restantes", "count", example="4"),
    Column("valid_until", "Valid until", "Valable jusqu’au", "date", example="2035-08-31"),
))  # fmt: skip
SHEETS = (PEOPLE, CONTRACTS, LINES, INSTALMENTS, CREDITS, PACKS)


def plain(title: str) -> str:
    """A title or a word without case, accents, quotes and spaces around it."""
    return " ".join(folded(title).replace("’", " ").replace("'", " ").replace("-", " ").replace("*", " ").split())


def sheet_of(titles: Sequence[str]) -> Sheet | None:
    """The sheet whose required columns are all among the titles; None if it is none."""
    known = {plain(title) for title in titles}
    fits = [
        sheet
        for sheet in SHEETS
        if all({plain(each.en), plain(each.fr)} & known for each in sheet.columns if each.required)
    ]
    return max(fits, key=lambda sheet: len(sheet.columns), default=None)


def nearest(titles: Sequence[str]) -> tuple[Sheet, list[Column]]:
    """The sheet of whose required columns most are among the titles, and those that it lacks."""
    known = {plain(title) for title in titles}

    def lacks(sheet: Sheet) -> list[Column]:
        return [each for each in sheet.columns if each.required and not {plain(each.en), plain(each.fr)} & known]

    sheet = min(SHEETS, key=lambda each: len(lacks(each)) / sum(column.required for column in each.columns))
    return sheet, lacks(sheet)
