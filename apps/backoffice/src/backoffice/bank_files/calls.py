"""What the pages of the bank's files ask of payments, and the words for what it answers (PAY-18)."""

import gzip
from base64 import b64encode
from collections.abc import Mapping

from backoffice.apis import Json, quoted
from backoffice.languages import N_

FILES = "/payments/v1/bank-files"
PER_PAGE, LINES = 30, 200
LARGEST = 2 * 1024 * 1024
"""Bytes that a file has at most."""

KINDS: Mapping[str, str] = {
    "pain.002": N_("Status report (pain.002)"),
    "camt.053": N_("Statement (camt.053)"),
    "camt.054": N_("Notification of entries (camt.054)"),
}

DONE: Mapping[str, tuple[str, str, str]] = {
    "paid": ("ok", N_("paid"), N_("The instalment is paid.")),
    "refused": ("late", N_("refused"), N_("The family was written to, and the instalment is due again.")),
    "reversed": (
        "late",
        N_("taken back by the bank"),
        N_(
            "It was paid; the bank took it back, and the instalment is due again. Talk to the family before it is "
            "collected again."
        ),
    ),
    "refund_made": ("ok", N_("refund made"), N_("The transfer left the account. Nothing to do.")),
    "refund_failed": (
        "late",
        N_("refund not gone through"),
        N_("The transfer was refused or came back: the amount is to be refunded again."),
    ),
    "accepted": ("calm", N_("accepted"), N_("The bank accepts it. Nothing to do.")),
    "known": ("calm", N_("known already"), N_("This was recorded before. Nothing to do.")),
    "not_booked": ("calm", N_("not booked yet"), N_("It comes again once the bank has booked it. Nothing to do.")),
    "foreign": ("calm", N_("not Carnet’s"), N_("It has nothing to do with direct debits of Carnet. Nothing to do.")),
    "waiting": ("wait", N_("not dealt with yet"), N_("Send the same file again: it goes on with what is left.")),
}
"""Outcomes that need nobody: a colour, a word, and what it means."""

LEFT: Mapping[str, tuple[str, str, str]] = {
    "credited_after_refusal": (
        "late",
        N_("credited, though refused"),
        N_(
            "It is recorded as refused, and the bank has credited it. If the bank does not take it back within a few"
            " days, record the payment on the contract."
        ),
    ),
    "made_after_failure": (
        "late",
        N_("made, though recorded as failed"),
        N_(
            "The refund is recorded as not gone through, and the bank has made it. If it does not come back within a "
            "few days, settle the same amount as refunded on site."
        ),
    ),
    "taken_back": (
        "late",
        N_("file taken back"),
        N_("Its file was taken back here, yet the bank has it. Record on the contract what the bank has done."),
    ),
    "not_sent": (
        "wait",
        N_("file not marked as sent"),
        N_("Mark the remittance or the file of refunds as sent, then send this file again."),
    ),
    "amount_differs": (
        "late",
        N_("another amount"),
        N_(
            "The amount is not that of the debit, the refund or their file. Ask the bank for the file that names "
            "each one, or record it by hand."
        ),
    ),
    "other_account": (
        "late",
        N_("another account"),
        N_("It is in the statement of another account than that of its file. Ask the bank."),
    ),
    "unclear": (
        "late",
        N_("not understood"),
        N_(
            "It is about direct debits or refunds, but does not say of which one. Look for it on the bank’s site, and "
            "record it by hand."
        ),
    ),
}
"""Outcomes that are left to staff: a colour, a word, and what to do."""

CODES: Mapping[str, str] = {
    "AC01": N_("wrong account number"),
    "AC04": N_("account closed"),
    "AC06": N_("account blocked"),
    "AC13": N_("the account is a company’s, and this kind of debit is for private persons"),
    "AG01": N_("direct debits are not possible on this account"),
    "AG02": N_("wrong kind of debit for this bank"),
    "AM04": N_("not enough money on the account"),
    "AM05": N_("the bank takes it for a duplicate"),
    "BE05": N_("the bank does not know the creditor identifier"),
    "CNOR": N_("the school’s bank cannot be reached for direct debits"),
    "DNOR": N_("the family’s bank cannot be reached for direct debits"),
    "DUPL": N_("a duplicate"),
    "FF01": N_("the bank could not read the file"),
    "FF05": N_("wrong kind of debit for this bank"),
    "FOCR": N_("taken back on request of the school’s bank"),
    "MD01": N_("no valid mandate, says the family’s bank"),
    "MD02": N_("something of the mandate is missing or wrong"),
    "MD06": N_("the family asked its bank for the money back (within 8 weeks)"),
    "MD07": N_("the holder of the account has died"),
    "MS02": N_("the family refuses the debit"),
    "MS03": N_("its bank gives no reason"),
    "RC01": N_("wrong BIC of the bank"),
    "RR01": N_("the account of the payer is missing"),
    "RR02": N_("the name or address of the payer is missing"),
    "RR03": N_("the name or address of the creditor is missing"),
    "RR04": N_("for legal reasons"),
    "SL01": N_("the family has blocked debits of this creditor at its bank"),
    "TM01": N_("it came too late at the bank"),
}
"""What the codes mean by which banks reject and return debits."""

REFUSED_FILES: Mapping[str, str] = {"content": "file"}
"""The field of the form by that of the API."""


def path_of(file: str) -> str:
    """The address of a file in the API."""
    return f"{FILES}/{quoted(file)}"


def body_of(name: str, content: bytes) -> Json:
    """The body that sends a file to the API: compressed, since statements are long."""
    return {"name": name, "content": b64encode(gzip.compress(content, mtime=0)).decode()}
