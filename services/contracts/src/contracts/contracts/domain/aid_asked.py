"""What a change, or an opening, asks of credits about scholarships, and how a refusal reads (CRE-11)."""

from collections.abc import Iterator

from carnet.decisions import Context
from carnet.events.scholarship_uses import (
    ScholarshipPart,
    ScholarshipUse,
    ScholarshipUseRequested,
    ScholarshipUseWithdrawn,
)
from carnet.events.scholarships import ScholarshipUseRefused
from carnet.refusals import Refusal
from carnet.requests.causes import SCHOLARSHIP_USE
from carnet.requests.together import Ask
from carnet.requests.uncovered import scholarship_refused
from contracts.contracts.domain.contracts import Contract, Line


def ask_use(before: Contract | None, after: Contract, context: Context) -> Ask | None:
    """The uses of scholarships that the lines added by a change need; None if it adds none with a scholarship."""
    uses = uses_of(before, after)
    if not uses:
        return None
    lines = tuple(use.line for use in uses)
    shared = {"contract": after.id, "account": after.account, "request": context.change}
    requested = ScholarshipUseRequested(
        **shared,
        currency=after.currency,
        uses=uses,
        given_back=given_back(before, after, {use.scholarship for use in uses}),
        effective_on=context.today,
    )
    withdrawn = ScholarshipUseWithdrawn(**shared, lines=lines, effective_on=context.today)
    return Ask(SCHOLARSHIP_USE, lines, requested, withdrawn)


def uses_of(before: Contract | None, after: Contract) -> tuple[ScholarshipUse, ...]:
    """What scholarships are to cover of the lines that ``after`` has and ``before`` had not."""
    known = {line.id for line in before.lines} if before else set()
    return tuple(
        ScholarshipUse(
            line=line.id,
            scholarship=line.aid.scholarship,
            product=line.purchase.product,
            name=line.purchase.name,
            kind=line.purchase.kind,
            participant=line.purchase.participant,
            amount=line.aid.amount,
        )
        for line in after.live
        if line.aid is not None and line.id not in known
    )


def given_back(before: Contract | None, after: Contract, scholarships: set[str]) -> tuple[ScholarshipPart, ...]:
    """What a change gives back to these scholarships, by lines that it cancels or that bring less."""
    return tuple(part for part in _given_back(before, after) if part.scholarship in scholarships)


def _given_back(before: Contract | None, after: Contract) -> Iterator[ScholarshipPart]:
    now = {line.id: line.aided for line in after.live}
    for line in before.live if before else ():
        if line.aid is not None and (back := line.aid.amount - now.get(line.id, 0)) > 0:
            yield ScholarshipPart(line=line.id, scholarship=line.aid.scholarship, amount=back)


def not_aided(contract: Contract, answer: ScholarshipUseRefused) -> Refusal:
    """The refusal of an opening or a change whose scholarship does not cover what is asked (CRE-11)."""
    params = {
        "contract": answer.contract,
        "change": answer.request,
        "line": answer.line,
        "scholarship": answer.scholarship,
    }
    return scholarship_refused(
        answer.why,
        _name(contract, answer.line),
        params,
        amount=answer.amount,
        left=answer.left,
        currency=contract.currency,
    )


def _name(contract: Contract, line_id: str) -> str:
    found: Line | None = next((line for line in contract.all_lines if line.id == line_id), None)
    return f"“{found.purchase.name}”" if found else "the line"
