"""Lists as CSV, for spreadsheets: in the form that those of the reader's language open, and never with a formula.

UTF-8 with its mark, a line end of CR LF. English: commas between the cells and a decimal point;
French: semicolons and a decimal comma, and
French headings. Dates are ISO 8601 in both, which both read.
"""

import csv
import io
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from carnet.money import Money, decimals_of
from carnet.texts import is_seen

CHUNK = 16_384
"""How many characters are sent at a time."""


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few fixed values, written in the language of the form."""

    english: str


Cell = str | Word | date | bool | Money | None
"""A text as somebody wrote it, a fixed value, a date, yes or no, an amount, or nothing."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the spreadsheets of a language write a list."""

    language: str
    separator: str
    decimal_point: str
    words: Mapping[str, str] = field(default_factory=dict)
    """The words of headings and fixed values; one that is not named here stays as it is."""

    def word(self, english: str) -> str:
        """A heading or a fixed value in the language of the form."""
        return self.words.get(english, english)

    def cell(self, value: Cell) -> str:
        """A cell as it is written."""
        match value:
            case None:
                return ""
            case bool():
                return self.word("yes" if value else "no")
            case date():
                return value.isoformat()
            case Word():
                return self.word(value.english)
            case Money():
                return decimal(value.amount, value.currency, self.decimal_point)
        return text(value)


ENGLISH = Form("en", ",", ".")
FRENCH = Form(
    "fr",
    ";",
    ",",
    {
        "yes": "oui",
        "no": "non",
        "online": "en ligne",
        "on_site": "sur place",
        "contract": "contrat",
        "number": "numéro",
        "account_number": "numéro de compte",
        "owner": "responsable",
        "members": "membres",
        "currency": "devise",
        "paid": "payé",
        "processing": "en cours",
        "due": "dû",
        "late": "en retard",
        "late_since": "en retard depuis",
        "to_refund": "à rembourser",
        "to_refund_since": "à rembourser depuis",
        "fully_paid": "payé en totalité",
        "awaiting_correction": "à corriger",
        "credit_used": "crédit utilisé",
        "lost": "perdu",
        "deposit_date": "date de dépôt",
        "bank": "banque",
        "holder": "titulaire",
        "amount": "montant",
        "date": "date",
        "entry": "opération",
        "method": "moyen de paiement",
        "balance": "solde",
        "opening_balance": "solde au début",
        "closing_balance": "solde à la fin",
        "charge": "achats",
        "payment": "paiement",
        "received_on": "reçu le",
        "first_name": "prénom",
        "last_name": "nom",
        "birth_date": "date de naissance",
        "email": "e-mail",
        "phone": "téléphone",
        "product": "produit",
        "format": "format",
        "tariff": "tarif",
        "bought_on": "acheté le",
        "partly_paid": "payé en partie",
        "unpaid": "non payé",
        "refunded": "remboursé",
        "reversed": "rejeté par la banque",
        "payment_voided": "paiement saisi par erreur",
        "reversal": "rejet de la banque",
        "credit_given_back": "remis sur le crédit client",
        "card_used": "carte cadeau utilisée",
        "card_given_back": "remis sur la carte cadeau",
        "refund": "remboursement",
        "refund_failed": "remboursement non abouti",
        "converted": "converti en crédit client",
        "waived": "abandonné",
        "settlement_voided": "remboursement saisi par erreur",
        "other": "autre",
        "cash": "espèces",
        "cheque": "chèque",
        "transfer": "virement",
        "card": "carte",
        "direct_debit": "prélèvement",
        "entry_number": "numéro d'écriture",
        "account_code": "compte",
        "account_name": "libellé du compte",
        "piece": "pièce",
        "piece_date": "date de la pièce",
        "client": "client",
        "debit": "débit",
        "credit": "crédit",
        "closed_on": "clôturé le",
        "invoice": "facture",
        "credit_note": "avoir",
        "loss_written_off": "perte réglée",
        "credit_sold": "crédit client vendu",
        "deposit": "dépôt reçu",
        "credit_given": "crédit client accordé",
        "credit_adjusted": "crédit client ajusté",
        "credit_removed": "crédit client annulé",
        "deposit_kept": "conservé en crédit client",
        "deposit_reversed": "dépôt rejeté par la banque",
        "deposit_taken": "repris sur son crédit client",
        "credit_taken_back": "repris sur le crédit client",
        "due_recovered": "dû d'un dépôt repris sur le crédit client",
        "due_paid": "dû d'un dépôt payé",
        "due_waived": "dû d'un dépôt abandonné",
        "payments_imported": "reprise de l'ancien logiciel, déjà payé",
        "credit_imported": "reprise de l'ancien logiciel, crédit client",
        "bank_deposit": "remise en banque",
        "bank_deposit_undone": "remise en banque annulée",
    },
)
FORMS = {form.language: form for form in (ENGLISH, FRENCH)}

SUMMED = frozenset(
    {
        "total",
        "paid",
        "processing",
        "due",
        "late",
        "to_refund",
        "awaiting_correction",
        "credit_used",
        "lost",
        "amount",
        "refunded",
        "reversed",
        "debit",
        "credit",
    }
)
"""The columns with amounts that somebody may sum up."""

AMOUNTS = SUMMED | {"balance"}
"""The columns with amounts."""


def decimal(amount: int, currency: str, point: str = ".") -> str:
    """Minor units as a decimal number.

    >>> decimal(30005, "EUR"), decimal(500, "XPF"), decimal(-7, "TND", ",")
    ('300.05', '500', '-0,007')
    """
    digits = decimals_of(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}{point}{rest:0{digits}}" if digits else f"{sign}{whole}"


_SEPARATORS = re.compile(r"([;,|\t\r\n])")
_FORMULA = frozenset("=+-@\u2212")


def text(value: str | None) -> str:
    """A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it.

    The same goes for what follows a character at which some spreadsheet splits cells, since the reader chooses it; for
    what follows blanks and invisible characters, which some leave out; and for signs of other widths.

    >>> text("=1+1"), text(" @SUM(A1)"), text("x;=1+1;"), text("\uff1d1"), text("\u200b-1"), text("Jean-Luc, Inès")
    ("'=1+1", "' @SUM(A1)", "x;'=1+1;", "'\uff1d1", "'\u200b-1", 'Jean-Luc, Inès')
    """
    if not value:
        return ""
    defused = "".join(f"'{part}" if _begins_a_formula(part) else part for part in _SEPARATORS.split(value))
    return f"'{defused}" if value[0] in "\t\r\n" else defused


def plain(cell: str) -> str:
    """The text of a cell that ``text`` has written: without the apostrophes before what begins like a formula.

    >>> plain("'=1+1"), plain("x;'=1+1;"), plain("'Aïcha"), plain("l'été")
    ('=1+1', 'x;=1+1;', "'Aïcha", "l'été")
    """
    if cell[:1] == "'" and cell[1:2] in {"\t", "\r", "\n"}:
        cell = cell[1:]
    marked = (part[1:] if part[:1] == "'" and _begins_a_formula(part[1:]) else part for part in _SEPARATORS.split(cell))
    return "".join(marked)


def _begins_a_formula(part: str) -> bool:
    # A quotation mark goes where the cells are parted elsewhere than they were quoted for.
    seen = next((character for character in part if is_seen(character) and character != '"'), "")
    return unicodedata.normalize("NFKC", seen)[:1] in _FORMULA


async def as_csv(header: Sequence[str], lines: AsyncIterator[Sequence[Cell]], form: Form) -> AsyncIterator[str]:
    """The header and the lines, a few at a time, so that the length of a list costs no memory."""
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel misreads the accents
    writer = csv.writer(buffer, delimiter=form.separator)
    writer.writerow([form.word(heading) for heading in header])
    async for line in lines:
        writer.writerow([form.cell(cell) for cell in line])
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
