"""Files as schools really have them: what can be read is read, what cannot is named with its row and column (IMP-1)."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from carnet.importing.families import Reading, read_families
from carnet.importing.mapping import UnknownColumnsError, read_columns
from carnet.importing.problems import FileError
from carnet.importing.tables import read_tables

PEOPLE = "Famille;Personne;Rôle;Prénom;Nom;Date de naissance"
ZOE = "F1;P1;responsable;Zoé;Élan;1985-04-12"


def read(*files: tuple[str, bytes | str], kept: Any = ()) -> Reading:
    given = [(name, text.encode() if isinstance(text, str) else text) for name, text in files]
    return read_families([table for name, text in given for table in read_tables(name, text)], "EUR", "fr", kept)


def found(reading: Reading) -> list[str]:
    problems = [*reading.problems, *(each for family in reading.families.values() for each in family.problems)]
    return [f"{each.sheet} {each.row} {each.column} {each.problem}" for each in problems]


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    book.remove(book.active)
    fill(book)
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("encoding", "problem"),
    [("utf-8", None), ("cp1252", None), ("utf-16", None), ("mac_roman", "file-encoding"), ("cp850", "file-encoding")],
)
def test_accented_letters_are_read_right_or_not_at_all(encoding: str, problem: str | None) -> None:
    content = f"Family;Person;Role;First name;Last name\n{ZOE}\n".encode(encoding)
    if problem is None:
        (given,) = read(("f.csv", content)).families.values()
        assert (given.body["people"][0]["first_name"], given.body["people"][0]["last_name"]) == ("Zoé", "Élan")
        return
    with pytest.raises(FileError) as refused:
        read(("f.csv", content))
    assert refused.value.problem == problem


def test_letters_that_were_garbled_before_are_refused_and_shown() -> None:
    with pytest.raises(FileError, match="“Ã©”") as refused:
        read(("f.csv", f"Famille;Personne;Role;Prenom;Nom\n{ZOE}\n".encode().decode("cp1252").encode()))
    assert refused.value.problem == "file-garbled"


@pytest.mark.parametrize(
    ("cell", "is_read"),
    [
        ("1 septembre 2026", True),
        ("mardi 1er septembre 2026", True),
        ("1-sept.-2026", True),
        ("September 1, 2026", True),
        ("1st Sep 2026", True),
        ("2026/9/1", True),
        ("01/09/2026 00:00:00", True),
        ("2026-09-01T10:30", True),
        ("2026-08-31T22:00:00Z", False),
        ("01/09/26", False),
        ("septembre 2026", False),
        ("1 brumaire 2026", False),
    ],
)
def test_a_date_in_words_is_read_where_it_can_mean_one_day_only(cell: str, is_read: bool) -> None:
    reading = read(("f.csv", f"{PEOPLE}\nF1;P1;responsable;Zoé;Élan;{cell}\n"))
    (given,) = reading.families.values()
    assert found(reading) == ([] if is_read else ["f 2 Date de naissance no-date"])
    assert given.body["people"][0].get("birth_date") == ("2026-09-01" if is_read else None)


LINES = "Contrat;Achat;Prix;Taux de TVA"
CONTRACT = ("contrats.csv", "Famille;Contrat;Paiement;Signé le\nF1;C1;sur place;01/09/2026\n")


@pytest.mark.parametrize(
    ("price", "rate", "wrong"),
    [
        ("1 234,50 €", "20 %", []),
        ("1\u202f234,50\u00a0€", "5,5", []),
        ("1'234.50", "0", []),
        ("1 234,50 EUR", "2.1", []),
        ("1 234,50 $", "20", ["Prix no-amount"]),
        ("1 234,50 USD", "20", ["Prix no-amount"]),
        ("20 %", "20", ["Prix no-amount"]),
        ("1,234", "20", ["Prix too-many-decimals"]),
        ("dix", "exonéré", ["Prix no-amount", "Taux de TVA no-rate"]),
        ("-5", "120", ["Prix negative", "Taux de TVA no-rate"]),
        ("5", "0,2", ["Taux de TVA rate-fraction"]),
        ("#REF!", "20", ["Prix error-value"]),
        ("=2*3", "20", ["Prix formula"]),
    ],
)
def test_amounts_are_of_the_schools_currency_and_rates_in_percent(price: str, rate: str, wrong: list[str]) -> None:
    reading = read(("f.csv", f"{PEOPLE}\n{ZOE}\n"), CONTRACT, ("achats.csv", f"{LINES}\nC1;Jazz;{price};{rate}\n"))
    assert found(reading) == [f"achats 2 {each}" for each in wrong]
    if not wrong:
        (given,) = reading.families.values()
        assert given.body["contracts"][0]["lines"][0]["price"] == {"amount": 123_450, "currency": "EUR"}


def test_a_percentage_of_a_spreadsheet_is_what_it_shows() -> None:
    def fill(book: Workbook) -> None:
        people, lines = book.create_sheet("Familles"), book.create_sheet("Achats")
        contracts = book.create_sheet("Contrats")
        for sheet, rows in ((people, [PEOPLE, ZOE]), (contracts, CONTRACT[1].splitlines()), (lines, [LINES])):
            for row in rows:
                sheet.append(row.split(";"))
        for rate in (0.2, 0.055):
            lines.append(["C1", "Jazz", 10, rate])
            lines.cell(lines.max_row, 4).number_format = "0.0%"

    reading = read(("f.xlsx", workbook(fill)))
    (given,) = reading.families.values()
    assert [line["vat_rate"] for line in given.body["contracts"][0]["lines"]] == [2_000, 550]


def test_a_title_above_the_headings_sheets_of_notes_and_errors_of_the_spreadsheet() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.create_sheet("Familles")
        sheet.append(["Liste des familles, saison 2026"])
        sheet.merge_cells("A1:E1")
        sheet.append([])
        for row in (PEOPLE, ZOE):
            sheet.append(row.split(";"))
        sheet.append([None, "P2", "enfant", "Léa", "#N/A", date(2015, 4, 12)])
        sheet.merge_cells("A4:A5")
        book.create_sheet("Notes").append(["à revoir avec Paul"])
        book.create_sheet("Vide")

    assert found(read(("f.xlsx", workbook(fill)))) == [
        "Familles 5 Famille missing-merged",
        "Familles 5 Nom error-value",
    ]
    text = f"Liste des familles\n\n{PEOPLE}\n{ZOE}\nF2;P2;cousin;A;B;\n"
    assert found(read(("f.csv", text))) == ["f 5 Rôle no-choice", "f 5 Rôle owner-missing"]


@pytest.mark.parametrize(
    ("files", "problem", "says"),
    [
        ([("f.csv", PEOPLE)], "no-rows", "f has headings"),
        ([("f.csv", f"{PEOPLE};Nom\n{ZOE};x")], "column-twice", "“Nom”"),
        ([("f.csv", "Famille;Personne;Prénom;Nom\nF1;P1;a;b")], "columns-missing", "“Role”"),
        ([("f.csv", "Foyer;Adhérent\nF1;P1")], "columns-unknown", "--columns"),
        ([CONTRACT], "no-families", "contrats"),
        ([("f.csv", f"{PEOPLE}\n{ZOE}".replace(";", "|"))], "file-no-columns", "semicolons"),
    ],
)
def test_a_file_that_cannot_be_used_says_its_name_and_what_to_do(files: Any, problem: str, says: str) -> None:
    with pytest.raises(FileError, match=says) as refused:
        read(*files)
    assert refused.value.problem == problem
    assert refused.value.params["name"][0] in str(refused.value)


def test_one_number_given_twice_is_named_at_its_row() -> None:
    people = f"{PEOPLE}\n{ZOE}\nF1;P2;responsable;Léa;Élan;\n"
    left = ("credits.csv", "Famille;Crédit;Montant restant\nF1;A1;10\nF1;A1;10\n")
    reading = read(("f.csv", people), left)
    (given,) = reading.families.values()
    assert found(reading) == ["f 3 Rôle owner-twice"]
    assert str(given.locate("credits[1].key", "key-twice", "No.")) == "credits, row 3, column “Crédit”: No."
    assert str(given.locate("people[1].key", "key-twice", "No.")) == "f, row 3, column “Personne”: No."


CHOSEN = {
    "headings": ["Foyer", "Nom", "Prénom", "N°"],
    "columns": {"family": "Foyer", "people.last_name": "Nom", "people.first_name": "Prénom", "people.person": "N°"},
    "constants": {"people.role": "responsable"},
}


@pytest.mark.parametrize(
    ("headings", "problem", "says"),
    [
        ("Foyer;Nom;N°", "columns-lost", "“Prénom”"),
        ("Foyer;Nom de famille;Prénom;N°", "columns-lost", "“Nom”"),
        ("Foyer;Nom;Prénom;N°;Ville", "columns-new", "“Ville”"),
        ("Client;Libellé;Solde;N°", "columns-unknown", "--columns"),
    ],
)
def test_imp_4_a_list_without_a_column_that_was_chosen_says_which(headings: str, problem: str, says: str) -> None:
    kept = [read_columns(CHOSEN)]
    assert found(read(("a.csv", "Foyer;Nom;Prénom;N°\nF1;E;Z;1\n"), kept=kept)) == []
    with pytest.raises(UnknownColumnsError, match=says) as unknown:
        read(("a.csv", f"{headings}\nF1;E;Z;1\n"), kept=kept)
    assert unknown.value.problem == problem


def test_imp_4_of_two_columns_with_one_heading_each_can_be_chosen() -> None:
    (table,) = read_tables("a.csv", "Nom;Nom;N°\nE;Z;1\n".encode())
    assert table.titles == ["Nom", "Nom (2)", "N°"]
    columns = {"family": "N°", "people.person": "N°", "people.last_name": "Nom", "people.first_name": "Nom (2)"}
    kept = [read_columns({"headings": table.titles, "columns": columns, "constants": {"people.role": "responsable"}})]
    (given,) = read_families([table], "EUR", "fr", kept).families.values()
    assert (given.body["people"][0]["last_name"], given.body["people"][0]["first_name"]) == ("E", "Z")


def test_a_day_of_a_spreadsheet_is_the_day_that_it_shows() -> None:
    late = datetime(1985, 4, 12, 23, 59)  # noqa: DTZ001 # as spreadsheets have it

    def fill(book: Workbook) -> None:
        sheet = book.create_sheet("Familles")
        sheet.append(PEOPLE.split(";"))
        sheet.append(["F1", 1.0, "responsable", "Zoé", "Élan", late])

    (given,) = read(("f.xlsx", workbook(fill))).families.values()
    (person,) = given.body["people"]
    assert (person["key"], person["birth_date"]) == ("1", date(1985, 4, 12).isoformat())
