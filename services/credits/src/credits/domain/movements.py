"""How a credit moves: issued, used, restored, adjusted, removed (CRE-2 to CRE-7). Amounts in minor units."""

from dataclasses import dataclass
from datetime import date

from carnet.codes import digest_of
from carnet.decisions import Context, Decision, State
from carnet.events import credits as published
from carnet.events.imports import CreditElsewhere, FamilyImported
from carnet.events.payments import CreditGivenBack, CreditRefusal, CreditUseRequested, RefundLineSettled
from carnet.money import LARGEST, PositiveAmount
from carnet.refusals import conflict, invalid, unknown
from credits.domain.credit import Credit, Receipt
from credits.domain.refusals import UseRefusal, not_used


class RefusedUse(State):
    """A use that payments asked for and a credit does not pay (CRE-3); ``id`` is that of the request."""

    credit: str
    contract: str
    amount: PositiveAmount
    reason: CreditRefusal
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Gift:
    """What staff grants an account: minor units, and how it was received where it is a deposit (CRE-2, PAY-7)."""

    account: str
    amount: int
    currency: str
    receipt: Receipt | None = None


def issue(gift: Gift, organisation: str, context: Context) -> Decision[Credit]:
    """Grant a credit that no line sold, as staff says (CRE-2).

    Raises:
        Refusal: ``received-in-future`` where the deposit is of after today.
    """
    if gift.receipt is not None and gift.receipt.received_on > context.today:
        raise invalid(
            "received-in-future",
            "A deposit cannot be received after today. Give the day on which it was received.",
            rule="PAY-7",
            received_on=gift.receipt.received_on.isoformat(),
            today=context.today.isoformat(),
        )
    credit = Credit(
        id=context.new_id(),
        organisation=organisation,
        account=gift.account,
        origin="deposit" if gift.receipt else "staff",
        receipt=gift.receipt,
        amount=gift.amount,
        left=gift.amount,
        currency=gift.currency,
        status="granted",
        granted_on=context.today,
    )
    return _issued(credit, context.today)


def take_over(left: CreditElsewhere, event: FamilyImported, organisation: str) -> Decision[Credit]:
    """What a family had left of a credit in another system is a credit of its account here (IMP-1)."""
    credit = Credit(
        id=left.credit,
        organisation=organisation,
        account=event.account,
        origin="imported",
        amount=left.amount,
        left=left.amount,
        currency=event.currency,
        status="granted",
        granted_on=event.effective_on,
    )
    return _issued(credit, event.effective_on)


def convert(before: Credit | None, event: RefundLineSettled, credit: str, organisation: str) -> Decision[Credit]:
    """A refund line, or a part of it, becomes a credit of the contract's account (PAY-4).

    Raises:
        Refusal: ``credit-exists`` where there is one of that id already: payments would be wrong.
    """
    if before is not None:
        raise conflict(
            "credit-exists", "A refund line is converted to a credit of its own.", rule="PAY-4", credit=credit
        )
    converted = Credit(
        id=credit,
        organisation=organisation,
        account=event.account,
        origin="refund",
        contract=event.contract,
        amount=event.amount,
        left=event.amount,
        currency=event.currency,
        status="granted",
        granted_on=event.effective_on,
    )
    return _issued(converted, event.effective_on)


def _issued(credit: Credit, on: date) -> Decision[Credit]:
    if credit.origin == "sold":
        raise ValueError(f"credit {credit.id} is granted by the contract that sold it")
    event = published.CreditIssued(
        credit=credit.id,
        account=credit.account,
        amount=credit.amount,
        left=credit.left,
        currency=credit.currency,
        origin=credit.origin,
        contract=credit.contract,
        effective_on=on,
        method=credit.receipt.method if credit.receipt else None,
        received_on=credit.receipt.received_on if credit.receipt else None,
    )
    return Decision(credit, (event,))


def use(
    credit: Credit | None, asked: CreditUseRequested, *, suspended: bool = False, blocked: bool = False
) -> Decision[Credit] | UseRefusal:
    """Pay what payments asks for, or say why not (CRE-3). A foreign credit counts as unknown (ORG-1).

    A gift card pays the contract of any account, for anyone who presents its code (CRE-8). ``suspended`` says that the
    contract that sold the credit is not fully paid any more (CRE-2), ``blocked`` that the caller has tried too many
    codes that do not exist.
    """
    if credit is None:
        return "unknown-credit"
    if asked.code is not None and blocked:
        return "too-many-codes"
    if reason := _refusal(credit, asked, suspended=suspended):
        return reason
    uses = credit.paying(asked.contract, credit.used_on(asked.contract) + asked.amount)
    used = credit.model_copy(update={"left": credit.left - asked.amount, "uses": uses})
    event = published.CreditUsed(
        credit=used.id,
        account=asked.account if used.card else used.account,
        amount=asked.amount,
        left=used.left,
        currency=used.currency,
        contract=asked.contract,
        request=asked.request,
        effective_on=asked.effective_on,
        card=used.card is not None,
    )
    return Decision(used, (event,))


def _refusal(credit: Credit, asked: CreditUseRequested, *, suspended: bool) -> UseRefusal | None:
    if reason := _not_theirs(credit, asked):
        return reason
    if credit.currency != asked.currency:
        return "other-currency"
    if credit.line is not None and credit.contract == asked.contract:
        return "sold-by-this-contract"
    if credit.status == "removed":
        return "removed"
    if suspended:
        return "suspended"
    return "more-than-left" if asked.amount > credit.left else None


def _not_theirs(credit: Credit, asked: CreditUseRequested) -> CreditRefusal | None:
    """A client credit pays for its beneficiary, a gift card for anyone who presents its code (CRE-3, CRE-8)."""
    if credit.card is None:
        return None if credit.account == asked.account else "other-account"
    code = credit.card.code
    return None if code is not None and asked.code == digest_of(credit.organisation, code) else "unknown-code"


def refuse(asked: CreditUseRequested, why: UseRefusal, organisation: str) -> Decision[RefusedUse]:
    """Answer payments that the credit does not pay what it asked for, and keep that (CRE-3)."""
    suspended = why == "suspended"
    # Older readers do not know this reason: they get the nearest one, since nothing can be used of the credit.
    reason: CreditRefusal = "more-than-left" if why == "suspended" else why
    refused = RefusedUse(
        id=asked.request,
        organisation=organisation,
        credit=asked.credit,
        contract=asked.contract,
        amount=asked.amount,
        reason=reason,
        suspended=suspended,
    )
    event = published.CreditUseRefused(
        request=asked.request,
        credit=asked.credit,
        contract=asked.contract,
        amount=asked.amount,
        reason=reason,
        effective_on=asked.effective_on,
        suspended=suspended,
        refusal=not_used(why, asked.credit),
    )
    return Decision(refused, (event,))


def restore(credit: Credit | None, event: CreditGivenBack) -> Decision[Credit]:
    """What the credit had paid of a contract comes back to it (CRE-6), even where it was removed since.

    Raises:
        Refusal: ``unknown-credit``, or ``more-than-used`` where it never paid that much: payments would be wrong.
    """
    if credit is None:
        raise unknown("credit", event.credit)
    paid = credit.used_on(event.contract)
    if event.amount > paid:
        raise conflict(
            "more-than-used",
            f"The credit pays {paid} minor units of that contract. No more than that can come back to it.",
            rule="CRE-6",
            credit=credit.id,
            contract=event.contract,
            used=paid,
        )
    restored = credit.model_copy(
        update={
            "left": credit.left + event.amount,
            "uses": credit.paying(event.contract, paid - event.amount),
            "status": "granted",
        }
    )
    answer = published.CreditRestored(
        credit=restored.id,
        account=event.account if restored.card else restored.account,
        amount=event.amount,
        left=restored.left,
        currency=restored.currency,
        contract=event.contract,
        effective_on=event.effective_on,
        card=restored.card is not None,
    )
    return Decision(restored, (answer,))


def adjust(credit: Credit, amount: int, on: date) -> Decision[Credit]:
    """Add ``amount`` to what is left, or take it off where it is below zero, as staff says (CRE-7).

    Raises:
        Refusal: ``credit-removed``, ``more-than-left`` where less is left than is taken off, or
            ``credit-too-large``.
    """
    if credit.status == "removed":
        raise conflict(
            "credit-removed",
            "The credit was removed with the line that sold it. Grant another one instead.",
            rule="CRE-4",
            credit=credit.id,
        )
    if credit.left + amount < 0:
        raise conflict(
            "more-than-left",
            f"{credit.left} minor units are left of the credit. Take off no more than that.",
            rule="CRE-7",
            credit=credit.id,
            left=credit.left,
        )
    if credit.left + credit.used + amount > LARGEST:
        raise invalid(
            "credit-too-large",
            f"A credit is of {LARGEST} minor units at most, what it pays of contracts included. Check the amount.",
            left=credit.left,
            used=credit.used,
            amount=amount,
        )
    adjusted = credit.model_copy(update={"left": credit.left + amount})
    event = published.CreditAdjusted(
        credit=adjusted.id,
        account=adjusted.account,
        amount=amount,
        left=adjusted.left,
        currency=adjusted.currency,
        effective_on=on,
    )
    return Decision(adjusted, (event,))
