"""The electronic part of an invoice: what the standard's own schema and rules say of it (INV-5)."""

import doctest
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.invoices.domain import drawing_up
from payments.invoices.domain.document import Document, Note
from payments.invoices.paper import electronic
from payments.invoices.paper.electronic import factur_x
from tests.judges import against_the_rules, against_the_schema
from tests.unit.payments.invoice_samples import documents, every_kind

MORE = int(os.environ.get("CARNET_PROVE", "0"))
"""`make prove` generates so many; a run of the tests a few."""
SAMPLES = every_kind()


@pytest.mark.parametrize("name", SAMPLES)
def test_inv_5_every_kind_is_right_by_the_schema(name: str) -> None:
    assert against_the_schema(factur_x(SAMPLES[name])) == []


@settings(max_examples=MORE or 100, deadline=None)
@given(documents())
def test_inv_5_whatever_is_sold_and_typed_the_schema_and_the_arithmetic_hold(document: Document) -> None:
    xml = factur_x(document)
    assert against_the_schema(xml) == []
    _adds_up(ET.fromstring(xml))  # noqa: S314 # our own


@settings(max_examples=1, deadline=None, derandomize=not MORE)
@given(st.lists(documents(), min_size=MORE // 50 or 8, max_size=MORE // 50 or 8))
def test_inv_5_the_rules_of_the_standard_hold_for_every_kind_and_for_generated_ones(
    tmp_path_factory: pytest.TempPathFactory, generated: list[Document]
) -> None:
    files = {name: factur_x(document) for name, document in SAMPLES.items()}
    files |= {f"generated_{place}": factur_x(document) for place, document in enumerate(generated)}
    files["wrong"] = files["taxed"].replace(b"<ram:GrandTotalAmount>377.49", b"<ram:GrandTotalAmount>377.48")
    found = against_the_rules(files, tmp_path_factory.mktemp("rules"))
    assert any("[BR-CO-15]" in text for text in found.pop("wrong"))
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_inv_5_the_french_rules_hold_between_companies(tmp_path: Path) -> None:
    names = [name for name in SAMPLES if "company" in name]
    assert len(names) == 3
    found = against_the_rules({name: factur_x(SAMPLES[name]) for name in names}, tmp_path, french=True)
    assert found == {name: [] for name in names}


def test_what_xml_cannot_hold_is_left_out_and_the_rest_is_as_typed() -> None:
    particulars = SAMPLES["taxed"].particulars
    odd = particulars.buyer.model_copy(update={"name": "<b> 李小龍 & \x00\x0b Çelik\ud800"})
    document = SAMPLES["taxed"].model_copy(update={"particulars": particulars.model_copy(update={"buyer": odd})})
    root = ET.fromstring(factur_x(document))  # noqa: S314 # our own
    assert root.findtext(".//{*}BuyerTradeParty/{*}Name") == "<b> 李小龍 & Çelik"


def test_the_kind_of_buyer_is_given_once() -> None:
    own = SAMPLES["company"].particulars
    noted = own.model_copy(update={"notes": (*own.notes, Note(text="B2B", code="BAR"))})
    xml = factur_x(SAMPLES["company"].model_copy(update={"particulars": noted}))
    assert xml.count(b">BAR<") == 1


def test_the_examples_of_the_amounts_hold() -> None:
    assert doctest.testmod(electronic).failed == 0
    assert doctest.testmod(drawing_up).failed == 0


def _adds_up(root: ET.Element) -> None:
    def sums(path: str) -> list[int]:
        return [_units(element.text or "") for element in root.findall(f".//{{*}}{path.replace('/', '/{*}')}")]

    header = "SpecifiedTradeSettlementHeaderMonetarySummation"
    net, gross, due = (
        sums(f"{header}/{name}")[0] for name in ("TaxBasisTotalAmount", "GrandTotalAmount", "DuePayableAmount")
    )
    tax, prepaid = sums(f"{header}/TaxTotalAmount")[0], sum(sums(f"{header}/TotalPrepaidAmount"))
    assert sum(sums("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")) == net
    assert net == sums(f"{header}/LineTotalAmount")[0] == sum(sums("ApplicableTradeTax/BasisAmount"))
    assert tax == sum(sums("ApplicableTradeTax/CalculatedAmount"))
    assert gross == net + tax == prepaid + due
    prices = sum(sums("NetPriceProductTradePrice/ChargeAmount"))
    assert prices - sum(sums("SpecifiedTradeAllowanceCharge/ActualAmount")) == net


def _units(text: str) -> int:
    return int(text.replace(".", ""))
