"""The PDF of an invoice: what is printed on it, what is in it, and what those who check PDFs say of it (INV-5)."""

import hashlib
import io
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from pypdf import PdfReader

from carnet import paper
from carnet.paper.typesetting import TypesettingError
from payments.invoices.domain.document import Document
from payments.invoices.domain.drawing_up import Sold, credit_note, invoice
from payments.invoices.paper import render
from payments.invoices.paper.electronic import factur_x
from tests.unit.payments.invoice_samples import (
    FAMILY,
    ISSUED,
    LINES,
    SVG,
    TAXED,
    documents,
    every_kind,
    numbered,
    particulars,
    with_logo,
)

SAMPLES = every_kind()
SUPPLIED = date(2026, 9, 14)


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_inv_5_an_invoice_says_who_what_how_much_and_what_the_law_asks_for() -> None:
    text = text_of(render(SAMPLES["taxed"]))
    for part in (
        "Facture FA-2026-000001",
        "École de danse Arabesque",
        "SIRET 732 829 320 00074",
        "N° de TVA FR44732829320",
        "Hélène Lefèvre-Çelik",
        "28 novembre 2026",
        "du 14/09/2026 au 26/06/2027",
        "5 octobre 2026",
        "Danse classique, débutants",
        "Chloé · une heure par semaine · tarif plein",
        "1 291,67 € 20 % 291,67 € 350,00 €",
        "Remise : Réduction fratrie 10 % −29,17 € −35,00 €",
        "20 % 304,16 € 60,83 € 364,99 €",
        "Total HT 316,01 €",
        "Total TTC 377,49 €",
        "Reste à payer 0,00 €",
        "livraison de biens et prestation de services",
        "1/1",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("english", ["Invoice FA-2026-000003", "Total incl. VAT €377.49", "14/09/2026 to 26/06/2027", "Left to pay"]),
        ("exempt", ["RNA W691234567", "Exonéré", "Exonération de TVA, article 261-7-1° du CGI", "TVA 0,00 €"]),
        ("franchise", ["TVA non applicable, article L. 223-3 du CIBS"]),
        ("mixed", ["article 261-4-4° du CGI", "Exonéré 180,00 € 0,00 € 180,00 €"]),
        ("company", ["SIREN 552 100 554", "FR59552100554", "BC-7781", "40 €", "taux d’intérêt légal"]),
        ("company_to_pay", ["28 décembre 2026", "Reste à payer 277,49 €", "Payable par virement sous 30 jours."]),
        ("deposit", ["Facture d’acompte FA-2026-000002", "Date de l’acompte 1er septembre 2026"]),
        ("final", ["Acompte FA-2026-000002 du 28/11/2026 −100,00 €", "Déjà payé −277,49 €"]),
        (
            "credit_note",
            ["Avoir AV-2026-000001", "FA-2026-000001 du 28/11/2026", "Motif : Annulation de l’inscription"],
        ),
    ],
)
def test_inv_5_each_kind_says_what_is_its_own(name: str, parts: list[str]) -> None:
    text = text_of(render(SAMPLES[name]))
    assert [part for part in parts if part not in text] == []


def test_inv_3_a_credit_note_says_nothing_of_payment() -> None:
    text = text_of(render(SAMPLES["credit_note_of_a_line"]))
    assert "Total de l’avoir TTC 49,99 €" in text
    assert "Reste à payer" not in text
    terms = "Payable à réception."
    sold = invoice(particulars(terms=terms), numbered(1), LINES, supplied_on=SUPPLIED, paid_on=ISSUED)
    assert terms in text_of(render(sold))
    assert terms not in text_of(render(credit_note(sold, numbered(1, "AV"), reason="Rendu")))


def test_many_lines_stand_on_several_pages_each_with_the_heads_of_the_columns() -> None:
    lines = [Sold(id=str(place), name=f"Cours {place}", gross=1200, vat=TAXED) for place in range(75)]
    pdf = render(invoice(particulars(), numbered(1), lines, supplied_on=SUPPLIED, paid_on=ISSUED))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 3
    assert [("Désignation" in page, f"{place}/3" in page) for place, page in enumerate(pages, 1)] == [(True, True)] * 3
    assert "Total TTC" in pages[2]


def test_what_a_person_typed_is_printed_as_typed_and_never_a_command() -> None:
    name = "#panic() *bold* $x$ @ref `raw` \\ //no"
    own = particulars(buyer=FAMILY.model_copy(update={"name": name}))
    lines = [replace(LINES[0], name=name, detail="<b> & 'quotes' \"too\"")]
    text = text_of(render(invoice(own, numbered(1), lines, supplied_on=SUPPLIED, paid_on=ISSUED)))
    assert text.count(name) == 2
    assert "<b> & 'quotes' \"too\"" in text


def test_inv_5_each_letter_of_the_fonts_that_is_printed_as_typed_is_one_that_archives_take() -> None:
    ranges = [line.split("-") for line in (Path(paper.__file__).parent / "fonts" / "coverage.txt").read_text().split()]
    letters = [chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1)]
    typed = ["".join(letters[start : start + 200]) for start in range(0, len(letters), 200)]
    lines = [replace(LINES[0], id=str(place), name=name) for place, name in enumerate(typed)]
    assert "FA-" in text_of(render(invoice(particulars(), numbered(1), lines, supplied_on=SUPPLIED, paid_on=ISSUED)))


@settings(max_examples=20, deadline=None)
@given(documents())
def test_inv_5_whatever_is_sold_and_typed_there_is_a_pdf(document: Document) -> None:
    assert document.number in text_of(render(document))


def test_inv_5_the_electronic_part_is_attached_and_named_in_the_metadata() -> None:
    document = SAMPLES["taxed"]
    reader = PdfReader(io.BytesIO(render(document)))
    assert reader.attachments == {"factur-x.xml": [factur_x(document)]}
    assert reader.metadata is not None
    assert reader.metadata.title == "Facture FA-2026-000001"
    packet = reader.root_object["/Metadata"].get_data().decode()
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in packet


def test_mon_1_a_currency_of_three_decimals_has_no_electronic_part() -> None:
    own = particulars(currency="TND")
    pdf = render(invoice(own, numbered(1), LINES, supplied_on=SUPPLIED, paid_on=ISSUED))
    assert dict(PdfReader(io.BytesIO(pdf)).attachments) == {}
    assert "37,749 TND" in text_of(pdf)


def test_inv_1_the_same_document_gives_the_same_bytes_in_another_process() -> None:
    document = with_logo(SAMPLES["taxed"])
    code = (
        "import sys, hashlib\n"
        "from payments.invoices.domain.document import Document\n"
        "from payments.invoices.paper import render\n"
        "document = Document.model_validate_json(sys.argv[1])\n"
        "print(hashlib.sha256(render(document, sys.argv[2].encode())).hexdigest())"
    )
    arguments = [document.model_dump_json(), SVG.decode()]
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)
    first, again = render(document, SVG), render(document, SVG)
    assert first == again
    assert done.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_a_logo_that_is_no_image_is_an_error() -> None:
    document = with_logo(SAMPLES["taxed"])
    with pytest.raises(TypesettingError):
        render(document, b"no image")
