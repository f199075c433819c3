"""The template of an import is a family that can be imported as it is (IMP-1)."""

from datetime import date

import orjson
import pytest

from carnet.importing.families import read_families
from carnet.importing.tables import read_tables
from carnet.importing.templates import workbook
from contracts.imports.bodies import FamilyIn
from contracts.imports.checks import problems_of


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("today", [date(2026, 11, 29), date(2030, 2, 1)])
def test_imp_1_nothing_is_to_be_corrected_in_the_template(language: str, today: date) -> None:
    (given,) = read_families(read_tables("t.xlsx", workbook(language)), "EUR", language).families.values()
    family = FamilyIn.model_validate_json(orjson.dumps(given.body)).command("EUR")
    assert list(problems_of(family, today)) == []
