"""The bytes of a bank's file, made into a tree of elements without anything that a file could do besides (PAY-18).

The encoding is settled first, so that a document type, which is what XML bombs and outside entities need, is seen in
whichever encoding it is written, and refused before anything is parsed.
"""

import codecs
import re
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING

from carnet.refusals import Refusal, invalid

if TYPE_CHECKING:
    from lxml import etree

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes that a file has at most, once it is unpacked."""

_GZIP = b"\x1f\x8b"
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16"})
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def unpacked(content: str) -> bytes:
    """The bytes of a file that was sent in base64, compressed by gzip or not.

    Raises:
        Refusal: ``bank-file-unreadable`` or ``bank-file-too-large``.
    """
    try:
        given = b64decode(content, validate=True)
    except (NotBase64, ValueError):
        raise unreadable("it is not written in base64") from None
    if not given.startswith(_GZIP):
        return _small(given)
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(given, LARGEST_FILE + 1)
    except zlib.error:
        raise unreadable("its compression is broken") from None
    plain = _small(plain)
    if not opened.eof or opened.unused_data:
        raise unreadable("its compression is broken")
    return plain


def tree_of(content: bytes) -> "etree._Element":
    """The root element of a file.

    Raises:
        Refusal: ``bank-file-unreadable``, ``bank-file-encoding`` or ``bank-file-unsafe``.
    """
    from lxml import etree  # noqa: PLC0415 # loaded by who reads files only

    text = _decoded(content)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise invalid(
            "bank-file-unsafe",
            "The file defines a document type, which no bank's file does: it is not read. Download it again from the "
            "bank.",
            rule="PAY-18",
        )
    bare = _DECLARATION.sub("", text, count=1)
    if not bare.lstrip().startswith("<"):
        raise unreadable("it is no XML")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: etree._Element = etree.fromstring(bare.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise unreadable("it is cut off or no right XML") from None
    return root


def unreadable(why: str) -> Refusal:
    """The refusal of something that is no bank's file at all."""
    return invalid(
        "bank-file-unreadable",
        f"The file can't be read: {why}. Download it again from the bank, as pain.002, camt.053 or camt.054.",
        rule="PAY-18",
        field="content",
    )


def _small(content: bytes) -> bytes:
    if len(content) > LARGEST_FILE:
        raise too_large()
    return content


def too_large() -> Refusal:
    """The refusal of a file that has more than is read at once."""
    return invalid(
        "bank-file-too-large",
        "The file has more than is read at once. Ask the bank for the statements of fewer days.",
        rule="PAY-18",
        field="content",
    )


def _decoded(content: bytes) -> str:
    """The text, in the encoding that the file says it has."""
    declared = _DECLARED.match(content)
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    for mark, marked in _MARKS:
        name = marked if content.startswith(mark) else name
    if not _is_known(name):
        raise _other_encoding()
    try:
        text = content.decode(name)
        text.encode("utf-8")  # a lone surrogate is no letter
    except UnicodeError:
        raise _other_encoding() from None
    return text


def _is_known(name: str) -> bool:
    try:
        return codecs.lookup(name).name.removesuffix("-sig") in _ENCODINGS
    except LookupError:
        return False


def _other_encoding() -> Refusal:
    return invalid(
        "bank-file-encoding",
        "The letters of the file are not written as it says. It may have been opened and saved by another program: "
        "download it again from the bank, and send it as it is.",
        rule="PAY-18",
        field="content",
    )
