"""What the files for banks are written with: their elements, amounts, and the letters that all banks take (PAY-18)."""

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

LONGEST_NAME, LONGEST_TEXT = 70, 140

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "’": "'", "–": "-", "—": "-"}
)  # fmt: skip


def plain(text: str, most: int) -> str:
    """A text in the letters that SEPA allows: without accents, ``?`` for those that have no such letter.

    >>> plain("Cœur-d'Été & Zoé", 70)
    "Coeur-d'Ete ? Zoe"
    """
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = (each for each in bare if not unicodedata.combining(each))
    return " ".join("".join(each if each in _PLAIN else "?" for each in letters).split())[:most].strip() or "?"


def written(amount: int) -> str:
    """Minor units of the euro as the file has them.

    >>> written(123456), written(5)
    ('1234.56', '0.05')
    """
    return f"{amount // 100}.{amount % 100:02}"


def document(namespace: str) -> "etree._Element":
    """The root element of a file."""
    from lxml import etree  # noqa: PLC0415 # loaded by who makes files only

    return etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})


def add(parent: "etree._Element", name: str, text: str | None = None) -> "etree._Element":
    """A new last child of an element, in its namespace."""
    from lxml import etree  # noqa: PLC0415 # loaded by who makes files only

    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    child.text = text
    return child


def as_bytes(root: "etree._Element") -> bytes:
    """The file."""
    from lxml import etree  # noqa: PLC0415 # loaded by who makes files only

    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content
