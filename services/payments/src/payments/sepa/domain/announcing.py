"""PAY-18: families are informed before they are debited, and when a debit that was announced is called off.

Another amount or day is announced again, once. A remittance that was taken back is often built anew at once: only what
no remittance has an hour later is called off. So building it anew for the same day sends no mail at all, and building
it for another day sends one, which names the day that it replaces.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from carnet.dates import Instant
from carnet.decisions import Context, Decision
from carnet.events import payments as published
from payments.sepa.domain.mandates import CURRENCY, Announced, Mandate
from payments.sepa.domain.remittances import Debit, Remittance
from payments.sepa.domain.settings import SepaSettings

WAIT = timedelta(hours=1)
"""How long after a remittance was taken back its families are informed, unless their debits are in another one."""


def announced_late(mandate: Mandate, remittance: Remittance, settings: SepaSettings, context: Context) -> int:
    """Of how many debits a family is informed later than was agreed, if it is informed today of the new ones."""
    debits, known = _of(mandate, remittance), _known(mandate, remittance)
    days = [mandate.announced[known[each.attempt]].on if each.attempt in known else context.today for each in debits]
    return sum((remittance.collect_on - on).days < settings.notice_days for on in days)


def announce(mandate: Mandate, remittance: Remittance, context: Context) -> Decision[Mandate]:
    """Inform a family of what is new in a remittance; a debit that was called off, and is in it, takes place again.

    No event where each of its debits was announced with that amount and day.
    """
    known = _known(mandate, remittance)
    on_again = {known[debit.attempt]: debit for debit in _of(mandate, remittance) if debit.attempt in known}
    new = [debit for debit in _of(mandate, remittance) if debit.attempt not in known]
    replaced = _replaced(mandate, on_again, new)
    kept: list[Announced] = []
    for place, each in enumerate(mandate.announced):
        if place in on_again:
            instalment = on_again[place].instalment
            kept.append(each.model_copy(update={"called_off": False, "instalment": instalment}))
        elif place not in replaced and (each.called_off or each.collect_on >= context.today):
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
        replaces=min((mandate.announced[place].collect_on for place in replaced), default=None),
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
    gone = _known(mandate, remittance).values()
    announced = [
        each.model_copy(update={"called_off": True}) if place in gone else each
        for place, each in enumerate(mandate.announced)
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


def _known(mandate: Mandate, remittance: Remittance) -> Mapping[str, int]:
    """Which debits of a remittance the family knows, by their attempts: the place of each in what was announced.

    An announcement is that of one debit: two instalments of one date and amount have one each. What was called off
    serves whichever instalment is debited in its place.
    """
    left = dict(enumerate(mandate.announced))
    known: dict[str, int] = {}
    debits = _of(mandate, remittance)
    for same in (_of_the_same_instalment, _called_off):
        for debit in (each for each in debits if each.attempt not in known):
            wanted = (debit.contract, debit.due, debit.amount, remittance.collect_on)
            places = (
                place for place, each in left.items() if _what_was_announced(each) == wanted and same(each, debit)
            )
            if (place := next(places, None)) is not None:
                known[debit.attempt] = place
                del left[place]
    return known


def _replaced(mandate: Mandate, on_again: Collection[int], new: Sequence[Debit]) -> Collection[int]:
    """The places of called-off debits that these new debits, of another day or amount, replace."""
    left = {place: each for place, each in enumerate(mandate.announced) if each.called_off and place not in on_again}
    replaced: list[int] = []
    waiting = list(new)
    for same in (_of_the_same_instalment, _called_off):
        for debit in tuple(waiting):
            places = (
                place
                for place, each in left.items()
                if (each.contract, each.due) == (debit.contract, debit.due) and same(each, debit)
            )
            if (place := next(places, None)) is not None:
                replaced.append(place)
                waiting.remove(debit)
                del left[place]
    return replaced


def _of_the_same_instalment(announced: Announced, debit: Debit) -> bool:
    return announced.instalment == debit.instalment


def _called_off(announced: Announced, _: Debit) -> bool:
    return announced.called_off


def _what_was_announced(announced: Announced) -> tuple[str, date, int, date]:
    return (announced.contract, announced.due, announced.amount, announced.collect_on)


def _announced(debit: Debit, remittance: Remittance, context: Context) -> Announced:
    return Announced(
        contract=debit.contract,
        number=debit.number,
        due=debit.due,
        amount=debit.amount,
        collect_on=remittance.collect_on,
        on=context.today,
        instalment=debit.instalment,
    )


def _with(mandate: Mandate, announced: list[Announced], inform_at: Instant | None = None) -> Mandate:
    """The mandate with what was announced by it; its family is to be informed while something of that is called off."""
    waiting = any(each.called_off for each in announced)
    inform_at = (inform_at or mandate.inform_at) if waiting else None
    return mandate.model_copy(update={"announced": tuple(announced), "inform_at": inform_at})
