"""The decisions on a contract: open it, change it in one go, cancel it whole (CON-1, CON-4, CON-22)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from carnet.decisions import Context, Decision
from carnet.events.contracts import ContractCancelled, ContractChanged, ContractOpened, Mode, Sale
from carnet.money import LARGEST
from carnet.refusals import conflict, invalid
from carnet.sales import check_sale
from contracts.contracts.domain.apart import (
    refuse_beside,
    refuse_deletion,
    refuse_mixed,
    refuse_moved_end,
    refuse_on_subscription,
    refuse_period,
    refuse_unfit,
    subscribed,
)
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Draft, Edit
from contracts.contracts.domain.marks import refuse_invoiced
from contracts.contracts.domain.pending import refuse_pending
from contracts.contracts.domain.products import Addition, FreeLine, Offer, PlanChange

LINES_PER_CHANGE = 100
LINES_PER_CONTRACT = 500
"""Lines that a contract may have had, cancelled ones included; so its document stays bounded."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A contract to open: how it is paid, what is bought, free lines, discounts to place by product id."""

    mode: Mode
    sale: Sale
    currency: str
    add: tuple[Addition, ...]
    discounts: tuple[str, ...] = ()
    free: tuple[FreeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change: lines to cancel in whatever order, edits, additions, free lines, discounts to place by product id.

    ``delete`` are lines that were entered by mistake (CON-12): they are cancelled, unless they are, and seen no more.
    """

    cancel: tuple[str, ...] = ()
    edit: tuple[Edit, ...] = ()
    add: tuple[Addition, ...] = ()
    discounts: tuple[str, ...] = ()
    free: tuple[FreeLine, ...] = ()
    delete: tuple[str, ...] = ()
    plans: tuple[PlanChange, ...] = ()
    """Online plans to change for others of the same member (CON-19)."""

    @property
    def only_takes_off(self) -> bool:
        """Whether it cancels or deletes, and adds and edits nothing."""
        return not (self.edit or self.add or self.discounts or self.free or self.plans)


def open_contract(opening: Opening, offer: Offer, context: Context) -> Decision[Contract]:
    """Open a contract for the account of ``offer``, effective today, with at least one line (CON-1, CON-9)."""
    if offer.account.erased:
        raise conflict(
            "account-erased",
            "This account was erased: open the contract for another account.",
            rule="ORG-4",
            account=offer.account.id,
        )
    if not opening.add and not opening.free:
        raise invalid("no-lines", "A contract is opened with at least one line: name what is bought.", rule="CON-1")
    _check_size(len(opening.add) + len(opening.free) + len(opening.discounts))
    draft = Draft(
        Contract(
            id=context.new_id(),
            organisation=offer.account.organisation,
            account=offer.account.id,
            mode=opening.mode,
            sale=opening.sale,
            currency=opening.currency,
            opened_on=context.today,
        ),
        context,
    )
    subscription = subscribed(opening.add, offer)
    if subscription is None:
        _add(draft, opening, offer)
    else:
        refuse_beside(subscription, len(opening.add) + len(opening.free) + len(opening.discounts) - 1, offer)
        refuse_unfit(subscription, opening.sale, offer, context)
        draft.subscribe(subscription, offer)
        _check_total(draft.contract)
    contract = draft.contract
    check_sale(opening.mode, opening.sale, contract.total, context.today)
    version = 1 + len(draft.events)
    opened = ContractOpened(
        contract=contract.id,
        account=contract.account,
        mode=contract.mode,
        sale=contract.sale,
        currency=contract.currency,
        total=contract.total,
        live_lines=contract.live_lines,
        effective_on=context.today,
        version=version,
        terms=contract.terms(version),
    )
    return Decision(contract, (opened, *draft.events))


def change_contract(contract: Contract, change: Change, offer: Offer, context: Context) -> Decision[Contract]:
    """Apply one change: discounts are cancelled, then lines, edits, additions, then discounts placed (CON-4).

    At the end come scholarships (CRE-11).

    What was entered by mistake is deleted once it is cancelled (CON-12). An online plan that is changed for another one
    is cancelled with the lines, and the other one added first (CON-19).

    Refused whole where one of its steps is, where it would change nothing, and while another one is pending. Of a
    contract that is cancelled, lines are only cancelled or deleted, such as its fee (CON-22).
    """
    if contract.cancelled and change.only_takes_off:
        refuse_pending(contract)
    else:
        refuse_closed(contract)
    old_plans = [plan.line for plan in change.plans]
    _check_named_once([*change.cancel, *change.delete, *(edit.line for edit in change.edit), *old_plans])
    named = (change.cancel, change.delete, change.edit, change.add, change.free, change.discounts)
    _check_size(sum(len(each) for each in named) + 2 * len(change.plans))
    refuse_mixed(contract, change.add, len(change.free) + len(change.discounts), offer)
    draft = Draft(contract, context)
    for line in change.cancel:
        refuse_period(draft.known(line))
    for line in change.delete:
        refuse_deletion(contract, draft.known(line))
    for each in change.edit:
        refuse_moved_end(draft.known(each.line), each)
    replaced = [draft.line(line) for line in old_plans]
    _cancel(draft, [*change.cancel, *draft.live(change.delete), *old_plans])
    for line in change.delete:
        draft.delete(line)
    for edit in change.edit:
        draft.edit(edit)
    for before, plan in zip(replaced, change.plans, strict=True):
        draft.change_plan(before, plan.to, offer)
    _add(draft, change, offer)
    if not draft.events:
        raise invalid("nothing-to-change", "The change would leave everything as it is: name what it changes.")
    after = whole(draft)
    refuse_invoiced(contract, after)
    _check_room(after)
    return Decision(after, (*draft.events, changed(contract, after, draft, 1, context)))


def cancel_contract(contract: Contract, context: Context, fees: tuple[FreeLine, ...] = ()) -> Decision[Contract]:
    """Cancel all live lines, discounts first, and close the contract; ``fees`` are all that is left of it (CON-22).

    A session pack that was used is cancelled with a fee only (CON-8). The contract of a subscription takes none: its
    own cancellation has one (CON-17).
    """
    refuse_closed(contract)
    if fees:
        refuse_on_subscription(contract)
    _check_size(len(fees))
    draft = Draft(contract, context)
    _cancel(draft, [line.id for line in contract.live])
    for fee in fees:
        draft.add_free(fee)
    _check_total(draft.contract)
    _check_room(draft.contract)
    after = whole(draft).model_copy(update={"cancelled_on": context.today})
    refuse_invoiced(contract, after)
    cancelled = ContractCancelled(contract=after.id, account=after.account, effective_on=context.today)
    return Decision(after, (*draft.events, changed(contract, after, draft, 2, context), cancelled))


def whole(draft: Draft) -> Contract:
    """The contract once all steps are taken: what was refused before is of no interest any more."""
    return draft.contract.model_copy(update={"refused_change": None, "last_whole": None})


def changed(before: Contract, after: Contract, draft: Draft, closing: int, context: Context) -> ContractChanged:
    """The event that makes a change whole; ``closing`` counts it and what follows it."""
    version = before.version + len(draft.events) + closing
    return ContractChanged(
        contract=after.id,
        account=after.account,
        mode=after.mode,
        currency=after.currency,
        total_before=before.total,
        total_after=after.total,
        live_lines=after.live_lines,
        effective_on=context.today,
        version=version,
        terms=after.terms(version),
    )


def _cancel(draft: Draft, line_ids: Iterable[str]) -> None:
    lines = [draft.line(line_id) for line_id in line_ids]
    for line in sorted(lines, key=lambda line: not line.discount):
        draft.cancel(line)


def _add(draft: Draft, asked: Opening | Change, offer: Offer) -> None:
    for addition in asked.add:
        draft.add(addition, offer)
    for line in asked.free:
        draft.add_free(line)
    _check_total(draft.contract)  # discounts only lower it
    for product in asked.discounts:
        draft.place(offer.on_sale(product))
    draft.aid()


def refuse_closed(contract: Contract) -> None:
    """Refuse every change while one waits for another service, and of a contract that is cancelled (CON-22)."""
    refuse_pending(contract)
    if contract.cancelled:
        raise conflict(
            "contract-cancelled",
            "The contract is cancelled: what is left on it, such as a fee, can be cancelled. For anything else, open "
            "another one.",
            rule="CON-22",
            contract=contract.id,
        )


def _check_named_once(line_ids: Iterable[str]) -> None:
    twice = [line for line, times in Counter(line_ids).items() if times > 1]
    if twice:
        raise invalid("line-named-twice", "A change names a line once: cancel or edit it.", rule="CON-4", lines=twice)


def _check_size(lines: int) -> None:
    if lines > LINES_PER_CHANGE:
        raise invalid(
            "change-too-large",
            f"One change takes at most {LINES_PER_CHANGE} lines: make several changes of it.",
            lines=lines,
            most=LINES_PER_CHANGE,
        )


def _check_room(contract: Contract) -> None:
    if len(contract.lines) > LINES_PER_CONTRACT:
        raise conflict(
            "contract-full",
            f"A contract has at most {LINES_PER_CONTRACT} lines, cancelled ones included: open another one.",
            contract=contract.id,
            most=LINES_PER_CONTRACT,
        )


def _check_total(contract: Contract) -> None:
    if contract.total > LARGEST:
        raise invalid(
            "total-too-large",
            "The total would be above what Carnet takes: check the prices.",
            rule="MON-1",
            total=contract.total,
            most=LARGEST,
        )
