"""What all printed documents share: texts, amounts and colours that can be printed."""

import doctest
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from carnet import paper
from carnet.paper import colours
from carnet.paper.colours import palette
from carnet.paper.typesetting import TypesettingError, typeset
from carnet.paper.writing import Language, short_day, shown, written_amount, written_day, written_rate

FONTS = Path(paper.__file__).parent / "fonts"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fr",
            [
                "1\u202f234,56\u00a0€",
                "\u22120,05\u00a0€",
                "5,5\u00a0%",
                "20\u00a0%",
                "1er septembre 2026",
                "01/09/2026",
            ],
        ),
        ("en", ["€1,234.56", "\u2212€0.05", "5.5%", "20%", "1 September 2026", "01/09/2026"]),
    ],
)
def test_amounts_rates_and_days_are_as_the_language_writes_them(language: Language, expected: list[str]) -> None:
    day = date(2026, 9, 1)
    assert [
        written_amount(123456, "EUR", language),
        written_amount(-5, "EUR", language),
        written_rate(550, language),
        written_rate(2000, language),
        written_day(day, language),
        short_day(day, language),
    ] == expected


def test_the_decimals_are_those_of_the_currency() -> None:
    assert written_amount(1200, "XPF", "fr") == "1\u202f200\u00a0FCFP"
    assert written_amount(1234567, "TND", "en") == "TND1,234.567"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Chloé Çelik-Œuvrard & <b> #x", "Chloé Çelik-Œuvrard & <b> #x"),
        ("e\u0301", "é"),
        ("ﬁn", "fin"),
        ("李小龍 🎉", "??? ?"),
        ("a\x00\x07b\tc\nd", "a  b c\nd"),
        ("x" * 40, "x" * 32 + "\u200b" + "x" * 8),
        ("\ud800", "?"),
        ("a\ue000b\uf6c3\ufeff", "a?b?"),
    ],
)
def test_a_text_is_printed_as_the_fonts_can_show_it(typed: str, printed: str) -> None:
    assert shown(typed) == printed


def test_the_list_of_what_the_fonts_show_is_that_of_the_fonts() -> None:
    fonts = [set(TTFont(font).getBestCmap()) for font in sorted(FONTS.glob("*.otf"))]
    ranges: list[list[int]] = []
    for code in sorted(set.intersection(*fonts)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    written = [f"{first:x}-{last:x}" for first, last in ranges]
    assert len(fonts) == 2
    assert (FONTS / "coverage.txt").read_text().split() == written


@pytest.mark.parametrize("colour", ["#ffcc00", "#ffffff", "#000000", "#7a1f5c", None])
def test_a_colour_of_any_lightness_has_one_that_can_be_read(colour: str | None) -> None:
    found = palette(colour)
    assert found["colour"] == (colour or "#2f4b7c")
    assert int(found["dark"][1:3], 16) < 160
    assert int(found["tint"][1:3], 16) > 230
    assert doctest.testmod(colours).failed == 0


def test_what_the_template_cannot_use_is_an_error_with_its_reason(tmp_path: Path) -> None:
    template = tmp_path / "broken.typ"
    template.write_text("#panic(json(bytes(sys.inputs.data)).why)")
    with pytest.raises(TypesettingError, match="no such thing"):
        typeset(template, {"why": "no such thing"}, made_on=date(2026, 9, 1))


def test_who_prints_nothing_does_not_load_what_prints() -> None:
    code = (
        "import sys, carnet.paper.typesetting, payments.invoices.paper\n"
        "print(*({'typst', 'pikepdf', 'babel', 'lxml', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
