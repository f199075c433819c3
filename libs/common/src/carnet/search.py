"""Search by the beginnings of words: case and accents folded, so that an index answers it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_NUMBER = re.compile(r"[0-9]{4}-[0-9]{1,15}")
_LEAST_DIGITS = 4
_MOST_WORDS = 200
_LONGEST_WORD = 40


def folded(text: str) -> str:
    """``text`` without case, accents and invisible characters, words apart by one space.

    Names are sorted and searched by it.

    >>> folded("  Cœur-d'Été ")
    'coeur d ete'
    """
    # Letters of fancy alphabets have a case only once they are plain ones, and folding the case may compose anew.
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    letters = unicodedata.normalize("NFKD", plain)
    bare = "".join(
        letter for letter in letters if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return " ".join(_WORD.findall(bare))


def words(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The first 200 different folded words of ``texts``: what a document keeps, indexed, to be found by.

    >>> words(["Danse Été", None, "danse"])
    ('danse', 'ete')
    """
    found = dict.fromkeys(word[:_LONGEST_WORD] for text in texts if text for word in folded(text).split())
    return tuple(found)[:_MOST_WORDS]


def beginning_with(field: str, query: str, *, numbers: Sequence[str] = ()) -> dict[str, Any]:
    """The filter of documents whose list of words ``field`` has, for each word of ``query``, one that begins with it.

    What in ``query`` reads like a number of a contract or an account (``2027-0042``) is looked for in the fields
    ``numbers`` instead, where there are any. A query without a word filters nothing. The bounds are ranges, which an
    index on ``field`` answers without reading the documents.
    """
    typed = query.split()
    found = [numbered_like(numbers, word) for word in typed if numbers and _NUMBER.fullmatch(word)]
    rest = " ".join(word for word in typed if not (numbers and _NUMBER.fullmatch(word)))
    found += [{field: {"$elemMatch": {"$gte": word, "$lt": f"{word}\uffff"}}} for word in words([rest])]
    return {"$and": found} if found else {}


def numbered_like(fields: Sequence[str], number: str) -> dict[str, Any]:
    """The filter of documents that bear in one of ``fields`` a number that begins so (CON-27); none filters nothing.

    A counter is found without its zeros too: ``2027-42`` is ``2027-0042``.
    """
    if not number:
        return {}
    year, dash, count = number.partition("-")
    ranges: list[Any] = [{"$gte": number, "$lt": f"{number}\uffff"}]
    if dash and 0 < len(count) < _LEAST_DIGITS:
        ranges.append(f"{year}-{count:0>{_LEAST_DIGITS}}")
    return {"$or": [{field: each} for field in fields for each in ranges]}


def placed_after(field: str, position: tuple[str | int, str], *, descending: bool = False) -> dict[str, Any]:
    """The filter of what comes after a document whose ``field`` and id are ``position``, sorted by both.

    So a page begins where the last one ended, whatever was added or removed meanwhile.
    """
    value, document = position
    further = "$lt" if descending else "$gt"
    return {"$or": [{field: {further: value}}, {field: value, "_id": {further: document}}]}
