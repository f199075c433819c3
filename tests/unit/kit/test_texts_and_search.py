"""Texts that people write, dates that they write, and the words that they are found by."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from carnet.addresses import MailAddress, mail_address, refuse_unwritable
from carnet.dates import Day, GivenInstant
from carnet.refusals import Refusal
from carnet.search import beginning_with, folded, words
from carnet.texts import EmailAddress, Line, Paragraphs, PhoneNumber


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Éveil À la DANSE", "eveil a la danse"),
        ("cœur d'enfant", "coeur d enfant"),
        ("Straße", "strasse"),
        ("  a__b ", "a b"),
        ("ﬁn Ⅳ", "fin iv"),
        ("…", ""),
        ("An\u200bna\ufeff Lu\u00adna", "anna luna"),
    ],
)
def test_folding_forgets_case_accents_and_what_is_no_letter(text: str, expected: str) -> None:
    assert folded(text) == expected


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more_and_each_word_finds_its_text(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert set(words([folded(text)])) == set(words([text]))


def test_words_are_given_once_in_order_and_bounded() -> None:
    assert words(["b a", None, "", "A c"]) == ("b", "a", "c")
    assert len(words([" ".join(f"w{i}" for i in range(500))])) == 200
    assert words(["x" * 100]) == ("x" * 40,)


def test_a_search_without_a_word_filters_nothing() -> None:
    assert beginning_with("words", " .-' ") == {}


def test_a_search_asks_for_a_word_that_begins_with_each_word() -> None:
    found = beginning_with("words", "Zoé lef")
    assert [each["words"]["$elemMatch"]["$gte"] for each in found["$and"]] == ["zoe", "lef"]


def test_con_27_a_number_in_a_search_is_looked_for_where_numbers_are_and_a_name_where_names_are() -> None:
    found = beginning_with("words", "Zoé 2027-42", numbers=("number", "names.number"))
    number, word = found["$and"]
    prefix = {"$gte": "2027-42", "$lt": "2027-42\uffff"}
    both = [prefix, "2027-0042"]
    assert number == {"$or": [{field: each} for field in ("number", "names.number") for each in both]}
    assert word["words"]["$elemMatch"]["$gte"] == "zoe"


def test_a_search_without_fields_for_numbers_takes_them_for_words() -> None:
    assert len(beginning_with("words", "2027-0042")["$and"]) == 2


def test_lines_are_composed_and_trimmed() -> None:
    assert len(TypeAdapter(Line).validate_python("a" + "\u0301\u0316" * 15)) == 30
    assert TypeAdapter(Line).validate_python("  e\u0301cole ") == "école"
    for name in ("नमस्ते", "می\u200cخواهم", "👩\u200d👧", "?", "ノエル", "ל\u05b0י"):
        assert TypeAdapter(Line).validate_python(name) == name
    assert TypeAdapter(Paragraphs).validate_python("one\r\ntwo") == "one\ntwo"
    assert TypeAdapter(PhoneNumber).validate_python("+33 (0)1-23.45/67") == "+33 (0)1-23.45/67"
    assert TypeAdapter(EmailAddress).validate_python("zoé@exämple.co.uk") == "zoé@exämple.co.uk"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Line, ""),
        (Line, "a\tb"),
        (Line, "a\u2028b"),
        (Line, "\u200b"),
        (Line, "\ufeff\u200d"),
        (Line, "\u3164"),
        (Line, "\u2800 \u2800"),
        (Line, "\u0301"),
        (Line, "Anna\u202egrebneir"),
        (Line, "\u2066Anna\u2069"),
        (Line, 5),
        (Line, "a" + "\u0301\u0316" * 16),
        (Line, "a" + "\u0301\u0316" * 60_000),
        (Paragraphs, "a" + "\u0301\u0316" * 60_000),
        (EmailAddress, "a" + "\u0301\u0316" * 60_000 + "@x.example"),
        (Paragraphs, "a\x00"),
        (Paragraphs, "x" * 2_001),
        (EmailAddress, "a@b"),
        (EmailAddress, "a@b.c,d@e.f g"),
        (EmailAddress, "a@b.c\nBcc: d@e.f"),
        (EmailAddress, "a@b..c"),
        (EmailAddress, "a..b@x.example"),
        (EmailAddress, ".a@x.example"),
        (EmailAddress, "a@-x.example"),
        (EmailAddress, "a@x.example."),
        (EmailAddress, "a@exa_mple.org"),
        (EmailAddress, "a\u200b@x.example"),
        (EmailAddress, "a" * 65 + "@x.example"),
        (EmailAddress, "a@" + "x" * 64 + ".example"),
        (EmailAddress, "a@" + "x." * 130 + "example"),
        (EmailAddress, "a@[127.0.0.1]"),
        (EmailAddress, "a@127.0.0.1"),
        (EmailAddress, '"a b"@x.example'),
        (EmailAddress, "a,b@example.org"),
        (EmailAddress, "Anne <anne@example.org>"),
        (PhoneNumber, "call me"),
        (Day, 0),
        (Day, True),
        (Day, "2027-02-30"),
        (Day, "1899-12-31"),
        (Day, "2200-01-01"),
        (GivenInstant, 0),
        (GivenInstant, "2027-01-01T00:00:00"),
        (GivenInstant, "2027-01-01"),
    ],
)
def test_what_cannot_be_is_refused_without_repeating_it(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    assert not value or str(value) not in refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("typed", "written", "needs_smtputf8"),
    [
        ("O'Neil+danse@Example.org", "O'Neil+danse@example.org", False),
        ("contact@école.example", "contact@xn--cole-9oa.example", False),
        ("contact@straße.example", "contact@xn--strae-oqa.example", False),
        ("émilie@x.example", "émilie@x.example", True),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v", True),
    ],
)
def test_not_5_an_address_as_smtp_takes_it(typed: str, written: str, needs_smtputf8: bool) -> None:
    assert TypeAdapter(EmailAddress).validate_python(typed) == typed
    assert mail_address(typed) == MailAddress(written, needs_smtputf8)


def test_not_5_what_the_mail_server_cannot_write_to_is_refused_by_its_field() -> None:
    typed = {"owner.email": "anne@example.org", "members[0].email": None, "members[1].email": "émilie@x.example"}
    refuse_unwritable(typed, smtputf8=True)
    with pytest.raises(Refusal) as refused:
        refuse_unwritable(typed, smtputf8=False)
    assert (refused.value.slug, refused.value.rule) == ("address-not-writable", "NOT-5")
    assert refused.value.params == {"field": "members[1].email"}
    assert "émilie" not in refused.value.detail


def test_days_are_read_as_written() -> None:
    assert TypeAdapter(Day).validate_python("2028-02-29") == date(2028, 2, 29)
