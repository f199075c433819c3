"""What scholarships cover of lines: granted all or none as contracts asks, and given back (CRE-11).

A change may cancel a line that a scholarship covers in part and add another one that uses the same scholarship. The
amount that comes back can be used by the same change: the new use takes it over from the old one (``takes_over``,
``moved``), and it is counted once from then on. Once the change is made the old use goes; if it is refused the new one
does.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carnet.decisions import Decision
from carnet.events import scholarships as published
from carnet.events.base import ServiceRefusal
from carnet.events.scholarship_uses import ScholarshipPart, ScholarshipUse, ScholarshipUseRequested
from carnet.events.scholarships import ScholarshipRefusal
from carnet.requests.causes import SCHOLARSHIP_USE
from carnet.requests.uncovered import scholarship_refused
from credits.scholarships.domain.fund import Fund
from credits.scholarships.domain.scholarship import RefusedScholarshipUse, Scholarship, Use, shared


@dataclass(frozen=True, slots=True)
class Held:
    """A scholarship with its fund."""

    scholarship: Scholarship
    fund: Fund


@dataclass(frozen=True, slots=True)
class WantedUses:
    """What is asked: of which account, in which currency, on which day, which uses, and what comes back by it."""

    account: str
    currency: str
    on: date
    uses: tuple[ScholarshipUse, ...]
    given_back: tuple[ScholarshipPart, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A use that can be granted, or why not; with what is then left of the scholarship, in minor units.

    ``takes_over`` says from which lines of the same change it takes what.
    """

    use: ScholarshipUse
    left: int
    why: ScholarshipRefusal | None = None
    takes_over: tuple[tuple[str, int], ...] = ()

    @property
    def from_left(self) -> int:
        """What it takes of what is left of the scholarship, in minor units."""
        return self.use.amount - sum(amount for _, amount in self.takes_over)


@dataclass(frozen=True, slots=True)
class Used:
    """What a request was granted: each scholarship with its events, and the uses as they now are."""

    scholarships: tuple[Decision[Scholarship], ...]
    uses: tuple[Use, ...]


def plan(asked: WantedUses, held: Mapping[str, Held], uses: Mapping[str, Use]) -> tuple[Planned, ...]:
    """Whether each use that is asked can be granted beside those before it (CRE-11); in the order of ``asked``.

    ``held`` are the scholarships that there are, ``uses`` what they cover of the lines that give back.
    """
    left = {id_: each.scholarship.left for id_, each in held.items()}
    back = _given_back(asked, uses)
    planned: list[Planned] = []
    for use in asked.uses:
        mine = held.get(use.scholarship)
        free = left.get(use.scholarship, 0) + sum(amount for _, amount in back[use.scholarship])
        why = _why_not(use, mine, asked) or ("not-enough" if use.amount > free else None)
        if why is not None:
            known = mine is not None and mine.scholarship.account == asked.account
            planned.append(Planned(use, free if known else 0, why))
            continue
        from_left = min(left[use.scholarship], use.amount)
        left[use.scholarship] -= from_left
        takes_over, back[use.scholarship] = _take_over(back[use.scholarship], use.amount - from_left)
        planned.append(Planned(use, free - use.amount, None, takes_over))
    return tuple(planned)


def _why_not(use: ScholarshipUse, held: Held | None, asked: WantedUses) -> ScholarshipRefusal | None:
    if held is None:
        return "unknown"
    scholarship, fund = held.scholarship, held.fund
    checks: tuple[tuple[ScholarshipRefusal, bool], ...] = (
        ("other-account", scholarship.account != asked.account),
        ("currency", scholarship.currency != asked.currency),
        ("other-member", scholarship.member not in (None, use.participant)),
        ("not-eligible", not fund.is_for(use.product, use.kind)),
        ("not-begun", asked.on < fund.first_day),
        ("ended", fund.last_day is not None and asked.on > fund.last_day),
    )
    return next((why for why, applies in checks if applies), None)


def _given_back(asked: WantedUses, uses: Mapping[str, Use]) -> defaultdict[str, list[tuple[str, int]]]:
    """By scholarship, what comes back from which lines, no more than is really used there."""
    back: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for part in asked.given_back:
        use = uses.get(part.line)
        if use is not None and use.scholarship == part.scholarship and use.account == asked.account:
            amount = min(part.amount, use.amount - use.moved)
            if amount > 0:
                back[part.scholarship].append((part.line, amount))
    return back


def _take_over(
    back: Sequence[tuple[str, int]], amount: int
) -> tuple[tuple[tuple[str, int], ...], list[tuple[str, int]]]:
    """Take ``amount`` of what comes back, in order: how much from which line, and what is then left."""
    taken, rest = [], []
    for line, offered in back:
        part = min(offered, amount)
        amount -= part
        if part:
            taken.append((line, part))
        if offered > part:
            rest.append((line, offered - part))
    return tuple(taken), rest


def use_all(
    asked: ScholarshipUseRequested, organisation: str, held: Mapping[str, Held], uses: Mapping[str, Use]
) -> Used | Decision[RefusedScholarshipUse]:
    """Have scholarships cover these parts of lines, all of them, or answer which can not (CRE-11)."""
    wanted = WantedUses(asked.account, asked.currency, asked.effective_on, asked.uses, asked.given_back)
    planned = plan(wanted, held, uses)
    refused = next((each for each in planned if each.why is not None), None)
    if refused is not None:
        return _refused(asked, refused, organisation)
    now = {id_: each.scholarship for id_, each in held.items()}
    events: defaultdict[str, list[published.ScholarshipUsed]] = defaultdict(list)
    moved = dict(uses)
    for each in planned:
        before = now[each.use.scholarship]
        scholarship = before.model_copy(update={"left": before.left - each.from_left})
        now[scholarship.id] = scholarship
        use = _use(each, scholarship, asked)
        moved[use.id] = use
        for line, amount in each.takes_over:
            moved[line] = moved[line].model_copy(update={"moved": moved[line].moved + amount})
        events[scholarship.id].append(
            published.ScholarshipUsed(
                **shared(scholarship, asked.effective_on),
                contract=asked.contract,
                line=use.id,
                product=use.product,
                amount=use.amount,
                request=asked.request,
            )
        )
    decisions = tuple(Decision(now[id_], tuple(each)) for id_, each in events.items())
    return Used(decisions, tuple(use for id_, use in moved.items() if use != uses.get(id_)))


def _use(planned: Planned, scholarship: Scholarship, asked: ScholarshipUseRequested) -> Use:
    wanted = planned.use
    return Use(
        id=wanted.line,
        organisation=scholarship.organisation,
        scholarship=scholarship.id,
        fund=scholarship.fund,
        account=scholarship.account,
        member=wanted.participant,
        contract=asked.contract,
        product=wanted.product,
        name=wanted.name,
        kind=wanted.kind,
        amount=wanted.amount,
        currency=scholarship.currency,
        used_on=asked.effective_on,
        request=asked.request,
        takes_over=planned.takes_over,
    )


def _refused(asked: ScholarshipUseRequested, planned: Planned, organisation: str) -> Decision[RefusedScholarshipUse]:
    why = planned.why or "unknown"
    refused = RefusedScholarshipUse(
        id=asked.request, organisation=organisation, contract=asked.contract, line=planned.use.line, why=why
    )
    event = published.ScholarshipUseRefused(
        request=asked.request,
        contract=asked.contract,
        line=planned.use.line,
        scholarship=planned.use.scholarship,
        amount=planned.use.amount,
        left=planned.left,
        why=why,
        effective_on=asked.effective_on,
        refusal=not_aided(asked, planned.use, why, planned.left),
    )
    return Decision(refused, (event,))


def not_aided(
    asked: ScholarshipUseRequested, use: ScholarshipUse, why: ScholarshipRefusal, left: int
) -> ServiceRefusal:
    """Why a use is refused, in words; ``left`` of the scholarship could be used, in minor units."""
    params = {"contract": asked.contract, "change": asked.request, "line": use.line, "scholarship": use.scholarship}
    refusal = scholarship_refused(why, f"“{use.name}”", params, amount=use.amount, left=left, currency=asked.currency)
    return SCHOLARSHIP_USE.refused(refusal)


def give_back(scholarship: Scholarship, use: Use, most: int, on: date) -> tuple[Use, Decision[Scholarship]]:
    """A line brings less, ``most`` at most of what the scholarship covered, or is gone: the rest comes back (CRE-11).

    What another line of the same change took over is used by that one now, and is not left.
    """
    back = use.amount - min(most, use.amount)
    if back == 0:
        return use, Decision(scholarship)
    given = use.model_copy(update={"amount": use.amount - back, "moved": 0})
    return given, _restored(scholarship, use, back, back - use.moved, on)


def withdraw(
    scholarship: Scholarship, use: Use, uses: Mapping[str, Use], on: date
) -> tuple[tuple[Use, ...], Decision[Scholarship]]:
    """A line was not added after all: the scholarship is as it was, and so is what the line had taken over (CRE-11)."""
    if use.amount == 0:
        return (), Decision(scholarship)
    kept = [
        line.model_copy(update={"moved": line.moved - amount})
        for id_, amount in use.takes_over
        if (line := uses.get(id_)) is not None
    ]
    took = sum(amount for _, amount in use.takes_over)
    gone = use.model_copy(update={"amount": 0, "takes_over": ()})
    return (gone, *kept), _restored(scholarship, use, use.amount, use.amount - took, on)


def _restored(scholarship: Scholarship, use: Use, amount: int, freed: int, on: date) -> Decision[Scholarship]:
    """``amount`` of a use comes back, of which ``freed`` is left from now on, in minor units."""
    restored = scholarship.model_copy(update={"left": scholarship.left + freed})
    event = published.ScholarshipRestored(**shared(restored, on), contract=use.contract, line=use.id, amount=amount)
    return Decision(restored, (event,))


DETAILS: Mapping[ScholarshipRefusal, str] = {
    "unknown": "The account has no such scholarship. Choose one that was awarded to it.",
    "other-account": "The account has no such scholarship. Choose one that was awarded to it.",
    "other-member": "It was awarded to another member. Use it for what that member takes part in.",
    "not-eligible": "Its fund is not for this product. Choose another scholarship, or leave it out.",
    "not-begun": "Its fund has not begun yet. Use it from its first day on.",
    "ended": "Its fund has ended. Leave the scholarship out.",
    "not-enough": "Less is left of it than is asked. Have it cover what is left, or less.",
    "currency": "It is in another currency. Leave the scholarship out.",
}
"""What to do where a scholarship does not cover what is asked, in English."""
