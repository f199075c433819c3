"""The file of a remittance: pain.008.001.08, SEPA Core direct debits (PAY-18).

Written here, since the libraries for it make ids of their own at random, so that the same remittance would be another
file each time. A test holds it to the XSD. All debits are recurrent (``RCUR``), the first of a mandate too, as the
rulebook has asked for since 2016; the debtor's bank is known by the IBAN. Names are in the letters that all banks take.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from payments.collection.domain.orders import end_to_end
from payments.sepa.domain.remittances import Debit, Remittance

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"

LONGEST_NAME, LONGEST_TEXT = 70, 140

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "’": "'", "–": "-", "—": "-"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Debited:
    """A debit with what its mandate says of the bank account."""

    debit: Debit
    holder: str
    iban: str


def plain(text: str, most: int) -> str:
    """A text in the letters that SEPA allows: without accents, ``?`` for those that have no such letter.

    >>> plain("Cœur-d'Été & Zoé", 70)
    "Coeur-d'Ete ? Zoe"
    """
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = (each for each in bare if not unicodedata.combining(each))
    return " ".join("".join(each if each in _PLAIN else "?" for each in letters).split())[:most].strip() or "?"


def write(remittance: Remittance, creditor_iban: str, debited: Sequence[Debited]) -> bytes:
    """The file: the same bytes each time for the same remittance."""
    from lxml import etree  # noqa: PLC0415 # loaded by who makes files only

    root = etree.Element(_named("Document"), nsmap={None: NAMESPACE})
    body = _add(root, "CstmrDrctDbtInitn")
    made = remittance.built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    creditor = remittance.creditor
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", end_to_end(remittance.id))
    _add(header, "CreDtTm", made)
    _sums(header, remittance)
    _add(_add(header, "InitgPty"), "Nm", plain(creditor.name, LONGEST_NAME))
    part = _add(body, "PmtInf")
    _add(part, "PmtInfId", end_to_end(remittance.id))
    _add(part, "PmtMtd", "DD")
    _sums(part, remittance)
    kind = _add(part, "PmtTpInf")
    _add(_add(kind, "SvcLvl"), "Cd", "SEPA")
    _add(_add(kind, "LclInstrm"), "Cd", "CORE")
    _add(kind, "SeqTp", "RCUR")
    _add(part, "ReqdColltnDt", remittance.collect_on.isoformat())
    _add(_add(part, "Cdtr"), "Nm", plain(creditor.name, LONGEST_NAME))
    _add(_add(_add(part, "CdtrAcct"), "Id"), "IBAN", creditor_iban)
    bank = _add(_add(part, "CdtrAgt"), "FinInstnId")
    if creditor.bic:
        _add(bank, "BICFI", creditor.bic)
    else:
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")
    _add(part, "ChrgBr", "SLEV")
    other = _add(_add(_add(_add(part, "CdtrSchmeId"), "Id"), "PrvtId"), "Othr")
    _add(other, "Id", creditor.identifier)
    _add(_add(other, "SchmeNm"), "Prtry", "SEPA")
    for each in debited:
        _debit(part, each)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _debit(part: "etree._Element", debited: Debited) -> None:
    debit = debited.debit
    made = _add(part, "DrctDbtTxInf")
    _add(_add(made, "PmtId"), "EndToEndId", end_to_end(debit.attempt))
    _add(made, "InstdAmt", written(debit.amount)).set("Ccy", "EUR")
    mandate = _add(_add(made, "DrctDbtTx"), "MndtRltdInf")
    _add(mandate, "MndtId", debit.reference)
    _add(mandate, "DtOfSgntr", debit.signed_on.isoformat())
    _add(_add(_add(_add(made, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    _add(_add(made, "Dbtr"), "Nm", plain(debited.holder, LONGEST_NAME))
    _add(_add(_add(made, "DbtrAcct"), "Id"), "IBAN", debited.iban)
    _add(_add(made, "RmtInf"), "Ustrd", plain(f"{debit.number or debit.contract} {debit.due}", LONGEST_TEXT))


def written(amount: int) -> str:
    """Minor units of the euro as the file has them.

    >>> written(123456), written(5)
    ('1234.56', '0.05')
    """
    return f"{amount // 100}.{amount % 100:02}"


def _sums(part: "etree._Element", remittance: Remittance) -> None:
    _add(part, "NbOfTxs", str(len(remittance.debits)))
    _add(part, "CtrlSum", written(remittance.amount))


def _add(parent: "etree._Element", name: str, text: str | None = None) -> "etree._Element":
    from lxml import etree  # noqa: PLC0415 # loaded by who makes files only

    child = etree.SubElement(parent, _named(name))
    child.text = text
    return child


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
