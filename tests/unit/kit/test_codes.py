"""Codes that people read aloud and type (CRE-8, CRE-9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.codes import ALPHABET, LENGTH, digest_of, last_of, new_code, read_code

codes = st.builds(new_code)


def test_cre_9_a_code_is_drawn_from_more_than_eighty_bits_and_never_twice() -> None:
    assert len(ALPHABET) ** (LENGTH - 1) > 2**80
    assert len({new_code() for _ in range(1000)}) == 1000


@given(codes)
def test_a_code_is_read_whatever_its_case_spaces_and_dashes(code: str) -> None:
    assert read_code(code) == code
    assert read_code(code.lower().replace("-", " ")) == code
    assert read_code(code.replace("-", "").replace("1", "l")) == code
    assert code.endswith(last_of(code))


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, other: str) -> None:
    plain = code.replace("-", "")
    wrong = plain[:place] + other + plain[place + 1 :]
    if wrong != plain:
        with pytest.raises(ValueError, match="mistyped"):
            read_code(wrong)


@given(codes, st.integers(0, LENGTH - 3))
def test_two_characters_that_change_places_are_always_noticed(code: str, place: int) -> None:
    plain = code.replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    if swapped != plain:
        with pytest.raises(ValueError, match="mistyped"):
            read_code(swapped)


@pytest.mark.parametrize(("typed", "why"), [("7K3M", "20 characters"), ("0" * LENGTH, "no O"), ("", "20 characters")])
def test_what_can_be_no_code_says_what_is_wrong(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_code(typed)


def test_org_1_the_same_code_has_another_digest_in_another_organisation() -> None:
    code = new_code()
    assert digest_of("one", code) != digest_of("other", code)
    assert code not in digest_of("one", code)
