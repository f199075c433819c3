"""The messages of ISO 20022 that say what became of direct debits and transfers, in any of their versions (PAY-18)."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from carnet.refusals import Refusal, invalid
from payments.sepa.domain.bank_lines import BankMessage, Kind, Line, Part
from payments.sepa.reading.elements import day_at, euros_at, every, first, text_at, wrong
from payments.sepa.reading.unpacking import too_large, tree_of

if TYPE_CHECKING:
    from lxml import etree

MOST_LINES = 5_000
"""How many lines are read of one file."""

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.001\.[0-9]{2}\}Document")
_BODIES = {"pain.002": "CstmrPmtStsRpt", "camt.053": "BkToCstmrStmt", "camt.054": "BkToCstmrDbtCdtNtfctn"}
_ACCOUNTS = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_REJECTED = frozenset({"RJCT"})
_REASONS = ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry")
_RETURNS = ("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")


def read_message(content: bytes) -> BankMessage:
    """What a bank's file says.

    Raises:
        Refusal: ``bank-file-unreadable``, ``bank-file-encoding``, ``bank-file-unsafe``, ``bank-file-kind``,
            ``bank-file-invalid`` or ``bank-file-too-large``. Nothing of such a file is used.
    """
    root = tree_of(content)
    kind, body = _kind_of(root)
    lines: list[Line] = []
    for line in _statuses(body) if kind == "pain.002" else _entries(body, _ACCOUNTS[kind]):
        lines.append(line)
        if len(lines) > MOST_LINES:
            raise too_large()
    accounts = tuple(dict.fromkeys(line for line in _ibans(body, kind)))
    return BankMessage(kind, text_at(body, "GrpHdr/MsgId"), tuple(lines), accounts)


def _kind_of(root: "etree._Element") -> "tuple[Kind, etree._Element]":
    match = _NAMESPACE.fullmatch(str(root.tag))
    for kind in get_args(Kind):
        if match is not None and match.group(1) == kind:
            body = first(root, _BODIES[kind])
            if body is None:
                raise wrong(root, f"what a {kind} has")
            return kind, body
    raise _other_kind(match.group(1) if match else None)


def _other_kind(found: str | None) -> Refusal:
    what = f"This is a {found}" if found else "This is no message of a bank"
    return invalid(
        "bank-file-kind",
        f"{what}. What became of direct debits and transfers is in payment status reports (pain.002), account "
        "statements (camt.053) and notifications of entries (camt.054): download one of these from the bank.",
        rule="PAY-18",
        field="content",
        found=found,
    )


def _ibans(body: "etree._Element", kind: Kind) -> Iterator[str]:
    for statement in every(body, _ACCOUNTS.get(kind, "")):
        if (iban := text_at(statement, "Acct/Id/IBAN")) is not None:
            yield iban.replace(" ", "").upper()


# pain.002: the status of a file, of its groups of instructions, and of single ones


def _statuses(body: "etree._Element") -> Iterator[Line]:
    group = first(body, "OrgnlGrpInfAndSts")
    parts = list(every(body, "OrgnlPmtInfAndSts"))
    number = 0
    if not parts and (status := text_at(group, "GrpSts")) is not None:
        number += 1
        yield Line(number, _status(status), batch=text_at(group, "OrgnlMsgId"), code=text_at(group, *_REASONS))
    for part in parts:
        ones = list(every(part, "TxInfAndSts"))
        status = text_at(part, "PmtInfSts") or (None if ones else text_at(group, "GrpSts"))
        if status is not None and (status in _REJECTED or not ones):
            number += 1
            batch = text_at(part, "OrgnlPmtInfId") or text_at(group, "OrgnlMsgId")
            yield Line(number, _status(status), batch=batch, code=text_at(part, *_REASONS) or text_at(group, *_REASONS))
            if status in _REJECTED:
                continue
        for one in ones:
            number += 1
            amount, currency = euros_at(one, "OrgnlTxRef/Amt/InstdAmt")
            yield Line(
                number,
                _status(text_at(one, "TxSts") or ""),
                end_to_end=text_at(one, "OrgnlEndToEndId"),
                amount=amount,
                currency=currency,
                code=text_at(one, *_REASONS),
                reference=text_at(one, "AcctSvcrRef", "StsId"),
            )


def _status(status: str) -> Part:
    return "rejected" if status in _REJECTED else "accepted"


# camt.053 and camt.054: the entries of an account, and their transactions


def _entries(body: "etree._Element", statements: str) -> Iterator[Line]:
    number = 0
    for statement in every(body, statements):
        iban = text_at(statement, "Acct/Id/IBAN")
        account = iban.replace(" ", "").upper() if iban else None
        for entry in every(statement, "Ntry"):
            number += 1
            yield from _entry(entry, number, account)


def _entry(entry: "etree._Element", number: int, account: str | None) -> Iterator[Line]:
    amount, currency = euros_at(entry, "Amt")
    if amount is None and currency is None:
        raise wrong(entry, "an amount")
    side = text_at(entry, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise wrong(entry, "a side, credit or debit")
    booked = (text_at(entry, "Sts/Cd", "Sts") or "BOOK") == "BOOK"
    undone = text_at(entry, "RvslInd") == "true"
    on = day_at(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    reference = text_at(entry, "AcctSvcrRef", "NtryRef")
    ones = list(every(entry, "NtryDtls/TxDtls"))
    batch = text_at(entry, "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId")
    if not ones:
        yield Line(number, _side(side, booked), batch=batch, amount=amount, currency=currency, on=on, returned=undone,
                   reference=reference, account=account)  # fmt: skip
        return
    for one in ones:
        own, own_currency = euros_at(one, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        if len(ones) == 1 and own_currency is None:
            own, own_currency = amount, currency
        code = text_at(one, *_RETURNS)
        ends = text_at(one, "Refs/EndToEndId")
        group = text_at(one, "Refs/PmtInfId", "Refs/MsgId") or batch
        alone = len(ones) == 1 and ends in {None, "NOTPROVIDED"}
        yield Line(
            number,
            _side(text_at(one, "CdtDbtInd") or side, booked),
            end_to_end=ends,
            batch=group if alone else None,
            amount=own,
            currency=own_currency,
            on=on,
            code=code,
            returned=undone or first(one, "RtrInf") is not None,
            reference=text_at(one, "Refs/AcctSvcrRef") or reference,
            account=account,
        )


def _side(side: str, booked: bool) -> Part:
    if not booked:
        return "pending"
    return "credit" if side == "CRDT" else "debit"
