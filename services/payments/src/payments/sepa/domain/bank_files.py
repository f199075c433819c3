"""PAY-18: files of the bank: what each of their lines is about, and what it comes to for a debit.

A debit is credited at most once and comes back at most once, however many files report it, in whichever order: what has
been applied is kept on its order (``credited_by``, ``returned_by``), not on the file. So the same line again changes
nothing. A debit that comes back before it was paid has failed (PAY-6), afterwards it is a reversal (PAY-13).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from payments.collection.domain.orders import Order
from payments.sepa.domain.bank_lines import BankMessage, Kind, Line, Part
from payments.sepa.domain.bank_outcomes import BankLine, Outcome
from payments.sepa.domain.bank_refunds import about_refunds
from payments.sepa.domain.refund_files import RefundFile
from payments.sepa.domain.remittances import Remittance

_RANKS: Mapping[Part, int] = {"rejected": 0, "debit": 0, "credit": 1, "accepted": 2, "pending": 2}
"""What comes back is applied first: a debit that one file credits and takes back was never paid."""


class BankFile(State):
    """A file of the bank that was read: what it is, and which job applies its lines. The file itself is not kept."""

    name: str
    """As it was called where it came from."""
    kind: Kind
    message: str | None
    """The bank's own id of it."""
    digest: str
    """The SHA-256 of its bytes."""
    accounts: tuple[str, ...]
    """The last characters of the IBANs whose statements were read."""
    skipped: tuple[str, ...]
    """Those of other accounts, whose statements were left."""
    lines: int
    job: str | None = None
    """The job that applies its lines."""
    read_before: str | None = None
    """The file with the same bytes that was read before."""
    read_at: Instant
    read_by: str


@dataclass(frozen=True, slots=True)
class Known:
    """The debits and refunds that the lines of a file name, and the files of ours that they or its groups name."""

    orders: Mapping[str, Order]
    remittances: Mapping[str, Remittance]
    refund_files: Mapping[str, RefundFile]


@dataclass(frozen=True, slots=True)
class Given:
    """A file that somebody of the school sent: its name, its digest, and whether the same was read before."""

    organisation: str
    ours: frozenset[str]
    """The IBANs that the school's direct debits are credited to."""
    name: str
    digest: str
    read_before: str | None


def id_in(reference: str | None) -> str | None:
    """The id that Carnet wrote into a file without its dashes; None if it is none of Carnet's.

    >>> id_in("0190000000007000800000000000c1c1")
    '01900000-0000-7000-8000-00000000c1c1'
    """
    text = (reference or "").strip()
    if len(text) != 32:  # the digits of a UUID
        return None
    try:
        return str(UUID(hex=text))
    except ValueError:
        return None


def receive(
    file_id: str, message: BankMessage, given: Given, known: Known, context: Context
) -> tuple[Decision[BankFile], tuple[BankLine, ...]]:
    """A file that was read, and its lines in the order in which they are applied.

    Statements of accounts that are not the school's are left.
    """
    found = [
        each
        for line in message.lines
        if line.account is None or line.account in given.ours
        for each in _about(line, file_id, given.organisation, known)
    ]
    found.sort(key=lambda each: (_RANKS[each.part], each.number))
    lines = tuple(each.model_copy(update={"id": f"{file_id}/{place:05d}"}) for place, each in enumerate(found))
    file = BankFile(
        id=file_id,
        organisation=given.organisation,
        name=given.name,
        kind=message.kind,
        message=message.message,
        digest=given.digest,
        accounts=tuple(each[-4:] for each in message.accounts if each in given.ours),
        skipped=tuple(each[-4:] for each in message.accounts if each not in given.ours),
        lines=len(lines),
        read_before=given.read_before,
        read_at=context.now,
        read_by=str(context.actor),
    )
    event = published.BankFileRead(
        file=file_id, kind=message.kind, lines=len(lines), debits=sum(each.attempt is not None for each in lines)
    )
    return Decision(file, (event,)), lines


def verdict(line: BankLine, order: Order, remittance: Remittance) -> Outcome:
    """What a line comes to for a debit, as that now is."""
    if remittance.status == "built":
        return "not_sent"
    if order.status == "withdrawn":
        return "taken_back"
    if line.part in ("accepted", "pending"):
        return line.outcome
    return _credited(line, order) if line.part == "credit" else _came_back(line, order)


def _credited(line: BankLine, order: Order) -> Outcome:
    if line.amount != order.amount:
        return "amount_differs"
    if order.credited_by or order.returned_by or order.status == "succeeded":
        return "known"
    return "credited_after_refusal" if order.status == "failed" else "paid"


def _came_back(line: BankLine, order: Order) -> Outcome:
    """The bank may take its charges besides, so that more than the debit is no other debit."""
    if line.part == "debit" and (line.amount is None or line.amount < order.amount):
        return "amount_differs"
    if order.returned_by or order.status == "failed":
        return "known"
    return "reversed" if order.status == "succeeded" else "refused"


def noted(line: BankLine, order: Order, outcome: Outcome) -> Order:
    """The order once a line was applied to it: the same from another file changes nothing."""
    if outcome not in ("paid", "refused", "reversed", "known", "credited_after_refusal"):
        return order
    if line.part == "credit":
        return order if order.credited_by else order.model_copy(update={"credited_by": line.id})
    code = {} if line.code is None or order.code not in (None, order.reason) else {"code": line.code}
    return order.model_copy(update={**code, "returned_by": order.returned_by or line.id})


def _about(line: Line, file_id: str, organisation: str, known: Known) -> list[BankLine]:
    """What a line of the file is about: one debit, all debits of a remittance, or nothing of Carnet's."""
    order = known.orders.get(id_in(line.end_to_end) or "")
    file = known.refund_files.get((order.refund_file if order else id_in(line.batch)) or "")
    if file is not None or (order is not None and order.kind == "refund"):
        return about_refunds(_row(line, file_id, organisation), line, order, file, known.orders)
    remittance = known.remittances.get((order.remittance if order else id_in(line.batch)) or "")
    row = _row(line, file_id, organisation).model_copy(
        update={"remittance": remittance.id if remittance else None, "outcome": _at_once(line, remittance)}
    )
    if remittance is None or row.outcome in ("other_account", "unclear", "not_booked"):
        return [row]
    if order is not None:
        return [_of(row, order.id, remittance)]
    return [row] if row.outcome == "accepted" else _of_all(row, remittance, known)


def _row(line: Line, file_id: str, organisation: str) -> BankLine:
    return BankLine(
        id="",
        organisation=organisation,
        file=file_id,
        number=line.number,
        part=line.part,
        amount=line.amount,
        currency=line.currency,
        on=line.on,
        code=line.code,
        reference=line.reference,
    )


def _at_once(line: Line, remittance: Remittance | None) -> Outcome:
    """What a line comes to whatever became of the debit; ``waiting`` where that decides."""
    if remittance is None:
        return "foreign"
    if line.account is not None and line.account[-4:] != remittance.creditor.iban_ending:
        return "other_account"
    if line.part in ("pending", "accepted"):
        return "not_booked" if line.part == "pending" else "accepted"
    return "unclear" if line.part == "credit" and line.returned else "waiting"


def _of(row: BankLine, attempt: str, remittance: Remittance) -> BankLine:
    debit = remittance.debit(attempt)
    about = {"attempt": attempt, "contract": debit.contract, "account": debit.account}
    return row.model_copy(update=about)


def _of_all(row: BankLine, remittance: Remittance, known: Known) -> list[BankLine]:
    """A line on a whole remittance: on each debit of it, where the amount says which those are."""
    debits = remittance.debits
    if row.part == "debit":
        return [row.model_copy(update={"outcome": "unclear"})]
    if row.part == "credit" and row.amount != remittance.amount:
        failed = {each.id for each in known.orders.values() if each.status == "failed"}
        debits = tuple(debit for debit in debits if debit.attempt not in failed)
        if row.amount != sum(debit.amount for debit in debits):
            return [row.model_copy(update={"outcome": "amount_differs"})]
    return [
        _of(row, debit.attempt, remittance).model_copy(update={"amount": debit.amount, "currency": "EUR"})
        for debit in debits
    ]


def batch_ids(lines: Iterable[Line]) -> Sequence[str]:
    """The ids of remittances that lines may name."""
    return sorted({id_ for line in lines if (id_ := id_in(line.batch)) is not None})


def debit_ids(lines: Iterable[Line]) -> Sequence[str]:
    """The ids of debits that lines may name."""
    return sorted({id_ for line in lines if (id_ := id_in(line.end_to_end)) is not None})
