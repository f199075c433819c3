"""Events in: what contracts asks about scholarships, and what lines give back to them (CRE-11)."""

from collections.abc import Iterable
from typing import Any

from carnet.decisions import Context, Decision
from carnet.envelope import Received
from carnet.events import scholarship_uses as contracts
from carnet.mongo import Collection, ForeignError, Unit, Wanted
from carnet.organisations import reaction_context
from carnet.reactions import Reactions
from credits.scholarships.domain.scholarship import Scholarship, Use
from credits.scholarships.domain.using import Held, Used, give_back, use_all, withdraw
from credits.scholarships.store import FUNDS, REFUSED_SCHOLARSHIP_USES, SCHOLARSHIP_USES, SCHOLARSHIPS

SERVICE = "credits"


def held_by(unit: Unit, scholarships: Iterable[str]) -> dict[str, Held]:
    """These scholarships with their funds, where the organisation has them (ORG-1); they have to be loaded."""
    found: dict[str, Held] = {}
    for id_ in scholarships:
        scholarship = _own(unit, SCHOLARSHIPS, id_)
        fund = _own(unit, FUNDS, scholarship.fund) if scholarship is not None else None
        if scholarship is not None and fund is not None:
            found[id_] = Held(scholarship, fund)
    return found


def uses_on(unit: Unit, lines: Iterable[str]) -> dict[str, Use]:
    """What scholarships cover of these lines, where the organisation has them; loaded before."""
    return {line: use for line in lines if (use := _own(unit, SCHOLARSHIP_USES, line)) is not None}


def _own(unit: Unit, collection: Collection[Any], id_: str) -> Any:
    """The state of that id; another organisation's is as good as none (ORG-1)."""
    try:
        return unit.get(collection, id_)
    except ForeignError:
        return None


def funds_wanted(unit: Unit, scholarships: Iterable[str]) -> Wanted:
    """The funds of these scholarships, which have to be loaded."""
    return [(FUNDS, found.fund) for id_ in scholarships if (found := _own(unit, SCHOLARSHIPS, id_)) is not None]


def scholarships_on(unit: Unit, lines: Iterable[str]) -> Wanted:
    """The scholarships that cover a part of these lines; the uses have to be loaded."""
    return [(SCHOLARSHIPS, use.scholarship) for use in uses_on(unit, lines).values()]


def release(event: Received[Any], unit: Unit, line: str, most: int = 0) -> None:
    """A line is gone, or brings less: what a scholarship covers of it beyond ``most`` comes back to that (CRE-11)."""
    use = unit.get(SCHOLARSHIP_USES, line)
    scholarship = unit.get(SCHOLARSHIPS, use.scholarship) if use is not None else None
    if use is None or scholarship is None:
        return
    given, decision = give_back(scholarship, use, most, event.body.effective_on)
    _keep(unit, (decision,), (given,), reaction_context(event, SERVICE, event.body.effective_on))


def add_scholarships(table: Reactions) -> None:
    """React to what contracts asks about scholarships, and to what it says of them."""

    @table.on(contracts.ScholarshipUseRequested, loads=_asked, then_loads=_funds)
    def scholarship_use_requested(event: Received[contracts.ScholarshipUseRequested], unit: Unit) -> None:
        """Have scholarships cover parts of lines, all or none, and answer (CRE-11)."""
        body = event.body
        context = reaction_context(event, SERVICE, body.effective_on)
        held = held_by(unit, {use.scholarship for use in body.uses})
        answer = use_all(body, event.organisation, held, uses_on(unit, (part.line for part in body.given_back)))
        if isinstance(answer, Used):
            _keep(unit, answer.scholarships, answer.uses, context)
        else:
            unit.decide(REFUSED_SCHOLARSHIP_USES, answer, context)

    @table.on(contracts.ScholarshipUseWithdrawn, loads=_lines, then_loads=_all_on_them)
    def scholarship_use_withdrawn(event: Received[contracts.ScholarshipUseWithdrawn], unit: Unit) -> None:
        """The lines were not added after all (CRE-11)."""
        context = reaction_context(event, SERVICE, event.body.effective_on)
        for line in event.body.lines:
            use = unit.get(SCHOLARSHIP_USES, line)
            scholarship = unit.get(SCHOLARSHIPS, use.scholarship) if use is not None else None
            if use is not None and scholarship is not None:
                others = uses_on(unit, (id_ for id_, _ in use.takes_over))
                uses, decision = withdraw(scholarship, use, others, event.body.effective_on)
                _keep(unit, (decision,), uses, context)

    @table.on(contracts.ScholarshipReduced, loads=_line, then_loads=_on_line)
    def scholarship_reduced(event: Received[contracts.ScholarshipReduced], unit: Unit) -> None:
        """A line brings less, so a scholarship covers less of it (CRE-11)."""
        release(event, unit, event.body.line, event.body.amount_after)


def _keep(unit: Unit, decisions: Iterable[Decision[Scholarship]], uses: Iterable[Use], context: Context) -> None:
    for decision in decisions:
        unit.decide(SCHOLARSHIPS, decision, context)
    for use in uses:
        if use != unit.get(SCHOLARSHIP_USES, use.id):
            unit.put(SCHOLARSHIP_USES, use)


def _asked(event: Received[contracts.ScholarshipUseRequested]) -> Wanted:
    body = event.body
    lines = [part.line for part in body.given_back] + [use.line for use in body.uses]
    covered = ((SCHOLARSHIP_USES, line) for line in lines)
    return [*((SCHOLARSHIPS, use.scholarship) for use in body.uses), *covered]


def _funds(event: Received[contracts.ScholarshipUseRequested], unit: Unit) -> Wanted:
    return funds_wanted(unit, (use.scholarship for use in event.body.uses))


def _lines(event: Received[contracts.ScholarshipUseWithdrawn]) -> Wanted:
    return [(SCHOLARSHIP_USES, line) for line in event.body.lines]


def _all_on_them(event: Received[contracts.ScholarshipUseWithdrawn], unit: Unit) -> Wanted:
    uses = uses_on(unit, event.body.lines)
    over = [(SCHOLARSHIP_USES, line) for use in uses.values() for line, _ in use.takes_over]
    return [*scholarships_on(unit, uses), *over]


def _line(event: Received[contracts.ScholarshipReduced]) -> Wanted:
    return [(SCHOLARSHIP_USES, event.body.line)]


def _on_line(event: Received[contracts.ScholarshipReduced], unit: Unit) -> Wanted:
    return scholarships_on(unit, (event.body.line,))
