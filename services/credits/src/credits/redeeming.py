"""Presented codes: what is loaded to look one up, and what contracts asks about vouchers by events (CRE-8, CRE-9)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from carnet.decisions import Context, Decision
from carnet.envelope import Received
from carnet.events import contracts
from carnet.mongo import ForeignError, Unit, Wanted
from carnet.organisations import reaction_context
from carnet.reactions import Reactions
from credits.domain.cards import PresentedCard
from credits.domain.vouchers import (
    MOST_OF_CALLER,
    MOST_OF_ORGANISATION,
    CodeOf,
    Presented,
    Redeemed,
    redeem_all,
    restore,
    too_many,
    tried,
)
from credits.measures import CODE_TRIES
from credits.store import CODES, COVERED_LINES, CREDITS, REFUSED_REDEMPTIONS, SELLING, TRIES, VOUCHERS

SERVICE = "credits"


def tries_of(organisation: str, caller: str) -> dict[str, int]:
    """What counts wrong codes: of the caller and of the organisation, each with how many are too many."""
    return {f"{organisation}/{caller}": MOST_OF_CALLER, organisation: MOST_OF_ORGANISATION}


def is_blocked(unit: Unit, organisation: str, caller: str, now: datetime) -> bool:
    """Whether so many wrong codes were tried that none is looked up; what counts them has to be loaded."""
    return any(too_many(unit.get(TRIES, id_), most, now) for id_, most in tries_of(organisation, caller).items())


def count_wrong(unit: Unit, organisation: str, caller: str, now: datetime) -> None:
    """Count a code that does not exist."""
    for id_ in tries_of(organisation, caller):
        unit.put(TRIES, tried(unit.get(TRIES, id_), id_, organisation, now))


def presented_by(unit: Unit, digest: str) -> Presented | PresentedCard | None:
    """The voucher or the gift card of a code, with whether it is suspended; None if there is none.

    All of it has to be loaded.
    """
    code = _code(unit, digest)
    if code is None:
        return None
    selling = unit.get(SELLING, code.contract)
    suspended = selling is not None and selling.reopened_on is not None
    if code.card:
        card = unit.get(CREDITS, code.voucher)
        return None if card is None else PresentedCard(card, suspended=suspended)
    voucher = unit.get(VOUCHERS, code.voucher)
    return None if voucher is None else Presented(voucher, suspended=suspended)


def of_codes(unit: Unit, digests: Iterable[str]) -> Wanted:
    """The vouchers and the gift cards of these codes, and the contracts that sold them."""
    codes = [code for digest in digests if (code := _code(unit, digest))]
    held = [(CREDITS if code.card else VOUCHERS, code.voucher) for code in codes]
    return [*held, *((SELLING, code.contract) for code in codes)]


def _code(unit: Unit, digest: str) -> CodeOf | None:
    """What is known of a code; another organisation's is as good as none (ORG-1)."""
    try:
        return unit.get(CODES, digest)
    except ForeignError:
        return None


def vouchers_on(unit: Unit, lines: Iterable[str]) -> Wanted:
    """The vouchers that cover these lines."""
    return [(VOUCHERS, covered.voucher) for line in lines if (covered := unit.get(COVERED_LINES, line))]


def uncover(event: Received[Any], unit: Unit, lines: Iterable[str]) -> None:
    """These lines are gone, or were not added after all: what covered them can be redeemed again (CRE-9)."""
    for line in lines:
        covered = unit.get(COVERED_LINES, line)
        if covered is None:
            continue
        unit.remove(COVERED_LINES, line)
        decision = restore(unit.get(VOUCHERS, covered.voucher), line, event.body.effective_on)
        if decision is not None:
            unit.decide(VOUCHERS, decision, reaction_context(event, SERVICE, event.body.effective_on))


def add_redeeming(table: Reactions) -> None:
    """React to what contracts asks about vouchers."""

    @table.on(contracts.VoucherRedemptionRequested, loads=_codes, then_loads=_vouchers)
    def voucher_redemption_requested(event: Received[contracts.VoucherRedemptionRequested], unit: Unit) -> None:
        """Have the vouchers cover the lines, all or none, and answer (CRE-9)."""
        body, organisation = event.body, event.organisation
        context = reaction_context(event, SERVICE, body.effective_on)
        presented = {each.code: found for each in body.redemptions if (found := presented_by(unit, each.code))}
        blocked = is_blocked(unit, organisation, event.actor, context.now)
        answer = redeem_all(body, presented, organisation, blocked=blocked)
        if isinstance(answer, Decision):
            if answer.state.why == "unknown":
                count_wrong(unit, organisation, event.actor, context.now)
            CODE_TRIES.labels(SERVICE, answer.state.why).inc()
            unit.decide(REFUSED_REDEMPTIONS, answer, context)
            return
        _keep(unit, answer, context)

    @table.on(contracts.VoucherRedemptionWithdrawn, loads=_lines, then_loads=_covering)
    def voucher_redemption_withdrawn(event: Received[contracts.VoucherRedemptionWithdrawn], unit: Unit) -> None:
        """The lines were not added after all (CRE-9)."""
        uncover(event, unit, event.body.lines)


def _keep(unit: Unit, answer: Redeemed, context: Context) -> None:
    for decision in answer.vouchers:
        CODE_TRIES.labels(SERVICE, "redeemed").inc()
        unit.decide(VOUCHERS, decision, context)
    for line in answer.lines:
        unit.put(COVERED_LINES, line)


def _codes(event: Received[contracts.VoucherRedemptionRequested]) -> Wanted:
    tries = tries_of(event.organisation, event.actor)
    return [*((CODES, each.code) for each in event.body.redemptions), *((TRIES, id_) for id_ in tries)]


def _vouchers(event: Received[contracts.VoucherRedemptionRequested], unit: Unit) -> Wanted:
    return of_codes(unit, (each.code for each in event.body.redemptions))


def _lines(event: Received[contracts.VoucherRedemptionWithdrawn]) -> Wanted:
    return [(COVERED_LINES, line) for line in event.body.lines]


def _covering(event: Received[contracts.VoucherRedemptionWithdrawn], unit: Unit) -> Wanted:
    return vouchers_on(unit, event.body.lines)
