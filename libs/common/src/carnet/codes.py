"""Codes that people read aloud and type: of gift vouchers and gift cards (CRE-8, CRE-9).

A code has 19 random characters of 31, 94 bits, and a check character, in groups of four: ``7K3M-Q2XA-V9TB-4HDN-C6RX``.
It has neither 0, O, I, L nor U, so nothing is taken for something else. 31 is a prime: a wrong character, and two
characters that change places, always break the check.
"""

import hashlib
import secrets
from typing import Annotated

from pydantic import AfterValidator, Field

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
GROUP = 4

_TAKEN_FOR = str.maketrans("IL", "11", "- \u00a0\u2010\u2011\u2013.")
"""What is typed for another character, and what only separates groups."""


def new_code() -> str:
    """A code that nobody can guess, in groups."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return _grouped(drawn + _check(drawn))


def read_code(typed: str) -> str:
    """The code that somebody typed, as it was made: whatever its case, spaces and dashes.

    Raises ``ValueError`` if it can be none: the message says what is wrong.
    """
    code = typed.upper().translate(_TAKEN_FOR)
    if len(code) != LENGTH:
        raise ValueError(f"a code has {LENGTH} characters: type all of them")
    if any(character not in ALPHABET for character in code):
        raise ValueError("a code has digits from 1 to 9 and letters, but no O and no U: check what was typed")
    if _check(code[:-1]) != code[-1]:
        raise ValueError("the code was mistyped: compare it with the mail, character by character")
    return _grouped(code)


def digest_of(organisation: str, code: str) -> str:
    """The digest by which a code is found, and by which services ask about it: it does not reveal the code."""
    return hashlib.sha256(f"{organisation}:{code}".encode()).hexdigest()


def last_of(code: str) -> str:
    """The last group of a code, by which people recognise it and with which nobody can do anything."""
    return code[-GROUP:]


Code = Annotated[str, Field(min_length=LENGTH, max_length=2 * LENGTH), AfterValidator(read_code)]
"""A code in a request: read whatever its case, spaces and dashes."""


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _check(drawn: str) -> str:
    return ALPHABET[sum(place * ALPHABET.index(each) for place, each in enumerate(drawn, 1)) % len(ALPHABET)]
