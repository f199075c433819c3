"""Purchases that an invoice bears: marked as payments asks, and left as they are until a credit note (INV-4, CON-8)."""

from collections.abc import Callable, Collection, Iterable
from itertools import islice

from carnet.decisions import Context, Decision
from carnet.events.contracts import LinesMarked, LinesUnmarked, MarkedDiscount, MarkedLine, MarkRefused
from carnet.events.payments import InvoiceMarkRequested
from carnet.refusals import Refusal, conflict, unknown
from carnet.requests.causes import INVOICE_MARK
from contracts.contracts.domain.contracts import Contract, DepositMark, InvoiceMark, Line
from contracts.contracts.domain.discounts import bearing, nets
from contracts.contracts.domain.pending import made
from contracts.contracts.domain.purchases import paid_parts, payment_statuses

MOST_MARKED = 100
"""Lines of one invoice at most."""

MOST_BYTES = 240 * 1024
"""What the lines of one invoice may take in the event that answers: it may have 256 KB, with all discounts on them."""


def mark(contract: Contract, asked: InvoiceMarkRequested, context: Context) -> Decision[Contract]:
    """Answer a request to mark purchases, all that it names or none (INV-4).

    If ``asked.lines`` is empty, all paid purchases without an invoice but those left out, the oldest first, as many as
    one invoice holds. For a deposit invoice the purchase of which a part is paid in advance, and only that part.
    """
    advance, more = 0, False
    try:
        if asked.deposit:
            line, advance = _paid_in_advance(contract, asked)
            chosen, lines = [line], _shown(contract, [line], advance)
            marked = _marked(contract, {line.id}, _with_deposit(DepositMark(request=asked.request, amount=advance)))
        else:
            found = _chosen(contract, asked)
            lines = _shown(contract, found)
            chosen, more = found[: len(lines)], len(lines) < len(found)
            if more and asked.lines:
                raise _too_many(contract, len(lines))
            marked = _marked(contract, {line.id for line in chosen}, _with(InvoiceMark(request=asked.request)))
        _refuse_crossing(contract, marked, chosen)
    except Refusal as refusal:
        return _answered(contract, _refused(contract, asked, refusal))
    event = LinesMarked(
        contract=contract.id,
        account=contract.account,
        currency=contract.currency,
        request=asked.request,
        lines=lines,
        more=more,
        deposit=asked.deposit,
        effective_on=context.today,
    )
    return _answered(marked, event)


def note_invoice(contract: Contract, request: str, lines: Collection[str], invoice: str, number: str) -> Contract:
    """The contract once the lines marked by ``request`` have their invoice."""
    known = {"invoice": invoice, "number": number}

    def noted(line: Line) -> Line:
        mark_, deposits = line.invoice, line.deposits
        if mark_ is not None and mark_.request == request:
            mark_ = mark_.model_copy(update=known)
        deposits = tuple(each.model_copy(update=known) if each.request == request else each for each in deposits)
        return line.model_copy(update={"invoice": mark_, "deposits": deposits})

    return _marked(contract, lines, noted)


def unmark(contract: Contract, lines: Collection[str], ended: str, context: Context) -> Decision[Contract]:
    """An invoice bears these lines no more, or they are not invoiced after all (INV-3).

    ``ended`` is that invoice, or the request that marked them. The invoice of a whole purchase had deducted its deposit
    invoices, so their marks end with it; a request that failed leaves them.
    """
    ending = {line.id: found for line in contract.lines if line.id in lines and (found := _ending(line, ended))}
    if not ending:
        return Decision(contract)
    requests = dict.fromkeys(request for found in ending.values() for request in found)
    events = tuple(
        LinesUnmarked(
            contract=contract.id,
            account=contract.account,
            request=request,
            lines=tuple(line for line, found in ending.items() if request in found),
            effective_on=context.today,
        )
        for request in requests
    )

    def left(line: Line) -> Line:
        gone, mark_ = ending[line.id], line.invoice
        kept = {
            "invoice": None if mark_ is not None and mark_.request in gone else mark_,
            "deposits": tuple(each for each in line.deposits if each.request not in gone),
        }
        return line.model_copy(update=kept)

    unmarked = _marked(contract, ending, left)
    return Decision(unmarked.model_copy(update={"last_whole": contract.whole_version}), events)


def _ending(line: Line, ended: str) -> list[str]:
    """The requests of the marks of a line that end with an invoice, or with a request."""
    mark_ = line.invoice
    if mark_ is not None and ended in {mark_.invoice, mark_.request}:
        deducted = line.deposits if ended == mark_.invoice else ()
        return [mark_.request, *(each.request for each in deducted)]
    return [each.request for each in line.deposits if ended in {each.invoice, each.request}]


def refuse_invoiced(before: Contract, after: Contract) -> None:
    """Refuse a change that touches a purchase which a live invoice bears, or what it brings (CON-8, CON-11, INV-4).

    Staff's notes are not on the invoice, and can be changed.
    """
    left = {line.id: line for line in after.lines}
    brought, brings = nets(before.lines), nets(after.lines)
    for line in before.lines:
        if not line.invoiced or not line.live:
            continue
        now = left[line.id]
        if not now.live or now.purchase != line.purchase or brings.get(line.id) != brought[line.id]:
            raise line_invoiced(line)
        if _discounted_by(line, before.lines) != _discounted_by(now, after.lines):
            raise line_invoiced(line)


def line_invoiced(line: Line) -> Refusal:
    """The refusal of what an invoice prevents."""
    name = line.purchase.name
    mark_ = line.invoice or (line.deposits[-1] if line.deposits else InvoiceMark(request=""))
    if mark_.number is None:
        return conflict(
            "line-invoiced",
            f"“{name}” is being invoiced: try again in a moment, and cancel that line of the invoice by a credit note "
            "first.",
            rule="INV-4",
            line=line.id,
            invoice=None,
            number=None,
        )
    return conflict(
        "line-invoiced",
        f"“{name}” is on the invoice {mark_.number}: cancel that line of it by a credit note first.",
        rule="INV-4",
        line=line.id,
        invoice=mark_.invoice,
        number=mark_.number,
    )


def _shown(contract: Contract, lines: Iterable[Line], advance: int = 0) -> tuple[MarkedLine, ...]:
    """The first of these lines, as the answer shows them: one at least, and as many as one invoice holds."""
    brought, shown, size = nets(contract.lines), list[MarkedLine](), 0
    for line in islice(lines, MOST_MARKED):
        marked = MarkedLine(
            purchase=line.purchase,
            discounts=_discounts(line, contract.lines),
            net=brought[line.id],
            advance=advance,
            deposits=tuple(each.invoice for each in line.deposits if each.invoice),
        )
        size += len(marked.model_dump_json().encode())
        if shown and size > MOST_BYTES:
            break
        shown.append(marked)
    return tuple(shown)


def _too_many(contract: Contract, most: int) -> Refusal:
    return conflict(
        "invoice-too-large",
        f"These purchases have so many discounts that one invoice does not hold all of them: ask for {most} at a time, "
        "or for all that are paid, which makes several invoices.",
        rule="INV-4",
        contract=contract.id,
        most=most,
    )


def _chosen(contract: Contract, asked: InvoiceMarkRequested) -> list[Line]:
    """The purchases to mark, the oldest first."""
    statuses, brought = payment_statuses(contract, asked.paid), nets(contract.lines)
    if not asked.lines:
        found = [
            line
            for line in contract.live
            if statuses.get(line.id) == "paid" and brought[line.id] and _free(line) and not line.sells_money
            if line.id not in asked.left_out
        ]
        if not found:
            raise conflict(
                "nothing-to-invoice",
                "The contract has no paid purchase without an invoice. What sells a client credit or a gift card "
                "is not invoiced: the invoice is for what it buys.",
                rule="INV-1",
                contract=contract.id,
            )
        return found
    lines = {line.id: line for line in contract.lines if not line.discount}
    chosen = [lines[line] if line in lines else _no_line(line) for line in dict.fromkeys(asked.lines)]
    for line in chosen:
        _refuse_unpaid(line, statuses.get(line.id), brought.get(line.id, 0))
    return sorted(chosen, key=list(lines.values()).index)


def _free(line: Line) -> bool:
    """Whether the line can go on an invoice: none bears it, and none is being issued of it."""
    return line.invoice is None and all(each.invoice for each in line.deposits)


def _paid_in_advance(contract: Contract, asked: InvoiceMarkRequested) -> tuple[Line, int]:
    """The purchase that is paid in part, and what of that is on no deposit invoice: one at most has any (PAY-14)."""
    parts, brought = paid_parts(contract, asked.paid), nets(contract.lines)
    for line in contract.live:
        advance = parts.get(line.id, 0) - line.on_deposits
        if advance > 0 and parts[line.id] < brought[line.id] and _free(line) and not line.sells_money:
            return line, advance
    raise conflict(
        "nothing-in-advance",
        "No purchase of the contract is paid in part without a deposit invoice: invoice what is paid whole, and a "
        "deposit once a part of the next purchase is paid.",
        rule="INV-1",
        contract=contract.id,
    )


def _no_line(line: str) -> Line:
    raise unknown("line", line)


def _refuse_unpaid(line: Line, status: str | None, net: int) -> None:
    name = line.purchase.name
    if not _free(line):
        raise line_invoiced(line)
    if not line.live:
        raise conflict(
            "line-cancelled",
            f"“{name}” is already cancelled: leave it out.",
            rule="CON-6",
            line=line.id,
        )
    if line.sells_money or not net:
        raise conflict(
            "line-without-invoice",
            f"“{name}” has no invoice: what sells a client credit or a gift card is invoiced when that is used, and "
            "what costs nothing is not invoiced. Leave it out.",
            rule="INV-1",
            line=line.id,
        )
    if status != "paid":
        raise conflict(
            "line-not-paid",
            f"“{name}” is not paid yet: it can be invoiced once it is.",
            rule="PAY-14",
            line=line.id,
        )


def _refuse_crossing(contract: Contract, marked: Contract, chosen: Iterable[Line]) -> None:
    """Refuse lines that a change which waits for another service touches, or of which it changes what they bring."""
    if contract.pending is None:
        return
    touched = {line.id for line in contract.pending.lines}
    crossing = any(line.id in touched for line in chosen)
    try:
        refuse_invoiced(marked, made(marked, contract.pending))
    except Refusal:
        crossing = True
    if crossing:
        raise conflict(
            "change-pending",
            "A change of these purchases waits until another service has answered: invoice them in a moment.",
            rule="INV-4",
            contract=contract.id,
            change=contract.pending.change,
        )


def _discounts(line: Line, lines: Iterable[Line]) -> tuple[MarkedDiscount, ...]:
    """What discounts take off the line, and what a scholarship covers of it (CRE-11)."""
    placed = tuple(
        MarkedDiscount(name=discount.purchase.name, amount=share.amount)
        for discount in bearing(line.id, lines)
        for share in discount.shares
        if share.line == line.id and share.amount
    )
    if line.aid is None:
        return placed
    return (*placed, MarkedDiscount(name="scholarship", amount=line.aid.amount, scholarship=True))


def _discounted_by(line: Line, lines: Iterable[Line]) -> set[str]:
    """The discounts in force that take something off the line."""
    return {
        discount.id
        for discount in bearing(line.id, lines)
        for share in discount.shares
        if share.line == line.id and share.amount
    }


def _with(mark_: InvoiceMark) -> Callable[[Line], Line]:
    return lambda line: line.model_copy(update={"invoice": mark_})


def _with_deposit(mark_: DepositMark) -> Callable[[Line], Line]:
    return lambda line: line.model_copy(update={"deposits": (*line.deposits, mark_)})


def _marked(contract: Contract, lines: Collection[str], change: Callable[[Line], Line]) -> Contract:
    """The contract with these lines changed, also where a change that waits has them with other notes."""

    def marked(kept: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(change(line) if line.id in lines else line for line in kept)

    pending = contract.pending
    if pending is not None:
        pending = pending.model_copy(update={"lines": marked(pending.lines)})
    return contract.model_copy(update={"lines": marked(contract.lines), "pending": pending})


def _refused(contract: Contract, asked: InvoiceMarkRequested, refusal: Refusal) -> MarkRefused:
    return MarkRefused(
        contract=contract.id,
        account=contract.account,
        request=asked.request,
        refusal=INVOICE_MARK.refused(refusal),
        effective_on=asked.effective_on,
    )


def _answered(contract: Contract, event: LinesMarked | MarkRefused) -> Decision[Contract]:
    """An answer moves the version and not the schedule."""
    return Decision(contract.model_copy(update={"last_whole": contract.whole_version}), (event,))
