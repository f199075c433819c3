"""Events in: what is sold exists once it is paid: credits, gift cards, vouchers, packs; what others ask is answered."""

from typing import Any

from carnet.answers import forget_answers
from carnet.codes import new_code
from carnet.decisions import Decision
from carnet.envelope import Received
from carnet.events import contracts, imports, payments
from carnet.mongo import ForeignError, Unit, Wanted
from carnet.organisations import organisation_reactions, reaction_context
from carnet.reactions import Reactions
from credits.bulk.store import forget_bulk_reasons
from credits.domain.accounts import Account, DeletedSale
from credits.domain.cards import issue_card
from credits.domain.credit import Credit
from credits.domain.movements import convert, refuse, restore, take_over, use
from credits.domain.packs import edit_expiry
from credits.domain.packs import issue as issue_pack
from credits.domain.removing import RefusedRemoval, Removal, remove, remove_all
from credits.domain.selling import (
    SellingContract,
    due_cards,
    due_packs,
    due_vouchers,
    edit_last_day,
    grant,
    pay,
    reopen,
    resume,
    sell,
    unsell,
    whole_until,
)
from credits.domain.taking_back import recover, take_beyond
from credits.domain.vouchers import RefusedVoucherRemoval, code_of, issue
from credits.measures import CODE_TRIES
from credits.packs.store import PACKS, REFUSED_PACK_REMOVALS, forget_pack_notes, save_pack
from credits.redeeming import add_redeeming, count_wrong, is_blocked, tries_of, uncover, vouchers_on
from credits.scholarships.reacting import add_scholarships, release, scholarships_on
from credits.scholarships.store import SCHOLARSHIP_USES, forget_scholarship_notes
from credits.store import (
    ACCOUNTS,
    CODES,
    COVERED_LINES,
    CREDITS,
    DELETED_SALES,
    POSTPONED_GRANTS,
    REFUSED_REMOVALS,
    REFUSED_USES,
    REFUSED_VOUCHER_REMOVALS,
    SELLING,
    TRIES,
    VOUCHERS,
    forget_notes,
    save,
)

SERVICE = "credits"
SOLD_HERE = frozenset({"client_credit", "gift_card", "gift_voucher", "session_pack"})
"""The kinds of product that sell something which is listed under the name of an account."""

ACCOUNTS_TABLE = Reactions(contracts.ACCOUNTS)
CONTRACTS_TABLE = Reactions(contracts.CONTRACTS)
SCHEDULE_REACTIONS = Reactions(payments.SCHEDULES)
add_redeeming(CONTRACTS_TABLE)
add_scholarships(CONTRACTS_TABLE)
REACTIONS = (ACCOUNTS_TABLE, CONTRACTS_TABLE, SCHEDULE_REACTIONS, organisation_reactions())


def _selling(event: Received[Any]) -> Wanted:
    return [(SELLING, event.body.contract)]


def _selling_and_credit(event: Received[contracts.ProductCancelled]) -> Wanted:
    line = event.body.line
    on_line = [(collection, line) for collection in (CREDITS, COVERED_LINES, SCHOLARSHIP_USES)]
    return [(SELLING, event.body.contract), *on_line]


def _deleted(event: Received[contracts.ProductDeleted]) -> Wanted:
    return [(DELETED_SALES, event.body.line), (CREDITS, event.body.line)]


def _covering(event: Received[contracts.ProductCancelled], unit: Unit) -> Wanted:
    line = event.body.line
    return [*vouchers_on(unit, (line,)), *scholarships_on(unit, (line,))]


def _selling_and_sold(event: Received[contracts.CreditRemovalRequested]) -> Wanted:
    body = event.body
    credits_ = [(CREDITS, line) for line in (*body.lines, *body.lowered)]
    issued = [(collection, line) for collection in (VOUCHERS, PACKS) for line in body.lines]
    return [(SELLING, body.contract), *credits_, *issued, *((COVERED_LINES, line) for line in body.uncovered)]


def _account(event: Received[Any]) -> Wanted:
    return [(ACCOUNTS, event.aggregate)]


def _credit(event: Received[Any]) -> Wanted:
    return [(CREDITS, event.body.credit)]


@ACCOUNTS_TABLE.on(contracts.AccountChanged, loads=_account)
def account_changed(event: Received[contracts.AccountChanged], unit: Unit) -> None:
    """Know that the account exists; where one of its people was erased, forget what may name them (ORG-4)."""
    known = unit.get(ACCOUNTS, event.aggregate)
    erased = sum(member.erased for member in event.body.members)
    gone = known.erased_members if known is not None else 0
    account = Account(
        id=event.aggregate,
        organisation=event.organisation,
        version=event.sequence,
        erased_members=max(erased, gone),
        members=tuple(member.id for member in event.body.members if not member.erased),
    )
    unit.put(ACCOUNTS, account.keeping(known))
    if erased > gone:
        _forget(unit, account)


@ACCOUNTS_TABLE.on(contracts.AccountErased, loads=_account)
def account_erased(event: Received[contracts.AccountErased], unit: Unit) -> None:
    """Forget what may name its people (ORG-4). The account keeps its credits, so it is not forgotten itself."""
    known = unit.get(ACCOUNTS, event.aggregate) or Account(id=event.aggregate, organisation=event.organisation)
    unit.put(ACCOUNTS, known)
    _forget(unit, known)


def _forget(unit: Unit, account: Account) -> None:
    forget_notes(unit, account)
    forget_pack_notes(unit, account)
    forget_scholarship_notes(unit, account)
    forget_bulk_reasons(unit, account)
    forget_answers(unit, account.organisation, account.id)


@CONTRACTS_TABLE.on(contracts.ContractOpened, loads=_selling)
def contract_opened(event: Received[contracts.ContractOpened], unit: Unit) -> None:
    """Know up to which version the contract is whole, by its opening."""
    _grant_due(event, unit, whole_until(_of(event, unit), event.body.version))


@CONTRACTS_TABLE.on(contracts.ContractChanged, loads=_selling)
def contract_changed(event: Received[contracts.ContractChanged], unit: Unit) -> None:
    """Know that a change is whole."""
    _grant_due(event, unit, whole_until(_of(event, unit), event.body.version))


@CONTRACTS_TABLE.on(contracts.ProductAdded, loads=_selling)
def product_added(event: Received[contracts.ProductAdded], unit: Unit) -> None:
    """Await the payment of a line that sells a credit."""
    _grant_due(event, unit, sell(_of(event, unit), event.body, event.sequence))


@CONTRACTS_TABLE.on(contracts.ProductCancelled, loads=_selling_and_credit, then_loads=_covering)
def product_cancelled(event: Received[contracts.ProductCancelled], unit: Unit) -> None:
    """Await it no longer; where its credit was granted and contracts had not asked before, remove that (CRE-4).

    A voucher that covered the line can be redeemed again (CRE-9); what a scholarship covered of it comes back (CRE-11).
    """
    body = event.body
    uncover(event, unit, (body.line,))
    release(event, unit, body.line)
    _grant_due(event, unit, unsell(_of(event, unit), body.line))
    credit = unit.get(CREDITS, body.line)
    if credit is not None and credit.removed_on is None:
        save(unit, credit, remove(credit, body.effective_on), reaction_context(event, SERVICE, body.effective_on))


@CONTRACTS_TABLE.on(contracts.ProductDeleted, loads=_deleted)
def product_deleted(event: Received[contracts.ProductDeleted], unit: Unit) -> None:
    """Something sold by a line that was entered by mistake is no longer listed under anybody's name (CON-12)."""
    line, sold = event.body.line, unit.get(CREDITS, event.body.line)
    account = sold.account if sold else event.body.account
    if event.body.kind in SOLD_HERE and unit.get(DELETED_SALES, line) is None:
        unit.put(DELETED_SALES, DeletedSale(id=line, organisation=event.organisation, account=account))


@CONTRACTS_TABLE.on(contracts.CreditRemovalRequested, loads=_selling_and_sold)
def credit_removal_requested(event: Received[contracts.CreditRemovalRequested], unit: Unit) -> None:
    """Remove what the lines that are cancelled sold, all or none, and answer (CRE-4, CRE-5, CON-8, CON-11)."""
    body = event.body
    granted = {line: credit for line in (*body.lines, *body.lowered) if (credit := unit.get(CREDITS, line))}
    issued = {line: voucher for line in body.lines if (voucher := unit.get(VOUCHERS, line))}
    packs = {line: pack for line in body.lines if (pack := unit.get(PACKS, line))}
    answer = remove_all(_of(event, unit), granted, body, event.sequence, issued, packs=packs)
    context = reaction_context(event, SERVICE, body.effective_on)
    if isinstance(answer, Removal):
        _grant_due(event, unit, answer.selling)
        for decision in answer.removed:
            save(unit, granted.get(decision.state.id), decision, context)
        for removal in answer.vouchers:
            covers = issued[removal.state.id].covers if removal.state.id in issued else None
            if covers is not None:
                unit.remove(COVERED_LINES, covers.line)
            unit.decide(VOUCHERS, removal, context)
        for gone in answer.packs:
            save_pack(unit, packs.get(gone.state.id), gone, context)
        if answer.postponed is not None:
            unit.decide(POSTPONED_GRANTS, answer.postponed, context)
    elif isinstance(answer.state, RefusedRemoval):
        unit.decide(REFUSED_REMOVALS, Decision(answer.state, answer.events), context)
    elif isinstance(answer.state, RefusedVoucherRemoval):
        unit.decide(REFUSED_VOUCHER_REMOVALS, Decision(answer.state, answer.events), context)
    else:
        unit.decide(REFUSED_PACK_REMOVALS, Decision(answer.state, answer.events), context)


@CONTRACTS_TABLE.on(imports.FamilyImported, loads=lambda event: [(CREDITS, each.credit) for each in event.body.credits])
def family_imported(event: Received[imports.FamilyImported], unit: Unit) -> None:
    """Grant what the family had left of its credits in another system (IMP-1)."""
    context = reaction_context(event, SERVICE, event.body.effective_on)
    for left in event.body.credits:
        save(unit, unit.get(CREDITS, left.credit), take_over(left, event.body, event.organisation), context)


def _selling_and_pack(event: Received[contracts.ProductEdited]) -> Wanted:
    return [(SELLING, event.body.contract), (PACKS, event.body.line)]


@CONTRACTS_TABLE.on(contracts.ProductEdited, loads=_selling_and_pack)
def product_edited(event: Received[contracts.ProductEdited], unit: Unit) -> None:
    """A pack is valid until the last day that staff gives its purchase (CON-11)."""
    body = event.body
    if body.kind != "session_pack":
        return
    _grant_due(event, unit, edit_last_day(_of(event, unit), body.line, body.expires_on))
    pack = unit.get(PACKS, body.line)
    if pack is not None:
        context = reaction_context(event, SERVICE, body.effective_on)
        save_pack(unit, pack, edit_expiry(pack, body.expires_on, body.effective_on), context)


@SCHEDULE_REACTIONS.on(payments.ContractPaid, loads=_selling)
def contract_paid(event: Received[payments.ContractPaid], unit: Unit) -> None:
    """Grant what the payment covers; what was suspended can be used again (CRE-2)."""
    _grant_due(event, unit, resume(pay(_of(event, unit), event.body.covers, event.body.effective_on)))


@SCHEDULE_REACTIONS.on(payments.ContractReopened, loads=_selling)
def contract_reopened(event: Received[payments.ContractReopened], unit: Unit) -> None:
    """What is left of the credits that it sold is suspended until it is paid again (CRE-2)."""
    _grant_due(event, unit, reopen(_of(event, unit), event.body.effective_on))


@SCHEDULE_REACTIONS.on(payments.ScheduleAdjusted, loads=_selling)
def schedule_adjusted(event: Received[payments.ScheduleAdjusted], unit: Unit) -> None:
    """Grant what a change adds to a contract that stays fully paid: no ``ContractPaid`` is published then (PAY-8)."""
    balance = event.body.balance
    if balance.all_paid:
        _grant_due(event, unit, pay(_of(event, unit), event.body.covers, event.body.effective_on))


def _asked_credit(event: Received[payments.CreditUseRequested]) -> Wanted:
    tries = tries_of(event.organisation, event.actor) if event.body.code else ()
    return [(CREDITS, event.body.credit), *((TRIES, id_) for id_ in tries)]


def _selling_it(event: Received[payments.CreditUseRequested], unit: Unit) -> Wanted:
    credit = _own_credit(event, unit)
    return [(SELLING, credit.contract)] if credit is not None and credit.line and credit.contract else []


@SCHEDULE_REACTIONS.on(payments.CreditUseRequested, loads=_asked_credit, then_loads=_selling_it)
def credit_use_requested(event: Received[payments.CreditUseRequested], unit: Unit) -> None:
    """Use the credit, or answer why not (CRE-3); one whose contract is not paid any more is suspended (CRE-2).

    A wrong code of a gift card is counted as one that does not exist (CRE-8).
    """
    body = event.body
    context = reaction_context(event, SERVICE, body.effective_on)
    credit = _own_credit(event, unit)
    sold_by = credit.contract if credit is not None and credit.line else None
    selling = unit.get(SELLING, sold_by) if sold_by else None
    blocked = body.code is not None and is_blocked(unit, event.organisation, event.actor, context.now)
    suspended = selling is not None and selling.reopened_on is not None
    answer = use(credit, body, suspended=suspended, blocked=blocked)
    if body.code is not None:
        CODE_TRIES.labels(SERVICE, "paid" if isinstance(answer, Decision) else answer).inc()
    if isinstance(answer, Decision):
        save(unit, credit, answer, context)
    else:
        if answer == "unknown-code":
            count_wrong(unit, event.organisation, event.actor, context.now)
        unit.decide(REFUSED_USES, refuse(body, answer, event.organisation), context)


@SCHEDULE_REACTIONS.on(payments.CreditGivenBack, loads=_credit)
def credit_given_back(event: Received[payments.CreditGivenBack], unit: Unit) -> None:
    """Take back what the credit no longer pays (CRE-6); what is due of a reversed deposit goes from it (CRE-2)."""
    credit = unit.get(CREDITS, event.body.credit)
    context = reaction_context(event, SERVICE, event.body.effective_on)
    restored = save(unit, credit, restore(credit, event.body), context)
    recovered = recover(restored, event.body.effective_on)
    if recovered.events:
        save(unit, restored, recovered, context)


def _converted(event: Received[payments.RefundLineSettled]) -> Wanted:
    return [(CREDITS, event.body.credit), (SELLING, event.body.contract)] if event.body.credit else []


@SCHEDULE_REACTIONS.on(payments.RefundLineSettled, loads=_converted)
def refund_line_settled(event: Received[payments.RefundLineSettled], unit: Unit) -> None:
    """Grant the credit that a refund line was converted to (CRE-2, PAY-4)."""
    body = event.body
    if body.credit is not None and body.how == "converted":
        decision = convert(unit.get(CREDITS, body.credit), body, body.credit, event.organisation)
        save(unit, None, decision, reaction_context(event, SERVICE, body.effective_on))
        selling = _of(event, unit)
        unit.put(SELLING, selling.model_copy(update={"converted": (*selling.converted, body.credit)}))


def _credits_that_came_from_it(event: Received[payments.PaymentReversed], unit: Unit) -> Wanted:
    selling = unit.get(SELLING, event.body.contract)
    return [(CREDITS, credit) for credit in (selling.converted if selling else ())]


@SCHEDULE_REACTIONS.on(payments.PaymentReversed, loads=_selling, then_loads=_credits_that_came_from_it)
def payment_reversed(event: Received[payments.PaymentReversed], unit: Unit) -> None:
    """Take what the contract no longer had from what is left of the credits that came from it (PAY-13)."""
    converted = [unit.get(CREDITS, credit) for credit in reversed(_of(event, unit).converted)]
    context = reaction_context(event, SERVICE, event.body.effective_on)
    for decision in take_beyond([credit for credit in converted if credit is not None], event.body):
        save(unit, unit.get(CREDITS, decision.state.id), decision, context)


def _own_credit(event: Received[payments.CreditUseRequested], unit: Unit) -> Credit | None:
    """The credit that is asked for; another organisation's is answered as an unknown one (ORG-1)."""
    try:
        return unit.get(CREDITS, event.body.credit)
    except ForeignError:
        return None


def _of(event: Received[Any], unit: Unit) -> SellingContract:
    known = unit.get(SELLING, event.body.contract)
    return known or SellingContract(id=event.body.contract, organisation=event.organisation)


def _grant_due(event: Received[Any], unit: Unit, selling: SellingContract) -> None:
    """Keep what is now known of the contract, and grant and issue what that allows."""
    selling, cards = due_cards(selling)
    selling, due = due_vouchers(selling)
    selling, packs = due_packs(selling)
    settled, decisions = grant(selling)
    if settled != unit.get(SELLING, settled.id):
        unit.put(SELLING, settled)
    for on, decision in decisions:
        save(unit, None, decision, reaction_context(event, SERVICE, on))
    for on, card in cards:
        issued = issue_card(settled, card, new_code(), on)
        unit.put(CODES, code_of(save(unit, None, issued, reaction_context(event, SERVICE, on))))
    for on, sold in due:
        voucher = unit.decide(VOUCHERS, issue(settled, sold, new_code(), on), reaction_context(event, SERVICE, on))
        unit.put(CODES, code_of(voucher))
    for on, pack in packs:
        save_pack(unit, None, issue_pack(settled, pack, on), reaction_context(event, SERVICE, on))
