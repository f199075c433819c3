"""The paper of a gift voucher: what is printed on it, in French and in English (CRE-9)."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from carnet.codes import new_code
from carnet.events.catalog import Contact
from carnet.ids import new_id
from carnet.organisations import Organisation
from carnet.paper.writing import Language
from credits.domain.credit import Card, Credit
from credits.domain.vouchers import Voucher
from credits.papers import file_name
from credits.voucher_paper import render

NASTY = '<b> "Été" & #let x = 1 \\ {{ 7 }} ' + "très-long " * 12


def school(name: str = "École de danse Arabesque", **contact: str) -> Organisation:
    id_ = new_id()
    return Organisation(
        id=id_,
        organisation=id_,
        name=name,
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(**contact),
        support_email="aide@arabesque.example",
        mode="test",
    )


def test_cre_8_its_file_is_named_in_its_language() -> None:
    held = voucher(code="7K3M-Q2XA-V9TB-4HDN-C6RX")
    assert file_name(held, held.code or "", "fr") == "bon-cadeau-7K3M.pdf"
    assert file_name(held, held.code or "", "en") == "voucher-7K3M.pdf"


def voucher(name: str = "Un trimestre de poterie", code: str | None = None) -> Voucher:
    return Voucher(
        id=new_id(),
        organisation=new_id(),
        account=new_id(),
        contract=new_id(),
        name=name,
        products=(),
        code=code or new_code(),
        standing="issued",
        issued_on=date(2026, 12, 20),
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Bon cadeau", "Valable pour", "20 décembre 2026")), ("en", ("Gift voucher", "right to", "20 December"))],
)
def test_it_says_what_it_is_a_right_to_its_code_and_where_to_use_it(language: Language, words: tuple[str, ...]) -> None:
    given = voucher()
    reader = PdfReader(BytesIO(render(given, school(phone="04 78 00 00 00", address="12 rue\n69003 Lyon"), language)))
    (page,) = reader.pages
    text = page.extract_text().replace("\u00a0", " ")
    for word in (*words, str(given.code), given.name, "École de danse Arabesque", "04 78 00 00 00", "69003 Lyon"):
        assert word in text, word
    assert reader.metadata is not None
    assert reader.metadata.title == f"{words[0]} · {given.name}"


def test_the_same_voucher_is_the_same_file_and_another_code_another_picture() -> None:
    given, at = voucher(), school()
    assert render(given, at, "fr") == render(given, at, "fr")
    assert render(given, at, "fr") != render(given.model_copy(update={"code": new_code()}), at, "fr")


def test_whatever_was_typed_is_printed_as_typed_on_one_page() -> None:
    reader = PdfReader(BytesIO(render(voucher(NASTY), school(NASTY[:80]), "fr")))
    assert len(reader.pages) == 1
    assert "#let x = 1" in reader.pages[0].extract_text()


def test_a_voucher_that_was_never_issued_has_no_paper() -> None:
    never = voucher().model_copy(update={"code": None, "standing": "removed"})
    with pytest.raises(ValueError, match="never issued"):
        render(never, school(), "fr")


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Carte cadeau", "valeur de", "50,00 €", "20 décembre 2026")), ("en", ("Gift card", "Worth", "€50.00"))],
)
def test_a_gift_card_says_what_it_is_worth_and_its_code(language: Language, words: tuple[str, ...]) -> None:
    code = new_code()
    given = Credit(
        id=new_id(),
        organisation=new_id(),
        account=new_id(),
        origin="sold",
        contract=new_id(),
        amount=5000,
        left=5000,
        currency="EUR",
        status="granted",
        granted_on=date(2026, 12, 20),
        card=Card(name=NASTY, code=code),
    )
    (page,) = PdfReader(BytesIO(render(given, school(), language))).pages
    text = page.extract_text().replace("\u00a0", " ")
    for word in (*words, code):
        assert word in text, word
