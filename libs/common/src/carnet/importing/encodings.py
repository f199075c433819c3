"""The encoding of a file's text, and whether it is garbled: a wrong letter would be a wrong name."""

import codecs
import re
from typing import BinaryIO

from carnet.importing.problems import FileError

_NO_TEXT = re.compile(r"[^\t\r\n\x20-\U0010ffff]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PIECE = 1024 * 1024

_GARBLED = re.compile(
    "Ã[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u0192\u02c6\u02dc\u2013-\u2122]|â€[\u2122\u0153\u201c]|\ufffd"
)
"""What é and its like look like once UTF-8 was read as Windows-1252 and saved so, or was not read at all."""

_OF_OTHERS = bytes(frozenset(range(0x80, 0xA0)) - frozenset(b"\x80\x84\x85\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9c"))
"""Bytes that are accented letters in the encodings of the Macintosh and of DOS, and hardly anything in Windows-1252."""

_LETTERS = bytes(range(0xC0, 0x100))
"""Bytes that are accented letters in Windows-1252."""


def encoding_of(name: str, file: BinaryIO) -> str:
    """The encoding of a text: UTF-8, UTF-16 with its mark, or Windows-1252 as Excel writes it.

    Raises:
        FileError: it is no text, is in something else, or its accented letters were garbled before.
    """
    file.seek(0)
    marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        if _is_text(name, file, encoding):
            if encoding == "cp1252" and _is_of_others(file):
                break
            return encoding
    else:
        if not _is_of_others(file):
            raise FileError("file-no-text", name, f"{name} is no CSV file and no XLSX. Save it as “CSV UTF-8” or XLSX.")
    detail = (
        f"The accented letters of {name} cannot be read: it has an encoding of Macintosh or DOS. Save it as “CSV "
        "UTF-8” or XLSX."
    )
    raise FileError("file-encoding", name, detail)


def _is_text(name: str, file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            if _NO_TEXT.search(text):
                return False
            if garbled := _GARBLED.search(text):
                raise _garbled(name, garbled[0])
        return not _NO_TEXT.search(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return False


def _garbled(name: str, found: str) -> FileError:
    detail = (
        f"{name} has letters that were garbled before (“{found}” where an accented letter was). Export it once more "
        "from the other software, as “CSV UTF-8” or XLSX."
    )
    return FileError("file-garbled", name, detail, {"found": (found, found)})


def _is_of_others(file: BinaryIO) -> bool:
    """Whether it has more accented letters of the Macintosh or of DOS than of Windows, and nothing that is no text."""
    others = letters = 0
    file.seek(0)
    while piece := file.read(_PIECE):
        if _CONTROLS.search(piece):
            return False
        others += _count(piece, _OF_OTHERS)
        letters += _count(piece, _LETTERS)
    return others > letters


def _count(piece: bytes, wanted: bytes) -> int:
    return len(piece) - len(piece.translate(None, wanted))
