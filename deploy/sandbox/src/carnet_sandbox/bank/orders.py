"""The files that the bank takes: remittances of direct debits (pain.008), and transfers (pain.001)."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


class NoOrderError(Exception):
    """The file is none that a bank takes; the text says why."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A debit or a transfer that the bank was ordered to make: its end-to-end id, and what as the file has it."""

    end_to_end: str
    amount: str
    mandate: str
    """Empty for a transfer."""
    iban: str = ""
    """The account that it debits, or that the transfer goes to."""


@dataclass(frozen=True, slots=True)
class Order:
    """A file of debits or of transfers as the bank reads it."""

    message: str
    part: str
    iban: str
    """The account of the orderer: debits are credited to it, transfers leave it."""
    collect_on: date
    """The day on which all are made."""
    amount: str
    debits: tuple[Ordered, ...]
    """The debits, or the transfers."""
    transfers: bool = False


def read_order(content: bytes) -> Order:
    """The debits or transfers in a file. Raises ``NoOrderError`` where it has none."""
    from lxml import etree  # noqa: PLC0415 # loaded by who sends files only

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NoOrderError("it is no XML") from None
    for kind, read in (("pain.008", _debits), ("pain.001", _transfers)):
        if f"{NAMESPACE}{kind}.001." in str(root.tag):
            return read(root)
    raise NoOrderError("it has neither direct debits (pain.008) nor transfers (pain.001)")


def _debits(root: "etree._Element") -> Order:
    debits = tuple(
        Ordered(_text(each, "EndToEndId"), _text(each, "InstdAmt"), _text(each, "MndtId"), _iban(each, "DbtrAcct"))
        for each in root.iter("{*}DrctDbtTxInf")
    )
    return _order(root, _iban(root, "CdtrAcct"), _day(_text(root, "ReqdColltnDt")), debits, transfers=False)


def _transfers(root: "etree._Element") -> Order:
    made = tuple(
        Ordered(_text(each, "EndToEndId"), _text(each, "InstdAmt"), "", _iban(each, "CdtrAcct"))
        for each in root.iter("{*}CdtTrfTxInf")
    )
    on = _day(_text(next(root.iter("{*}ReqdExctnDt"), root), "Dt"))
    return _order(root, _iban(root, "DbtrAcct"), on, made, transfers=True)


def _order(root: "etree._Element", iban: str, on: date, debits: tuple[Ordered, ...], *, transfers: bool) -> Order:
    message, part, amount = _text(root, "MsgId"), _text(root, "PmtInfId"), _text(root, "CtrlSum")
    return Order(message, part, iban, on, amount, debits, transfers)


def _iban(element: "etree._Element", account: str) -> str:
    return _text(next(element.iter(f"{{*}}{account}"), element), "IBAN")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoOrderError("its date is none") from None


def _text(element: "etree._Element", name: str) -> str:
    for found in element.iter(f"{{*}}{name}"):
        return (found.text or "").strip()
    raise NoOrderError(f"it has no {name}")
