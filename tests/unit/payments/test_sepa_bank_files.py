"""Files of the bank, read: what is right is read as it is, what is not is refused whole (PAY-18)."""

import gzip
import re
from base64 import b64encode
from datetime import date

import pytest

from carnet.refusals import Refusal
from carnet_sandbox.bank import (
    FOREIGN,
    Order,
    Ordered,
    came_back,
    credited,
    credited_whole,
    notification,
    statement,
    status_report,
)
from payments.sepa.domain.bank_lines import BankMessage
from payments.sepa.reading import read_message, unpacked
from payments.sepa.reading.messages import MOST_LINES
from payments.sepa.reading.unpacking import LARGEST_FILE

IBAN = "FR1420041010050500013M02606"
DAY = date(2026, 11, 24)
FIRST, SECOND = "0190000000007000800000000000000a", "0190000000007000800000000000000b"
ORDER = Order(
    message="0190000000007000800000000000000f",
    part="0190000000007000800000000000000f",
    iban=IBAN,
    collect_on=DAY,
    amount="7.00",
    debits=(Ordered(FIRST, "3.00", "M1"), Ordered(SECOND, "4.00", "M2")),
)
STATEMENT = statement(IBAN, DAY, [*credited(ORDER), *came_back(ORDER, {SECOND: "AM04"})])


def shown(message: BankMessage) -> list[tuple[object, ...]]:
    return [(each.part, each.end_to_end, each.amount, each.code, each.batch) for each in message.lines]


@pytest.mark.parametrize(("make", "kind"), [(statement, "camt.053"), (notification, "camt.054")])
def test_pay_18_entries_are_read_one_by_one_whole_and_foreign(make: object, kind: str) -> None:
    entries = [*credited(ORDER), *came_back(ORDER, {SECOND: "AM04"}), credited_whole(ORDER), *FOREIGN]
    message = read_message(make(IBAN, DAY, entries))
    assert (message.kind, message.accounts) == (kind, (IBAN,))
    assert {(each.on, each.account, each.currency) for each in message.lines} == {(DAY, IBAN, "EUR")}
    assert shown(message)[:4] == [
        ("credit", FIRST, 300, None, None),
        ("credit", SECOND, 400, None, None),
        ("debit", SECOND, 400, "AM04", None),
        ("credit", None, 700, None, ORDER.part),
    ]
    assert [each.amount for each in message.lines[4:]] == [81240, 9500, 30000]


def test_pay_18_a_status_report_rejects_single_debits_or_all() -> None:
    some = read_message(status_report(ORDER, {SECOND: "AC04"}))
    assert shown(some) == [("rejected", SECOND, None, "AC04", None)]
    whole = read_message(status_report(ORDER, {}, whole="FF01"))
    assert shown(whole) == [("rejected", None, None, "FF01", ORDER.message)]
    accepted = read_message(status_report(ORDER, {}))
    assert shown(accepted) == [("accepted", None, None, None, ORDER.part)]


def changed(old: str, new: str, encoding: str = "utf-8") -> bytes:
    text = STATEMENT.decode()
    assert old in text
    return text.replace(old, new).encode(encoding)


BOMB = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><Document'


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"", "bank-file-unreadable"),
        (b"Date;Libelle;Debit", "bank-file-unreadable"),
        (b"%PDF-1.7", "bank-file-unreadable"),
        (b"PK\x03\x04\xff\xfe", "bank-file-encoding"),
        (STATEMENT[:-30], "bank-file-unreadable"),
        (changed("<Document", BOMB), "bank-file-unsafe"),
        (changed("<Document", BOMB).replace(b"UTF-8", b"UTF-16").decode().encode("utf-16"), "bank-file-unsafe"),
        (changed("<NtryRef>1<", "<NtryRef>&unknown;<"), "bank-file-unreadable"),
        (changed("<NtryRef>1<", "<NtryRef>é<", "latin-1"), "bank-file-encoding"),
        (changed("UTF-8", "EBCDIC-FR"), "bank-file-encoding"),
        (changed("UTF-8", "no-such"), "bank-file-encoding"),
        (changed("camt.053.001.08", "camt.052.001.08"), "bank-file-kind"),
        (changed("camt.053.001.08", "pain.008.001.08"), "bank-file-kind"),
        (b"<html><body>Session expired</body></html>", "bank-file-kind"),
        (changed("BkToCstmrStmt", "BkToCstmrAcctRpt"), "bank-file-invalid"),
        (changed('<Amt Ccy="EUR">3.00<', '<Amt Ccy="EUR">3,00<'), "bank-file-invalid"),
        (changed('<Amt Ccy="EUR">3.00<', '<Amt Ccy="EUR">1e9<'), "bank-file-invalid"),
        (changed('<Amt Ccy="EUR">3.00<', '<Amt Ccy="EUR">-3.00<'), "bank-file-invalid"),
        (changed('<Amt Ccy="EUR">3.00<', '<Amt Ccy="EUR">3.001<'), "bank-file-invalid"),
        (changed("<Dt>2026-11-24<", "<Dt>24/11/2026<"), "bank-file-invalid"),
        (changed("CRDT", "PLUS"), "bank-file-invalid"),
        (b"<a>" * 20_000, "bank-file-unreadable"),
    ],
)
def test_pay_18_what_is_no_right_file_is_refused_whole(content: bytes, slug: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_message(content)
    assert refused.value.slug == slug
    assert len(refused.value.detail) < 300


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "iso-8859-15", "utf-16", "utf-8-sig"])
def test_pay_18_the_encodings_of_banks_are_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = STATEMENT.decode().replace("UTF-8", declared).replace("<NtryRef>1<", "<NtryRef>é<")
    assert shown(read_message(text.encode(encoding))) == shown(read_message(STATEMENT))


def test_pay_18_older_versions_are_read_alike() -> None:
    older = changed("camt.053.001.08", "camt.053.001.02")
    older = re.sub(rb"<Sts>\s*<Cd>BOOK</Cd>\s*</Sts>", b"<Sts>BOOK</Sts>", older)
    assert shown(read_message(older)) == shown(read_message(STATEMENT))
    assert b"<Sts>BOOK</Sts>" in older


def test_pay_18_too_many_entries_are_refused() -> None:
    with pytest.raises(Refusal, match="more than is read"):
        read_message(statement(IBAN, DAY, credited(ORDER) * (MOST_LINES // 2 + 1)))


def test_pay_18_a_file_may_be_compressed_and_a_bomb_is_not_unpacked() -> None:
    assert unpacked(b64encode(gzip.compress(STATEMENT)).decode()) == STATEMENT
    assert unpacked(b64encode(STATEMENT).decode()) == STATEMENT
    bomb = gzip.compress(b" " * (LARGEST_FILE * 20))
    for given, slug in (
        (b64encode(bomb).decode(), "bank-file-too-large"),
        (b64encode(b" " * (LARGEST_FILE + 1)).decode(), "bank-file-too-large"),
        (b64encode(gzip.compress(STATEMENT)[:-12]).decode(), "bank-file-unreadable"),
        ("not base64!", "bank-file-unreadable"),
    ):
        with pytest.raises(Refusal) as refused:
            unpacked(given)
        assert refused.value.slug == slug


def test_pay_18_what_is_pending_or_in_another_currency_is_read_as_that() -> None:
    pending = read_message(changed("BOOK", "PDNG"))
    assert {each.part for each in pending.lines} == {"pending"}
    francs = read_message(changed('Ccy="EUR"', 'Ccy="CHF"'))
    assert {(each.amount, each.currency) for each in francs.lines} == {(None, "CHF")}
