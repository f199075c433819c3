"""What veraPDF and Mustang say of the PDF of an invoice (INV-5)."""

from pathlib import Path

from payments.invoices.paper import render
from tests.judges import Verdict, judged
from tests.unit.payments.invoice_samples import SVG, every_kind, with_logo


def test_inv_5_the_pdfs_are_archives_accessible_and_hold_what_they_say(tmp_path: Path) -> None:
    """Of what is broken they say so."""
    samples = every_kind()
    pdfs = {
        "invoice": render(with_logo(samples["mixed"]), SVG),
        "credit_note": render(samples["credit_note_company"]),
    }
    wrong = pdfs["credit_note"].replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<")
    assert wrong != pdfs["credit_note"]
    found = judged({**pdfs, "wrong": wrong}, tmp_path)
    assert found.pop("wrong").archive != "valid"
    assert found == {name: Verdict("valid", "valid", "valid") for name in pdfs}
