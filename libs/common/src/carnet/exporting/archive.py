"""The archive of an export: a ZIP with a JSON Lines file for each kind, and a CSV file for each sheet of an import."""

import asyncio
import csv
import io
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

import orjson

from carnet.dates import today_in, utc_now
from carnet.exporting.by_hand import TITLES, WORDS, left_out_of
from carnet.exporting.mirror import FamilyKept, rows_of
from carnet.importing.columns import SHEETS, Column, word
from carnet.spreadsheets import decimal

Lines = Callable[[str], AsyncIterator[bytes]]
"""What a service exports, a JSON document a line, by the name of the service."""

_PACKED = zipfile.ZIP_DEFLATED

SERVICES = ("catalog", "contracts", "payments", "credits", "notifications")

_JOINED = {
    "accounts": "id", "contracts": "account", "schedules": "account", "payments": "account", "credits": "account",
    "packs": "account", "vouchers": "account", "scholarships": "account",
}  # fmt: skip
"""The kinds that make families, with where they name their account."""

_SERVICE_OF = {
    "accounts": "contracts", "contracts": "contracts", "schedules": "payments", "payments": "payments",
    "credits": "credits", "packs": "credits", "vouchers": "credits", "scholarships": "credits",
}  # fmt: skip

_ABOUT = {
    "fr": "LISEZMOI.txt",
    "en": "README.txt",
}
_BY_HAND = {"fr": "à-la-main.csv", "en": "by-hand.csv"}
_TEXTS = {
    "fr": """Export de Carnet

import/  : des fichiers CSV que Carnet reprend (« Reprise d’un autre logiciel », ou `carnet import`) : familles,
           contrats, ce qui est payé et à payer, crédits, carnets de séances. Les soldes sont alors les mêmes.
données/ : tout ce que Carnet garde, pour information et pour d’autres logiciels : un fichier JSON Lines par sorte, un
           document JSON par ligne. Les montants y sont en centimes.
à-la-main.csv : ce que la reprise ne rend pas, famille par famille : cartes et bons cadeaux, crédits pas encore payés,
           abonnements, bourses, chèques postdatés.

À la reprise, les achats reviennent comme des lignes avec un nom, un prix et un taux : sans produit du catalogue, sans
place ni liste d’attente, sans accès aux cours en ligne. Les remises et les bourses sont dans les prix. Un contrat payé
avec un crédit l’est par virement, un trop-perçu est un crédit. Contrats et familles reçoivent de nouveaux numéros ; les
anciens sont ceux des fichiers. L’historique, les factures, les courriels et les réglages ne sont que dans données/.

Les IBAN et les moyens de paiement, les codes des bons et des cartes cadeaux et les pièces PDF n’y sont pas.
""",
    "en": """Export of Carnet

import/ : CSV files that Carnet imports (“Families from other software”, or `carnet import`): families, contracts,
          what is paid and still to be paid, credits, session packs. The balances are the same then.
data/   : everything that Carnet keeps, for information and for other software: a JSON Lines file for each kind, a JSON
          document a line. Amounts are in cents.
by-hand.csv: what an import does not bring back, family by family: gift cards and vouchers, credits that are not paid,
          subscriptions, scholarships, post-dated cheques.

Imported, purchases are lines with a name, a price and a rate: without a product of the catalog, a seat, a waitlist or
access to online courses. Discounts and scholarships are in the prices. A contract that was paid with a credit is paid
by transfer, and what was paid too much is a credit. Contracts and families get new numbers; those of the files are the
former ones. The history, invoices, mails and settings are in data/ alone.

IBANs and payment methods, the codes of gift vouchers and gift cards, and PDF documents are not in it.
""",
}


async def write_archive(file: BinaryIO, lines: Lines, language: str) -> dict[str, int]:
    """Write the export of an organisation to a file; returns how many documents of each kind it has.

    Only a document at a time is in memory: what makes families is put aside in a database on the disk.
    """
    data = "données" if language == "fr" else "data"
    # It is made here and read in another thread, one after the other.
    with closing(sqlite3.connect("", check_same_thread=False)) as aside, zipfile.ZipFile(file, "w", _PACKED) as archive:
        aside.execute("CREATE TABLE documents (account TEXT, kind TEXT, document BLOB)")
        archive.writestr(_ABOUT[language], _TEXTS[language])
        documents = _Documents(archive, aside)
        for service in SERVICES:
            await documents.write(service, f"{data}/{service}", lines(service))
        aside.execute("CREATE INDEX of_account ON documents (account)")
        families = _Families(aside, documents.organisation)
        await asyncio.to_thread(_write_sheets, archive, families, language)
        await asyncio.to_thread(_write_left_out, archive, families, language)
    return documents.counts


@dataclass
class _Documents:
    """What services export: each kind to a file of the archive, and what makes families aside."""

    archive: zipfile.ZipFile
    aside: sqlite3.Connection
    counts: dict[str, int] = field(default_factory=dict)
    organisation: Any = field(default_factory=lambda: {"time_zone": "UTC", "clock_ahead": 0, "currency": "EUR"})
    """The organisation, which the catalog exports first; without one there are no families."""

    async def write(self, service: str, folder: str, lines: AsyncIterator[bytes]) -> None:
        """Write what one service exports, kind by kind."""
        kind, entry = "", ExitStack()
        with entry:
            written: IO[bytes] | None = None
            async for line in lines:
                if not line.strip():
                    continue
                document = orjson.loads(line)
                if written is None or document["collection"] != kind:
                    entry.close()
                    kind = document["collection"]
                    written = entry.enter_context(self.archive.open(f"{folder}/{kind}.jsonl", "w", force_zip64=True))
                written.write(line.rstrip(b"\n") + b"\n")
                self.counts[kind] = self.counts.get(kind, 0) + 1
                if kind == "organisations":
                    self.organisation = document
                if _SERVICE_OF.get(kind) == service:
                    self.aside.execute("INSERT INTO documents VALUES (?, ?, ?)", (document[_JOINED[kind]], kind, line))


def _write_sheets(archive: zipfile.ZipFile, families: "_Families", language: str) -> None:
    """Write all sheets in one pass over the families: each to its own file first: the archive takes one at a time."""
    with ExitStack() as stack:
        files, texts, writers = dict[str, BinaryIO](), dict[str, io.TextIOWrapper](), dict[str, Any]()
        for sheet in SHEETS:
            kept: BinaryIO = stack.enter_context(TemporaryFile())
            files[sheet.name] = kept
            texts[sheet.name], writers[sheet.name] = _writer(kept, language)
            writers[sheet.name].writerow(column.title(language) for column in sheet.columns)
        columns = {sheet.name: sheet.columns for sheet in SHEETS}
        for family in families:
            for name, row in rows_of(family):
                cells = (_cell(column, row.get(column.name), families.currency, language) for column in columns[name])
                writers[name].writerow(cells)
        for sheet in SHEETS:
            texts[sheet.name].detach()
            written = files[sheet.name]
            written.seek(0)
            with archive.open(f"import/{sheet.title(language).lower()}.csv", "w", force_zip64=True) as entry:
                shutil.copyfileobj(written, entry)


def _write_left_out(archive: zipfile.ZipFile, families: "_Families", language: str) -> None:
    """Write what an import does not bring back."""
    with archive.open(_BY_HAND[language], "w", force_zip64=True) as entry:
        text, writer = _writer(cast("BinaryIO", entry), language)
        writer.writerow(TITLES[language])
        for family in families:
            for each in left_out_of(family):
                amount = "" if each.amount is None else _amount(each.amount, families.currency, language)
                names = (_plain(family.key), _plain(family.owner))
                writer.writerow((*names, WORDS[language][each.what], _plain(each.name), amount, each.on or ""))
        text.detach()


def _writer(file: BinaryIO, language: str) -> tuple[io.TextIOWrapper, Any]:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    return text, csv.writer(text, delimiter=";" if language == "fr" else ",")


class _Families:
    """What services keep of each family, one after the other, whenever somebody goes through them."""

    def __init__(self, aside: sqlite3.Connection, organisation: Any) -> None:
        self._aside = aside
        self._today = today_in(organisation["time_zone"], utc_now(), organisation["clock_ahead"])
        self.currency: str = organisation["currency"]

    def __iter__(self) -> Iterator[FamilyKept]:
        accounts = self._aside.execute(
            "SELECT account, document FROM documents WHERE kind = 'accounts' ORDER BY account"
        )
        for account, document in accounts:
            family = FamilyKept(orjson.loads(document), self._today)
            of_account = self._aside.execute(
                "SELECT kind, document FROM documents WHERE account = ? AND kind <> 'accounts' ORDER BY rowid",
                (account,),
            )
            for kind, each in of_account:
                _put(family, kind, orjson.loads(each))
            yield family


def _put(family: FamilyKept, kind: str, document: Any) -> None:
    match kind:
        case "schedules":
            family.schedules[document["id"]] = document
        case "payments":
            family.payments[document["contract"]].append(document)
        case _:
            getattr(family, kind).append(document)


def _cell(column: Column, value: Any, currency: str, language: str) -> str:
    """A cell as an import reads it."""
    if value is None:
        return ""
    match column.kind:
        case "money":
            return _amount(value, currency, language)
        case "rate":
            return f"{value / 100:.2f}".rstrip("0").rstrip(".").replace(".", _POINT[language])
        case "choice":
            return word(str(value), language)
    return _plain(str(value))


_POINT = {"fr": ",", "en": "."}


def _amount(amount: int, currency: str, language: str) -> str:
    return decimal(amount, currency, _POINT[language])


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an import reads it without the mark."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
