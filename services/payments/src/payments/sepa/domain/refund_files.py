"""PAY-18, PAY-4: refunds of what was debited: transfers in one file for the bank, from building it to its outcome.

built ──sent──▶ sent ──all known──▶ done
  └──taken back──▶ taken_back

A refund counts as made once it was settled (PAY-4), and waits for a file; each is in one at most. The bank may say
days later that it did not go through after all: then its amount is paid again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict, unknown
from payments.collection.domain.orders import Order, in_refund_file
from payments.schedules.domain.schedule import Part
from payments.sepa.domain.banking import banking_day_from
from payments.sepa.domain.mandates import CURRENCY
from payments.sepa.domain.settings import UNKNOWN_STATUS, Creditor, SepaSettings

MOST_REFUNDS = 500
"""How many refunds one file has at most; the others are in the next one."""

Status = Literal["built", "sent", "taken_back", "done"]


class Transfer(Part):
    """A refund in a file, as it was when it was built."""

    order: str
    contract: str
    number: str | None
    """The contract's number for people."""
    account: str
    mandate: str
    """The mandate whose account was debited: the transfer goes there."""
    amount: int


class RefundFile(State):
    """A file of transfers; amounts are in minor units of the euro."""

    execute_on: date
    creditor: Creditor
    """Whose account pays, as it was when it was built."""
    refunds: tuple[Transfer, ...]
    status: Status = "built"
    built_at: Instant
    built_by: str
    sent_on: date | None = None
    ended_on: date | None = None
    """The date on which it was taken back, or on which the outcome of the last refund was known."""

    @property
    def amount(self) -> int:
        """The sum of its refunds."""
        return sum(refund.amount for refund in self.refunds)

    @property
    def currency(self) -> str:
        """The euro."""
        return CURRENCY

    def refund(self, order: str) -> Transfer:
        """The refund of that order, or an ``unknown-refund`` refusal."""
        for refund in self.refunds:
            if refund.order == order:
                return refund
        raise unknown("refund", order)


@dataclass(frozen=True, slots=True)
class BuiltRefunds:
    """A file of refunds, their orders, and whether some are left for another file."""

    decision: Decision[RefundFile]
    orders: tuple[Order, ...]
    more: bool


def build_refund_file(
    file_id: str,
    settings: SepaSettings,
    waiting: Sequence[Order],
    numbers: Mapping[str, str | None],
    context: Context,
) -> BuiltRefunds:
    """Put refunds that wait into one file, in the order in which they were settled.

    ``numbers`` are those of their contracts.

    Raises:
        Refusal: ``no-refund-to-transfer`` or ``sepa-settings-missing``.
    """
    creditor = settings.given
    if not waiting:
        raise conflict(
            "no-refund-to-transfer",
            "No refund of a direct debit waits for a transfer. Settle a refund line to the payment method first.",
            rule="PAY-18",
        )
    orders = [in_refund_file(order, file_id) for order in waiting[:MOST_REFUNDS]]
    file = RefundFile(
        id=file_id,
        organisation=settings.organisation,
        execute_on=banking_day_from(context.today),
        creditor=creditor,
        refunds=tuple(
            Transfer(
                order=order.id,
                contract=order.contract,
                number=numbers.get(order.contract),
                account=order.account,
                mandate=order.method,
                amount=order.amount,
            )
            for order in orders
        ),
        built_at=context.now,
        built_by=str(context.actor),
    )
    event = published.RefundFileBuilt(
        refund_file=file.id,
        execute_on=file.execute_on,
        refunds=len(file.refunds),
        amount=file.amount,
        currency=file.currency,
    )
    return BuiltRefunds(Decision(file, (event,)), tuple(orders), len(waiting) > MOST_REFUNDS)


def send_refund_file(file: RefundFile, context: Context) -> Decision[RefundFile]:
    """The file was handed to the bank: it can't be taken back any more.

    Raises:
        Refusal: ``refund-file-moved-on``.
    """
    must_be(file, "built")
    after = file.model_copy(update={"status": "sent", "sent_on": context.today})
    return Decision(after, (published.RefundFileSent(refund_file=file.id, sent_on=context.today),))


def take_back_refund_file(file: RefundFile, context: Context) -> Decision[RefundFile]:
    """The file is not sent after all: its refunds wait for the next one.

    Raises:
        Refusal: ``refund-file-moved-on`` once it was sent.
    """
    must_be(file, "built")
    after = file.model_copy(update={"status": "taken_back", "ended_on": context.today})
    return Decision(after, (published.RefundFileTakenBack(refund_file=file.id, effective_on=context.today),))


def finish_refund_file(file: RefundFile, context: Context) -> Decision[RefundFile]:
    """What became of each of its refunds is known: those that the bank did not refuse are made.

    Raises:
        Refusal: ``refund-file-moved-on``.
    """
    must_be(file, "sent")
    after = file.model_copy(update={"status": "done", "ended_on": context.today})
    return Decision(after, (published.RefundFileDone(refund_file=file.id, effective_on=context.today),))


def failable(file: RefundFile, order: Order) -> None:
    """Refuse to say of a refund that it did not go through: it was not sent, or that was said before.

    Raises:
        Refusal: ``refund-file-moved-on`` or ``refund-failed-already``.
    """
    if file.status != "done":
        must_be(file, "sent")
    if order.status == "failed":
        raise conflict(
            "refund-failed-already",
            "This refund is recorded as not gone through already: its amount is paid again.",
            rule="PAY-4",
            refund=order.id,
        )


_WHAT_NEXT: Mapping[Status, str] = {
    "built": "It was not marked as sent yet: do that first, once the bank has it.",
    "sent": "It was sent to the bank: it can't be taken back any more, but each refused refund can be recorded.",
    "taken_back": "It was taken back: build another one.",
    "done": "What became of its refunds is known: record those that come back later one by one.",
}


def must_be(file: RefundFile, status: Status) -> None:
    """Refuse (``refund-file-moved-on``) what is done with a file of another status."""
    if file.status == status:
        return
    if file.status not in _WHAT_NEXT:
        raise conflict("refund-file-moved-on", UNKNOWN_STATUS, rule="PAY-18", status=file.status)
    raise conflict("refund-file-moved-on", _WHAT_NEXT[file.status], rule="PAY-18", status=file.status)
