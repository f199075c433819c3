"""Texts that people write: cleaned, bounded, and refused with a sentence that never repeats them."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from carnet.addresses import mail_address

_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]{3,30}")


MOST_MARKS = 30
"""Accents and other marks that a letter may bear: those of Unicode's Stream-Safe Text Format (UAX #15)."""

_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What makes a text read in another direction than its letters do: a name with it can pass for another."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing."""


def _composed(text: object) -> object:
    if not isinstance(text, str):
        return text
    # Composing sorts the marks of a letter in a time that grows with their square: one body of them took minutes.
    if _most_marks(text) > MOST_MARKS:
        raise ValueError("write fewer accents on a letter")
    return unicodedata.normalize("NFC", text).strip()


def _most_marks(text: str) -> int:
    most = marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        most = max(most, marks)
    return most


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("write it on one line, without control characters")
    if not _DIRECTIONS.isdisjoint(text):
        raise ValueError("write it without characters that change the direction of reading")
    if text and not any(is_seen(character) for character in text):
        raise ValueError("write at least one character that can be seen")
    return text


def is_seen(character: str) -> bool:
    """Whether it is a letter, a number, a sign of punctuation or a symbol; not a mark, a space or a format."""
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK


def _paragraphs(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in text):
        raise ValueError("write it without control characters")
    return text


def _address(text: str) -> str:
    mail_address(text)
    return text


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise ValueError("write a telephone number, such as +33 1 23 45 67 89")
    return text


_Line = Annotated[str, BeforeValidator(_composed), AfterValidator(_one_line)]

Line = Annotated[_Line, Field(min_length=1, max_length=120)]
"""A name or a title: one line of 1 to 120 characters, composed (NFC) and without spaces around it."""

Paragraphs = Annotated[str, BeforeValidator(_composed), AfterValidator(_paragraphs), Field(max_length=2_000)]
"""A free text of at most 2,000 characters; line breaks are ``\\n``."""

EmailAddress = Annotated[_Line, Field(max_length=254), AfterValidator(_address)]
"""An email address that a mail server may be given, by its syntax (NOT-5).

Whether ours can write to it is for ``Call.must_be_writable`` to say; whether somebody reads it, only a mail can show.
"""

PhoneNumber = Annotated[_Line, Field(max_length=32), AfterValidator(_phone)]
"""A telephone number as people write it."""

Tag = Annotated[_Line, Field(min_length=1, max_length=40)]
"""A label that staff puts on something."""


def typeset(french: str) -> str:
    """French as it is printed: what comes before a colon or a question mark, or inside « », stays on its line."""
    for mark in ":;?!»":
        french = french.replace(f" {mark}", f"\u00a0{mark}")
    return french.replace("« ", "«\u00a0")
