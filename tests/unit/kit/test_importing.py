"""Files of another system: every wrong cell is named, and nothing hostile is read (IMP-1)."""

import io
import tracemalloc
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from carnet.importing import archives, families
from carnet.importing.cells import CellError, read_cell, read_date
from carnet.importing.columns import INSTALMENTS, LINES, SHEETS, Column
from carnet.importing.families import Reading, read_families
from carnet.importing.mapping import UnknownColumnsError, read_columns
from carnet.importing.problems import FileError
from carnet.importing.tables import Formula, read_tables
from carnet.importing.templates import comma_separated, workbook

PEOPLE = ["Famille", "Personne", "Rôle", "Prénom", "Nom", "E-mail", "Langue"]
CONTRACTS = ["Famille", "Contrat", "Paiement", "Signé le"]
LINES_TITLES = ["Contrat", "Achat", "Participant", "Prix", "Taux de TVA"]
INSTALMENT_TITLES = ["Contrat", "État", "Date", "Montant", "Moyen de paiement"]
CREDITS = ["Famille", "Crédit", "Montant restant"]
PACKS = ["Famille", "Carnet", "Intitulé", "Personne", "Séances restantes", "Valable jusqu'au"]

MONEY = Column("amount", "Amount", "Montant", "money")
RIGHT: dict[str, list[list[Any]]] = {
    "Familles": [
        PEOPLE,
        ["F1", "P1", "responsable", "Marie", "Petit", None, "fr"],
        ["F1", 2, "Enfant", "Léa", "Petit"],
    ],
    "Contrats": [CONTRACTS, ["F1", "C1", "Sur place", date(2026, 9, 1)]],
    "Achats": [LINES_TITLES, ["C1", "Jazz", 2, 300.5, 20], ["C1", "Tutu", None, "1 012,30 €", "5,5"]],
    "Échéances": [
        INSTALMENT_TITLES,
        ["C1", "Payé", "05/09/2026", "100,00", "Chèque"],
        ["C1", "prévu", 46_400, 12.25, None],
    ],
    "Crédits": [CREDITS, ["F1", "A1", "25"]],
    "Carnets": [PACKS, ["F1", "S1", "10 × Yoga", 2, 4.0, "31/08/2099"], ["F1", "S2", "Passe"]],
}


def xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Reading:
    return read_families(read_tables("ecole.xlsx", xlsx(sheets)), "EUR")


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def test_rows_of_all_sheets_are_put_together_to_families_as_the_api_takes_them() -> None:
    reading = read(RIGHT)
    (given,) = reading.families.values()
    assert (reading.problems, given.problems, reading.rows) == ([], [], 10)
    assert given.body == {
        "key": "F1",
        "language": "fr",
        "owner": "P1",
        "people": [
            {"key": "P1", "kind": "adult", "first_name": "Marie", "last_name": "Petit"},
            {"key": "2", "kind": "child", "first_name": "Léa", "last_name": "Petit"},
        ],
        "contracts": [
            {
                "key": "C1",
                "mode": "on_site",
                "signed_on": "2026-09-01",
                "lines": [
                    {"name": "Jazz", "price": money(30_050), "vat_rate": 2_000, "participant": "2"},
                    {"name": "Tutu", "price": money(101_230), "vat_rate": 550},
                ],
                "paid": [{"amount": money(10_000), "method": "cheque", "received_on": "2026-09-05"}],
                "planned": [{"due": "2027-01-13", "amount": money(1_225)}],
            }
        ],
        "credits": [{"key": "A1", "amount": money(2_500)}],
        "packs": [
            {"key": "S1", "name": "10 × Yoga", "sessions": 4, "valid_until": "2099-08-31", "member": "2"},
            {"key": "S2", "name": "Passe"},
        ],
    }


def test_a_problem_that_the_api_finds_is_shown_at_its_row_and_column() -> None:
    (given,) = read(RIGHT).families.values()
    found = given.locate("contracts[0].planned[0].due", "date-out-of-range", "Correct the date.")
    assert str(found) == "Échéances, row 3, column “Date”: Correct the date."
    assert str(given.locate("contracts[0].lines[0].price.amount", "x", "No.")) == "Achats, row 2, column “Prix”: No."
    assert str(given.locate("contracts[0]", "paid-above-total", "No.")) == "Contrats, row 2: No."
    assert str(given.locate("people[1].first_name", "x", "No.")) == "Familles, row 3, column “Prénom”: No."


def wrong(sheet: str, row: list[Any]) -> list[str]:
    sheets = {name: [list(each) for each in rows] for name, rows in RIGHT.items()}
    sheets[sheet].append(row)
    reading = read(sheets)
    found = [*reading.problems, *(each for given in reading.families.values() for each in given.problems)]
    return [f"{each.row} {each.column} {each.problem}" for each in found]


@pytest.mark.parametrize(
    ("sheet", "row", "found"),
    [
        ("Familles", ["F1", "P3", "patron", "X", "Y"], ["4 Rôle no-choice"]),
        ("Familles", ["F1", "P3", "responsable", "X", "Y"], ["4 Rôle owner-twice"]),
        ("Familles", ["F2", "P3", "adulte", None, "Y"], ["4 Prénom missing", "4 Rôle owner-missing"]),
        ("Familles", [None, "P3", "adulte", "X", "Y"], ["4 Famille missing"]),
        ("Contrats", ["F9", "C2", "Sur place", "2026-09-01"], ["3 Famille unknown-family"]),
        ("Contrats", ["F1", "C1", "Sur place", "2026-09-01"], ["3 Contrat key-twice"]),
        ("Contrats", ["F1", "C2", "Sur place", "2026-09-01"], ["3 None no-lines"]),
        (
            "Contrats",
            ["F1", "C2", "Troc", "31/02/2026"],
            ["3 Paiement no-choice", "3 Signé le no-day", "3 None no-lines"],
        ),
        ("Achats", ["C9", "Jazz", None, "1", "20"], ["4 Contrat unknown-contract"]),
        ("Achats", ["C1", "Jazz", None, "=SUM(A1:A2)", "20"], ["4 Prix formula"]),
        ("Achats", ["C1", "Jazz", None, "-3", "20"], ["4 Prix negative"]),
        ("Achats", ["C1", "Jazz", None, "1,234", "20"], ["4 Prix too-many-decimals"]),
        ("Échéances", ["C1", "payé", "05/09/2026", "100", None], ["4 Moyen de paiement missing"]),
        ("Échéances", ["C1", "prévu", "05/09/2026", 0, None], ["4 Montant zero"]),
        ("Crédits", ["F1", "A2", "beaucoup"], ["3 Montant restant no-amount"]),
        ("Carnets", ["F1", "S3", "Yoga", None, 2.5], ["4 Séances restantes no-count"]),
        ("Carnets", ["F1", "S3", "Yoga", None, 0], ["4 Séances restantes none-left"]),
        ("Carnets", ["F9", "S3", "Yoga", None, 2], ["4 Famille unknown-family"]),
    ],
)
def test_a_wrong_row_is_named_with_its_column_and_what_to_do(sheet: str, row: list[Any], found: list[str]) -> None:
    assert wrong(sheet, row) == found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_carnet_writes_as_templates_it_reads(language: str) -> None:
    of_workbook = read_families(read_tables("t.xlsx", workbook(language)), "EUR", language)
    files = comma_separated(language)
    of_files = read_families([read_tables(name, content)[0] for name, content in files.items()], "EUR", language)
    for reading in (of_workbook, of_files):
        (given,) = reading.families.values()
        assert (reading.problems, given.problems, reading.rows) == ([], [], len(SHEETS))
        (contract,) = given.body["contracts"]
        assert (contract["paid"][0]["amount"], contract["lines"][0]["vat_rate"]) == (money(10_000), 2_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_whatever_spreadsheet_wrote_it(encoding: str, separator: str) -> None:
    text = separator.join(CREDITS) + "\r\n" + separator.join(["Éloïse", '"a\r\nb"', "'=x"]) + "\r\n\r\n"
    (table,) = read_tables("credits.csv", text.encode(encoding))
    assert (table.titles, list(table.rows)) == (CREDITS, [(2, ["Éloïse", "a\r\nb", "=x"])])


def hostile(part: str, content: bytes) -> bytes:
    written = io.BytesIO(xlsx({"Familles": [PEOPLE]}))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    return written.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"\n \n", "file-empty"),
        ("a.csv", b"\x00\x01\x02\xff", "file-no-text"),
        ("a.csv", b"Famille\nF1\n", "file-no-columns"),
        ("a.csv", b'Famille;"Nom\nF1;x', "file-quote"),
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100, "file-old-excel"),
        ("a.xlsx", b"PK\x03\x04 and nothing else", "file-broken"),
        ("a.xlsx", xlsx({"Familles": []}), "file-empty"),
        ("a.xlsx", hostile("xl/worksheets/other.xml", BOMB), "file-hostile"),
        ("a.xlsx", hostile("xl/worksheets/other.xml", BOMB.decode().encode("utf-16")), "file-hostile"),
        ("a.xlsx", hostile("xl/media/zeros.bin", bytes(11 * 1024 * 1024)), "file-hostile"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_none_or_is_hostile_is_refused_with_what_to_do(
    name: str, content: bytes, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 10 * 1024 * 1024)
    with pytest.raises(FileError) as refused:
        _ = [list(table.rows) for table in read_tables(name, content)]
    assert refused.value.problem == problem
    assert refused.value.detail.endswith(".")


def test_a_sheet_that_lacks_columns_says_which() -> None:
    with pytest.raises(FileError, match="« Prix »") as refused:
        read({**RIGHT, "Achats": [["Contrat", "Achat", "Taux de TVA"], ["C1", "Jazz", 20]]})
    assert refused.value.problem == "columns-missing"
    with pytest.raises(FileError, match="Families"):
        read({name: rows for name, rows in RIGHT.items() if name != "Familles"})


@pytest.mark.parametrize("cell", [date(2026, 9, 1), 46_266, 46_266.0, "46266", "2026-09-01", "1/9/2026", "01.09.2026"])
def test_a_date_is_read_however_it_is_written(cell: Any) -> None:
    assert read_date(cell) == date(2026, 9, 1)


@pytest.mark.parametrize("cell", ["demain", "2026-13-01", "09/2026", 12, 1.5, True, "12/31/2026"])
def test_what_is_no_date_is_refused(cell: Any) -> None:
    with pytest.raises(CellError):
        read_date(cell)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234,5", 123_450),
        ("1 234,50 €", 123_450),
        ("1.234,50", 123_450),
        ("1,234.50", 123_450),
        (19.1, 1_910),
        (0.1 + 0.2, 30),
        (7, 700),
        ("0", 0),
    ],
)
def test_an_amount_is_read_however_it_is_written(cell: Any, amount: int) -> None:
    assert read_cell(MONEY, cell, "EUR") == amount


def test_an_amount_has_the_decimals_of_its_currency_and_no_formula() -> None:
    assert read_cell(MONEY, "500", "XPF") == 500
    for cell in ("5,5", Formula(), "12 apples", True, 10**14):
        with pytest.raises(CellError):
            read_cell(MONEY, cell, "XPF")
    assert read_cell(LINES.column("vat_rate"), "8,5 %", "XPF") == 850
    assert read_cell(INSTALMENTS.column("method"), "Prélèvement", "EUR") == "direct_debit"


FLAT = """Commande;Payeur;Prénom payeur;Nom payeur;Élève;Nom élève;Cours;Tarif;Réglé le;Moyen;Référence interne
K1;marie@example.org;Marie;Petit;Léa;Petit;Jazz;300,00;05/09/2026;CB;x
K1;marie@example.org;Marie;Petit;Tom;Petit;Tutu;20,50;07/09/2026;espèces;x
K2;ali@example.org;Ali;Amara;Ali;Amara;Salsa;abc;06/09/2026;chèque;x
"""
CHOSEN: dict[str, Any] = {
    "columns": {
        "family": "Payeur",
        "contract": "Commande",
        "people.person": "Prénom payeur",
        "people.first_name": "Prénom payeur",
        "people.last_name": "Nom payeur",
        "people.email": "Payeur",
        "participants.person": "Élève",
        "participants.first_name": "Élève",
        "participants.last_name": "Nom élève",
        "lines.name": "Cours",
        "lines.price": "Tarif",
        "instalments.on": "Réglé le",
        "instalments.amount": "Tarif",
        "instalments.method": "Moyen",
        "contracts.signed_on": "Réglé le",
    },
    "constants": {
        "people.role": "responsable",
        "lines.vat_rate": "20",
        "contracts.mode": "sur place",
        "instalments.state": "payé",
        "contracts.signed_on": "2026-09-01",
    },
}


def test_imp_4_one_list_of_other_software_is_read_as_people_contracts_purchases_and_payments() -> None:
    (table,) = read_tables("commandes.csv", FLAT.encode())
    kept = read_columns({**CHOSEN, "headings": table.titles})
    reading = read_families([table], "EUR", "fr", [kept])
    marie, ali = reading.families.values()
    assert marie.problems == []
    assert [(each["key"], each["kind"]) for each in marie.body["people"]] == [
        ("Marie", "adult"),
        ("Léa", "child"),
        ("Tom", "child"),
    ]
    (contract,) = marie.body["contracts"]
    assert (contract["key"], contract["mode"], contract["signed_on"]) == ("K1", "on_site", "2026-09-05")
    assert [(each["name"], each["participant"], each["price"]) for each in contract["lines"]] == [
        ("Jazz", "Léa", money(30_000)),
        ("Tutu", "Tom", money(2_050)),
    ]
    assert contract["paid"] == [
        {"amount": money(30_000), "method": "card", "received_on": "2026-09-05"},
        {"amount": money(2_050), "method": "cash", "received_on": "2026-09-07"},
    ]
    assert [(each["key"], each["kind"]) for each in ali.body["people"]] == [("Ali", "adult")]
    assert ("commandes", 4, "Tarif") in [(each.sheet, each.row, each.column) for each in ali.problems]


def test_imp_4_columns_are_proposed_as_they_were_chosen_for_the_same_headings() -> None:
    (table,) = read_tables("commandes.csv", FLAT.encode())
    with pytest.raises(UnknownColumnsError) as unknown:
        read_families([table], "EUR")
    assert unknown.value.proposal.columns == {}
    other = FLAT.replace("Référence interne", "Autre colonne").replace("Tarif", "Prix TTC")
    (changed,) = read_tables("commandes.csv", other.encode())
    kept = read_columns({**CHOSEN, "headings": table.titles})
    with pytest.raises(UnknownColumnsError) as unknown:
        read_families([changed], "EUR", "fr", [kept])
    proposed = unknown.value.proposal
    assert proposed.columns["people.last_name"] == "Nom payeur"
    assert ("lines.price" in proposed.columns, proposed.missing()) == (False, ["lines.price", "instalments.amount"])
    assert proposed.constants["lines.vat_rate"] == "20"
    (alike,) = read_tables("x.csv", b"Prenom;NOM;Autre\nA;B;C\n")
    with pytest.raises(UnknownColumnsError) as unknown:
        read_families([alike], "EUR")
    assert unknown.value.proposal.columns == {"people.first_name": "Prenom", "people.last_name": "NOM"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "it has no columns"),
        ({"columns": {"people.shoe": "Nom"}}, "there is no column"),
        ({"columns": {"people.last_name": "Nom"}}, "people.first_name"),
    ],
)
def test_imp_4_a_file_of_columns_that_cannot_be_used_says_why(given: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_columns(given)


def memory_for(count: int) -> int:
    """Bytes at the most while a file of so many families is read to its end."""
    rows = [";".join(PEOPLE), *(f"F{number};P{number};responsable;Marie;Petit;;fr" for number in range(count))]
    file = io.BytesIO("\n".join(rows).encode())
    tracemalloc.start()
    try:
        reading = read_families(read_tables("familles.csv", file), "EUR")
        assert sum(1 for _ in reading.families.values()) == len(reading.families) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_imp_1_memory_does_not_grow_with_the_file() -> None:
    assert memory_for(8_000) < 1.5 * memory_for(2_000)


def test_imp_1_of_a_file_that_is_wrong_all_over_so_many_problems_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MOST_PROBLEMS", 5)
    rows = [*RIGHT["Crédits"], *(["F9", f"A{number}", "1"] for number in range(20))]
    assert len(read({**RIGHT, "Crédits": rows}).problems) == 5


@pytest.mark.parametrize(("language", "sheet", "column"), [("fr", "Échéances", "E"), ("en", "Instalments", "E")])
def test_imp_1_the_template_proposes_every_word_that_a_cell_may_say(language: str, sheet: str, column: str) -> None:
    page = load_workbook(io.BytesIO(workbook(language)))[sheet]
    rules = {str(each.sqref): each.formula1 for each in page.data_validations.dataValidation}
    (proposed,) = [formula for cells, formula in rules.items() if cells.startswith(f"{column}2:{column}")]
    words = proposed.strip('"').split(",")
    assert len(words) == 5
    assert {read_cell(INSTALMENTS.column("method"), each, "EUR") for each in words} == {
        "cash", "cheque", "transfer", "card", "direct_debit",
    }  # fmt: skip
