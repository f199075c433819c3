"""Elements of a bank's file by their names, whatever the version of the message, and the values in them (PAY-18)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from carnet.refusals import Refusal, invalid

if TYPE_CHECKING:
    from lxml import etree

LONGEST = 70
"""Characters that are kept of a reference."""

_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,5}))?")
_LARGEST = 10**12


def name_of(element: "etree._Element") -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def every(element: "etree._Element | None", path: str) -> "Iterator[etree._Element]":
    """The elements at a path of names below this one."""
    if element is None:
        return
    name, _, rest = path.partition("/")
    for child in element:
        if name_of(child) == name:
            if rest:
                yield from every(child, rest)
            else:
                yield child


def first(element: "etree._Element | None", *paths: str) -> "etree._Element | None":
    """The first element at one of these paths."""
    for path in paths:
        for found in every(element, path):
            return found
    return None


def text_at(element: "etree._Element | None", *paths: str) -> str | None:
    """The text at the first of these paths that has one, shortened."""
    for path in paths:
        for found in every(element, path):
            if (text := " ".join((found.text or "").split())) != "":
                return text[:LONGEST]
    return None


def day_at(element: "etree._Element | None", *paths: str) -> date | None:
    """The date at one of these paths: a date, or the date of an instant.

    Raises:
        Refusal: ``bank-file-invalid``.
    """
    found = first(element, *paths)
    if found is None:
        return None
    text = (found.text or "").strip()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise wrong(found, "a date") from None


def euros_at(element: "etree._Element | None", *paths: str) -> tuple[int | None, str | None]:
    """The minor units and the currency at one of these paths; no minor units of another currency than the euro.

    Raises:
        Refusal: ``bank-file-invalid``.
    """
    found = first(element, *paths)
    if found is None:
        return None, None
    currency = (found.get("Ccy") or "").strip()[:3]
    match = _AMOUNT.fullmatch((found.text or "").strip())
    if match is None:
        raise wrong(found, "an amount")
    if currency != "EUR":
        return None, currency or None
    cents = (match.group(2) or "").ljust(2, "0")
    amount = int(match.group(1)) * 100 + int(cents[:2])
    if cents[2:].strip("0") or amount > _LARGEST:
        raise wrong(found, "an amount of euros and cents")
    return amount, currency


def wrong(element: "etree._Element", what: str) -> Refusal:
    """The refusal of a value that is none."""
    line = element.sourceline or 0
    return invalid(
        "bank-file-invalid",
        f"Line {line} of the file ({name_of(element)[:40]}) does not have {what}: nothing was done. Download it again "
        "from the bank; if it is the same, give the bank this line.",
        rule="PAY-18",
        field="content",
        line=line,
        element=name_of(element)[:40],
    )
