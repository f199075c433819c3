"""The file of refunds: pain.001.001.09, SEPA credit transfers to the accounts that were debited (PAY-18).

The same bytes each time for the same refunds. A test holds it to the XSD.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from payments.collection.domain.orders import end_to_end
from payments.sepa.domain.refund_files import RefundFile, Transfer
from payments.sepa.letters import LONGEST_NAME, LONGEST_TEXT, add, as_bytes, document, plain, written

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


@dataclass(frozen=True, slots=True)
class Transferred:
    """A refund with what the mandate says of the bank account that it goes to."""

    transfer: Transfer
    holder: str
    iban: str


def write_transfers(file: RefundFile, payer_iban: str, transferred: Sequence[Transferred]) -> bytes:
    """The file."""
    root = document(NAMESPACE)
    body = add(root, "CstmrCdtTrfInitn")
    header = add(body, "GrpHdr")
    payer, count, amount = file.creditor, str(len(file.refunds)), written(file.amount)
    add(header, "MsgId", end_to_end(file.id))
    add(header, "CreDtTm", file.built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    add(header, "NbOfTxs", count)
    add(header, "CtrlSum", amount)
    add(add(header, "InitgPty"), "Nm", plain(payer.name, LONGEST_NAME))
    part = add(body, "PmtInf")
    add(part, "PmtInfId", end_to_end(file.id))
    add(part, "PmtMtd", "TRF")
    add(part, "NbOfTxs", count)
    add(part, "CtrlSum", amount)
    add(add(add(part, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    add(add(part, "ReqdExctnDt"), "Dt", file.execute_on.isoformat())
    add(add(part, "Dbtr"), "Nm", plain(payer.name, LONGEST_NAME))
    add(add(add(part, "DbtrAcct"), "Id"), "IBAN", payer_iban)
    bank = add(add(part, "DbtrAgt"), "FinInstnId")
    if payer.bic:
        add(bank, "BICFI", payer.bic)
    else:
        add(add(bank, "Othr"), "Id", "NOTPROVIDED")
    add(part, "ChrgBr", "SLEV")
    for each in transferred:
        made = add(part, "CdtTrfTxInf")
        add(add(made, "PmtId"), "EndToEndId", end_to_end(each.transfer.order))
        add(add(made, "Amt"), "InstdAmt", written(each.transfer.amount)).set("Ccy", "EUR")
        add(add(made, "Cdtr"), "Nm", plain(each.holder, LONGEST_NAME))
        add(add(add(made, "CdtrAcct"), "Id"), "IBAN", each.iban)
        about = f"{payer.name} {each.transfer.number or each.transfer.contract}"
        add(add(made, "RmtInf"), "Ustrd", plain(about, LONGEST_TEXT))
    return as_bytes(root)
