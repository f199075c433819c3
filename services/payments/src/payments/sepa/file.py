"""The file of a remittance: pain.008.001.08, SEPA Core direct debits (PAY-18).

Written here, since the libraries for it make ids of their own at random, so that the same remittance would be another
file each time. A test holds it to the XSD. All debits are recurrent (``RCUR``), the first of a mandate too, as the
rulebook has asked for since 2016; the debtor's bank is known by the IBAN. Names are in the letters that all banks take.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from payments.collection.domain.orders import end_to_end
from payments.sepa.domain.remittances import Debit, Remittance
from payments.sepa.letters import LONGEST_NAME, LONGEST_TEXT, add, as_bytes, document, plain, written

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"


@dataclass(frozen=True, slots=True)
class Debited:
    """A debit with what its mandate says of the bank account."""

    debit: Debit
    holder: str
    iban: str


def write(remittance: Remittance, creditor_iban: str, debited: Sequence[Debited]) -> bytes:
    """The file: the same bytes each time for the same remittance."""
    root = document(NAMESPACE)
    body = add(root, "CstmrDrctDbtInitn")
    made = remittance.built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    creditor = remittance.creditor
    header = add(body, "GrpHdr")
    add(header, "MsgId", end_to_end(remittance.id))
    add(header, "CreDtTm", made)
    _sums(header, remittance)
    add(add(header, "InitgPty"), "Nm", plain(creditor.name, LONGEST_NAME))
    part = add(body, "PmtInf")
    add(part, "PmtInfId", end_to_end(remittance.id))
    add(part, "PmtMtd", "DD")
    _sums(part, remittance)
    kind = add(part, "PmtTpInf")
    add(add(kind, "SvcLvl"), "Cd", "SEPA")
    add(add(kind, "LclInstrm"), "Cd", "CORE")
    add(kind, "SeqTp", "RCUR")
    add(part, "ReqdColltnDt", remittance.collect_on.isoformat())
    add(add(part, "Cdtr"), "Nm", plain(creditor.name, LONGEST_NAME))
    add(add(add(part, "CdtrAcct"), "Id"), "IBAN", creditor_iban)
    bank = add(add(part, "CdtrAgt"), "FinInstnId")
    if creditor.bic:
        add(bank, "BICFI", creditor.bic)
    else:
        add(add(bank, "Othr"), "Id", "NOTPROVIDED")
    add(part, "ChrgBr", "SLEV")
    other = add(add(add(add(part, "CdtrSchmeId"), "Id"), "PrvtId"), "Othr")
    add(other, "Id", creditor.identifier)
    add(add(other, "SchmeNm"), "Prtry", "SEPA")
    for each in debited:
        _debit(part, each)
    return as_bytes(root)


def _debit(part: "etree._Element", debited: Debited) -> None:
    debit = debited.debit
    made = add(part, "DrctDbtTxInf")
    add(add(made, "PmtId"), "EndToEndId", end_to_end(debit.attempt))
    add(made, "InstdAmt", written(debit.amount)).set("Ccy", "EUR")
    mandate = add(add(made, "DrctDbtTx"), "MndtRltdInf")
    add(mandate, "MndtId", debit.reference)
    add(mandate, "DtOfSgntr", debit.signed_on.isoformat())
    add(add(add(add(made, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    add(add(made, "Dbtr"), "Nm", plain(debited.holder, LONGEST_NAME))
    add(add(add(made, "DbtrAcct"), "Id"), "IBAN", debited.iban)
    add(add(made, "RmtInf"), "Ustrd", plain(f"{debit.number or debit.contract} {debit.due}", LONGEST_TEXT))


def _sums(part: "etree._Element", remittance: Remittance) -> None:
    add(part, "NbOfTxs", str(len(remittance.debits)))
    add(part, "CtrlSum", written(remittance.amount))
