"""PAY-18: families are informed before they are debited, and when a debit that was announced is called off.

Another amount or day is announced again, once. A remittance that was taken back is often built anew at once: only what
no remittance has an hour later is called off. So who builds it anew for the same day writes no mail at all, and who
builds it for another one writes one, which names the day that it replaces.
"""

from datetime import date, timedelta

from carnet.dates import Instant
from carnet.decisions import Context, Decision
from carnet.events import payments as published
from payments.sepa.domain.mandates import CURRENCY, Announced, Mandate
from payments.sepa.domain.remittances import Debit, Remittance
from payments.sepa.domain.settings import SepaSettings

WAIT = timedelta(hours=1)
"""How long after a remittance was taken back its families are informed, unless their debits are in another one."""


def announced_late(mandate: Mandate, debit: Debit, collect_on: date, settings: SepaSettings, context: Context) -> bool:
    """Whether a family is informed of a debit later than was agreed, if it learns today what it does not know."""
    announced = mandate.announced_on(debit.contract, debit.due, debit.amount, collect_on) or context.today
    return (collect_on - announced).days < settings.notice_days


def announce(mandate: Mandate, remittance: Remittance, context: Context) -> Decision[Mandate]:
    """Inform a family of what is new in a remittance; what was called off, and is in it, is on again.

    No event where the same amounts on the same day are known.
    """
    debits = _of(mandate, remittance)
    in_it = {_key(debit, remittance.collect_on) for debit in debits}
    new = [debit for debit in debits if _key(debit, remittance.collect_on) not in map(_said, mandate.announced)]
    moved = {(debit.contract, debit.due) for debit in new}
    kept: list[Announced] = []
    replaced: list[date] = []
    for each in mandate.announced:
        if _said(each) in in_it:
            kept.append(each.model_copy(update={"called_off": False}))
        elif each.called_off and (each.contract, each.due) in moved:
            replaced.append(each.collect_on)
        elif each.called_off or each.collect_on >= context.today:
            kept.append(each)
    kept += [_announced(debit, remittance, context) for debit in new]
    after = _with(mandate, kept)
    if not new:
        return Decision(after)
    event = published.DebitsAnnounced(
        account=mandate.account,
        mandate=mandate.id,
        reference=mandate.reference,
        creditor=remittance.creditor.identifier,
        iban_ending=mandate.iban_ending,
        remittance=remittance.id,
        collect_on=remittance.collect_on,
        replaces=min(replaced, default=None),
        amount=sum(debit.amount for debit in new),
        currency=CURRENCY,
        debits=tuple(
            published.AnnouncedDebit(contract=debit.contract, number=debit.number, due=debit.due, amount=debit.amount)
            for debit in new
        ),
        effective_on=context.today,
    )
    return Decision(after, (event,))


def call_off(mandate: Mandate, remittance: Remittance, context: Context) -> Mandate:
    """A remittance is taken back: of what was announced of it, families are informed later that it is not debited."""
    gone = {_key(debit, remittance.collect_on) for debit in _of(mandate, remittance)}
    announced = [
        each.model_copy(update={"called_off": True}) if _said(each) in gone else each for each in mandate.announced
    ]
    return _with(mandate, announced, mandate.inform_at or context.now + WAIT)


def inform(mandate: Mandate, context: Context) -> Decision[Mandate]:
    """Inform a family of what was called off and is in no other remittance: from now on it was not announced."""
    gone = [each for each in mandate.announced if each.called_off]
    after = _with(mandate, [each for each in mandate.announced if not each.called_off])
    if not gone:
        return Decision(after)
    event = published.DebitsCalledOff(
        account=mandate.account,
        mandate=mandate.id,
        reference=mandate.reference,
        iban_ending=mandate.iban_ending,
        amount=sum(each.amount for each in gone),
        currency=CURRENCY,
        debits=tuple(
            published.CalledOffDebit(
                contract=each.contract,
                number=each.number,
                due=each.due,
                amount=each.amount,
                collect_on=each.collect_on,
            )
            for each in gone
        ),
        effective_on=context.today,
    )
    return Decision(after, (event,))


def _of(mandate: Mandate, remittance: Remittance) -> list[Debit]:
    return [debit for debit in remittance.debits if debit.mandate == mandate.id]


def _key(debit: Debit, collect_on: date) -> tuple[str, date, int, date]:
    return (debit.contract, debit.due, debit.amount, collect_on)


def _said(announced: Announced) -> tuple[str, date, int, date]:
    return (announced.contract, announced.due, announced.amount, announced.collect_on)


def _announced(debit: Debit, remittance: Remittance, context: Context) -> Announced:
    return Announced(
        contract=debit.contract,
        number=debit.number,
        due=debit.due,
        amount=debit.amount,
        collect_on=remittance.collect_on,
        on=context.today,
    )


def _with(mandate: Mandate, announced: list[Announced], inform_at: Instant | None = None) -> Mandate:
    """The mandate with what was announced by it; its family is to be informed while something of that is called off."""
    waiting = any(each.called_off for each in announced)
    inform_at = (inform_at or mandate.inform_at) if waiting else None
    return mandate.model_copy(update={"announced": tuple(announced), "inform_at": inform_at})
