"""XLSX before any parser sees it: what unpacks beyond all bounds, or defines XML entities, is refused."""

import codecs
import zipfile
from typing import BinaryIO

from carnet.importing.problems import FileError

LARGEST_UNPACKED = 512 * 1024 * 1024
"""Bytes that the parts of an XLSX come to, unpacked."""

MOST_PARTS = 1_000


def look_into(name: str, file: BinaryIO) -> bool:
    """Whether a workbook has merged cells.

    Raises:
        FileError: it unpacks beyond all bounds, or defines XML entities, which no workbook needs.
    """
    merged = False
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if "[Content_Types].xml" not in archive.namelist():
                raise FileError("file-no-workbook", name, f"{name} is no XLSX. Save it as XLSX or as CSV.")
            if len(parts) > MOST_PARTS:
                raise FileError(
                    "file-hostile", name, f"{name} has too many parts for a workbook. Save it again as XLSX."
                )
            unpacked = 0
            for part in parts:
                unpacked, merges = _refuse_part(name, archive, part, unpacked)
                merged |= merges
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileError("file-broken", name, f"{name} is damaged. Open it and save it again as XLSX.") from error
    return merged


def _refuse_part(name: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo, unpacked: int) -> tuple[int, bool]:
    """Read a part to its end, whatever its header says of its size.

    Returns:
        What has been unpacked by then, and whether it is a sheet with merged cells.
    """
    is_xml, head, tail, merges = not part.filename.startswith("xl/media/"), True, b"", False
    with archive.open(part) as opened:
        while piece := opened.read(1024 * 1024):
            unpacked += len(piece)
            if unpacked > LARGEST_UNPACKED:
                raise FileError(
                    "file-hostile", name, f"{name} unpacks to more than a workbook has. Save it again as XLSX."
                )
            if is_xml and head and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\x00", b"\x00<")):
                raise FileError("file-hostile", name, f"{name} has parts in UTF-16. Save it again as XLSX.")
            if is_xml and b"<!" in tail + piece and _defines(tail + piece):
                raise FileError(
                    "file-hostile", name, f"{name} defines XML entities, which no workbook does. Save it again."
                )
            merges |= is_xml and b"<mergeCell " in tail + piece
            head, tail = False, piece[-16:]
    return unpacked, merges


def _defines(xml: bytes) -> bool:
    upper = xml.upper()
    return b"<!DOCTYPE" in upper or b"<!ENTITY" in upper
