"""PAY-7: bank deposits: takings that are handed to the bank together.

made ──undone──▶ undone
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.events.payments import BankedMethod
from carnet.refusals import conflict, invalid
from payments.banking.domain.takings import Taking, free
from payments.schedules.domain.schedule import Part

MOST_TAKINGS = 500
"""How many takings one bank deposit has at most."""


class Undone(Part):
    """Who undid a bank deposit, and when."""

    on: date
    at: Instant
    by: str


class BankDeposit(State):
    """Cheques, or cash, that go to the bank together, in minor units."""

    method: BankedMethod
    deposited_on: date
    bank_account: str
    """What the organisation calls the account that is credited."""
    takings: tuple[str, ...]
    """Their ids, in the order of the slip."""
    amount: int
    currency: str
    made_at: Instant
    made_by: str
    undone: Undone | None = None

    @property
    def reference(self) -> str:
        """What people call it: on its slip, and as the document of its entry in the books: ``REM-8F3A2C``."""
        return f"REM-{self.id[-6:].upper()}"


@dataclass(frozen=True, slots=True)
class Banked:
    """A bank deposit with its takings as they then are."""

    decision: Decision[BankDeposit]
    takings: tuple[Taking, ...]


def deposit(
    deposit_id: str,
    takings: Sequence[Taking],
    deposited_on: date,
    bank_account: str,
    context: Context,
    *,
    given_back: Sequence[Taking] = (),
) -> Banked:
    """Hand these takings to the bank together.

    ``given_back`` is the cash that was given back until that day and waits: it is not in the till any more, so it is
    taken off the next cash that goes to the bank.

    Raises:
        Refusal: ``same-twice``, ``methods-mixed``, ``already-deposited``, ``nothing-to-deposit`` for one that is a
            wrong entry or came back, and where more was given back in cash than is taken to the bank;
            ``deposited-in-future``, ``deposited-before-received``, ``cash-given-back-left-out``.
    """
    if len({each.id for each in takings}) < len(takings):
        raise invalid("same-twice", "Each one is named once. Leave out those that repeat.", field="takings")
    methods = sorted({each.method for each in takings})
    if len(methods) > 1:
        raise conflict(
            "methods-mixed", "Cash and cheques go to the bank apart. Make a bank deposit of each.", rule="PAY-7"
        )
    for each in takings:
        free(each)
        if not each.waits:
            raise conflict(
                "nothing-to-deposit",
                "This was a wrong entry, or the bank has given it back: there is nothing to deposit. Leave it out.",
                rule="PAY-7",
                taking=each.id,
            )
    _refuse_day(takings, deposited_on, context)
    named = {each.id for each in takings}
    forgotten = [each.id for each in given_back if each.id not in named] if methods == ["cash"] else []
    if forgotten:
        raise conflict(
            "cash-given-back-left-out",
            "Cash was given back to families since: it is not in the till any more. Name it too, so that it is taken "
            "off what goes to the bank.",
            rule="PAY-7",
            takings=forgotten[:MOST_TAKINGS],
        )
    amount = sum(each.left for each in takings)
    if amount <= 0:
        raise conflict(
            "nothing-to-deposit",
            "As much cash was given back as this brought, or more: there is nothing to take to the bank.",
            rule="PAY-7",
            taking=takings[0].id,
        )
    made = BankDeposit(
        id=deposit_id,
        organisation=takings[0].organisation,
        method=takings[0].method,
        deposited_on=deposited_on,
        bank_account=bank_account,
        takings=tuple(each.id for each in takings),
        amount=amount,
        currency=takings[0].currency,
        made_at=context.now,
        made_by=str(context.actor),
    )
    event = published.BankDepositMade(
        bank_deposit=made.id,
        method=made.method,
        deposited_on=made.deposited_on,
        takings=made.takings,
        amount=made.amount,
        currency=made.currency,
    )
    inside = tuple(each.model_copy(update={"bank_deposit": made.id, "deposited": each.left}) for each in takings)
    return Banked(Decision(made, (event,)), inside)


def undo(made: BankDeposit, takings: Sequence[Taking], context: Context) -> Banked:
    """The bank did not get it: what is in it waits for another bank deposit.

    Raises:
        Refusal: ``bank-deposit-undone``, or ``deposited-and-returned`` where the bank has taken something of it back.
    """
    if made.undone is not None:
        raise conflict("bank-deposit-undone", "This bank deposit is undone already.", rule="PAY-7", id=made.id)
    for each in takings:
        if each.left != each.inside:
            raise conflict(
                "deposited-and-returned",
                "The bank has given a cheque of this deposit back, so it had got it. Leave the deposit as it is.",
                rule="PAY-7",
                taking=each.id,
            )
    undone = Undone(on=context.today, at=context.now, by=str(context.actor))
    event = published.BankDepositUndone(bank_deposit=made.id, effective_on=context.today)
    outside = tuple(each.model_copy(update={"bank_deposit": None, "deposited": None}) for each in takings)
    return Banked(Decision(made.model_copy(update={"undone": undone}), (event,)), outside)


def _refuse_day(takings: Sequence[Taking], deposited_on: date, context: Context) -> None:
    if deposited_on > context.today:
        raise invalid(
            "deposited-in-future",
            "A bank deposit is dated today or earlier. Give the day on which the bank gets it, once it is there.",
            rule="PAY-7",
            field="deposited_on",
            today=context.today.isoformat(),
        )
    latest = max(each.received_on for each in takings)
    if deposited_on < latest:
        raise invalid(
            "deposited-before-received",
            f"Something in it was received on {latest}: deposit it on that day or later.",
            rule="PAY-7",
            field="deposited_on",
            possible=latest.isoformat(),
        )
