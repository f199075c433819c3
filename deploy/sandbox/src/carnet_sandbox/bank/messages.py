"""The messages by which the bank answers: status reports (pain.002), statements (camt.053), notifications (camt.054).

They say what it accepts or rejects, what it credits, one by one or as a whole, what comes back later, and have entries
of others in between.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from carnet_sandbox.bank.orders import NAMESPACE, Order

if TYPE_CHECKING:
    from lxml import etree

_STATUS = "pain.002.001.12"
_STATEMENT = ("camt.053.001.08", "BkToCstmrStmt", "Stmt")
_NOTIFICATION = ("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn")
_OPENING = Decimal("10000.00")
"""The balance of the account before each statement."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a statement: money that came (``credit``) or left, of one debit, of a whole file, or of others."""

    amount: str
    credit: bool
    end_to_end: str | None = None
    part: str | None = None
    code: str | None = None
    booked: bool = True


def credited(order: Order, without: Iterable[str] = ()) -> list[Entry]:
    """An entry for each debit, money that comes, or transfer, money that leaves, but for these end-to-end ids."""
    left, comes = set(without), not order.transfers
    return [Entry(each.amount, comes, each.end_to_end) for each in order.debits if each.end_to_end not in left]


def credited_whole(order: Order) -> Entry:
    """One entry for the whole file."""
    return Entry(order.amount, not order.transfers, part=order.part)


def came_back(order: Order, codes: Mapping[str, str]) -> list[Entry]:
    """An entry for each of these debits or transfers that came back, by their codes."""
    amounts = {each.end_to_end: each.amount for each in order.debits}
    back = order.transfers
    return [Entry(amounts[end_to_end], back, end_to_end, code=code) for end_to_end, code in codes.items()]


FOREIGN: Sequence[Entry] = (
    Entry("812.40", False),
    Entry("95.00", True, "FACTURE-2027-113"),
    Entry("300.00", True, "0190aaaaaaaa7aaa8aaaaaaaaaaaaaaa"),
)
"""Entries of others: the rent, a client's transfer, and the debit of another system."""


def status_report(order: Order, rejected: Mapping[str, str], *, whole: str | None = None) -> bytes:
    """A pain.002: these debits are rejected by these codes, the whole file where ``whole`` is one, else accepted."""
    root, body = _document(_STATUS, "CstmrPmtStsRpt", f"STS{order.message[-20:]}")
    group = _add(body, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", order.message)
    _add(group, "OrgnlMsgNmId", "pain.001.001.09" if order.transfers else "pain.008.001.08")
    if whole:
        _add(group, "GrpSts", "RJCT")
        _add(_add(_add(group, "StsRsnInf"), "Rsn"), "Cd", whole)
        return _written(root)
    part = _add(body, "OrgnlPmtInfAndSts")
    _add(part, "OrgnlPmtInfId", order.part)
    _add(part, "PmtInfSts", "PART" if rejected else "ACCP")
    for end_to_end, code in rejected.items():
        one = _add(part, "TxInfAndSts")
        _add(one, "OrgnlEndToEndId", end_to_end)
        _add(one, "TxSts", "RJCT")
        _add(_add(_add(one, "StsRsnInf"), "Rsn"), "Cd", code)
    return _written(root)


def statement(iban: str, on: date, entries: Iterable[Entry]) -> bytes:
    """A camt.053: the statement of an account with these entries."""
    return _entries(_STATEMENT, iban, on, entries)


def notification(iban: str, on: date, entries: Iterable[Entry]) -> bytes:
    """A camt.054: a notification of these entries."""
    return _entries(_NOTIFICATION, iban, on, entries)


def _entries(names: tuple[str, str, str], iban: str, on: date, entries: Iterable[Entry]) -> bytes:
    version, body_name, name = names
    root, body = _document(version, body_name, f"{name.upper()}-{on:%Y%m%d}")
    part = _add(body, name)
    _add(part, "Id", f"{on:%Y%m%d}")
    _add(part, "CreDtTm", f"{on}T20:00:00")
    _add(_add(_add(part, "Acct"), "Id"), "IBAN", iban)
    entries = list(entries)
    if names == _STATEMENT:
        moved = sum((Decimal(each.amount) if each.credit else -Decimal(each.amount)) for each in entries if each.booked)
        _balance(part, "OPBD", _OPENING, on)
        _balance(part, "CLBD", _OPENING + moved, on)
    for number, entry in enumerate(entries, 1):
        _entry(part, number, on, entry)
    return _written(root)


def _balance(part: "etree._Element", kind: str, amount: Decimal, on: date) -> None:
    balance = _add(part, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", kind)
    _add(balance, "Amt", str(abs(amount))).set("Ccy", "EUR")
    _add(balance, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
    _add(_add(balance, "Dt"), "Dt", on.isoformat())


def _entry(part: "etree._Element", number: int, on: date, entry: Entry) -> None:
    made = _add(part, "Ntry")
    _add(made, "NtryRef", str(number))
    _add(made, "Amt", entry.amount).set("Ccy", "EUR")
    _add(made, "CdtDbtInd", "CRDT" if entry.credit else "DBIT")
    _add(_add(made, "Sts"), "Cd", "BOOK" if entry.booked else "PDNG")
    _add(_add(made, "BookgDt"), "Dt", on.isoformat())
    _add(made, "AcctSvcrRef", f"{on:%y%j}{number:06}")
    domain = _add(_add(made, "BkTxCd"), "Domn")
    _add(domain, "Cd", "PMNT")
    family = _add(domain, "Fmly")
    ours = bool(entry.end_to_end or entry.part)
    debit = ours and entry.credit != bool(entry.code)
    _add(family, "Cd", "IDDT" if debit else "ICDT" if ours else "RCDT")
    _add(family, "SubFmlyCd", ("UPDD" if entry.code else "ESDD") if debit else "RRTN" if entry.code else "ESCT")
    details = _add(made, "NtryDtls")
    if entry.part:
        _add(_add(details, "Btch"), "PmtInfId", entry.part)
        return
    one = _add(details, "TxDtls")
    if entry.end_to_end:
        _add(_add(one, "Refs"), "EndToEndId", entry.end_to_end)
    _add(one, "Amt", entry.amount).set("Ccy", "EUR")
    _add(one, "CdtDbtInd", "CRDT" if entry.credit else "DBIT")
    if entry.code:
        _add(_add(_add(one, "RtrInf"), "Rsn"), "Cd", entry.code)


def interleaved(*kinds: Sequence[Entry]) -> list[Entry]:
    """Entries of several kinds, one of each in turn, as a bank mixes them."""
    return [entry for turn in itertools.zip_longest(*kinds) for entry in turn if entry is not None]


def _document(version: str, body_name: str, message: str) -> "tuple[etree._Element, etree._Element]":
    from lxml import etree  # noqa: PLC0415 # loaded by who sends files only

    namespace = NAMESPACE + version
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    body = _add(root, body_name)
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", message)
    _add(header, "CreDtTm", "2027-01-01T08:00:00")
    return root, body


def _add(parent: "etree._Element", name: str, text: str | None = None) -> "etree._Element":
    from lxml import etree  # noqa: PLC0415 # loaded by who sends files only

    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    child.text = text
    return child


def _written(root: "etree._Element") -> bytes:
    from lxml import etree  # noqa: PLC0415 # loaded by who sends files only

    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content
