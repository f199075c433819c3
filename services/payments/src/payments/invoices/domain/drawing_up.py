"""Documents from lines whose prices include VAT (MON-2, MON-4, INV-1, INV-3).

VAT is rounded once per rate, never per line: half up of gross × rate / (1 + rate). The net amount of a rate is what
remains, and its lines share it by their gross amounts. No function here knows a clock, a number or a language.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carnet.money import split
from payments.invoices.domain.document import (
    Discount,
    Document,
    Line,
    Numbered,
    Particulars,
    Supplies,
    Vat,
    VatTotal,
)

DEPOSIT = "deposit"
"""The kind of the line of a deposit invoice, and of what a credit note takes of one: the books have it as received in
advance and not as sold (INV-7)."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A line before its amounts without VAT are known. ``gross`` is what is charged, its discounts taken off."""

    id: str
    name: str
    gross: int
    vat: Vat
    detail: str | None = None
    discounts: tuple[tuple[str, int], ...] = ()
    """The name of each and what it takes off, VAT included."""
    supplies: Literal["goods", "services"] = "services"
    kind: str | None = None
    """The kind of product."""


def vat_within(gross: int, rate: int) -> int:
    """The VAT that a gross amount includes at a rate in basis points, rounded half up (MON-4).

    >>> vat_within(12000, 2000), vat_within(100, 550)
    (2000, 5)
    """
    whole = 10_000 + rate
    return (2 * gross * rate + whole) // (2 * whole)


def by_exemption(lines: Iterable[Sold]) -> list[tuple[Sold, ...]]:
    """The lines of each invoice that is needed, since one invoice gives one reason of exemption at most.

    What is taxed is on the first. The order of the lines stays.
    """
    kept = list(lines)
    reasons = list(dict.fromkeys(line.vat.exemption for line in kept if line.vat.exemption))
    if len(reasons) < 2:
        return [tuple(kept)] if kept else []
    return [tuple(line for line in kept if (line.vat.exemption or reasons[0]) == reason) for reason in reasons]


def invoice(
    particulars: Particulars,
    numbered: Numbered,
    lines: Sequence[Sold],
    *,
    supplied_on: date,
    supplied_until: date | None = None,
    paid: int | None = None,
    paid_on: date | None = None,
    due_on: date | None = None,
    deposits: Sequence[Document] = (),
) -> Document:
    """An invoice of these lines (INV-1); with ``deposits`` the final one, which settles them.

    ``paid`` is what was paid of it, deposits too; None for all. Raises ``ValueError`` for no lines, for more paid than
    the lines cost, for several reasons of exemption.
    """
    made = _with_amounts(lines, _taxes(lines))
    gross = sum(line.gross for line in made)
    prepaid = gross if paid is None else paid
    if not 0 <= prepaid <= gross:
        raise ValueError("an invoice is paid from nothing to its whole amount")
    stage: Literal["1", "2", "4"] = "4" if deposits else "2" if prepaid == gross else "1"
    return _document(
        "invoice",
        particulars,
        numbered,
        made,
        supplied_on=supplied_on,
        supplied_until=supplied_until,
        paid_on=paid_on if prepaid == gross else None,
        due_on=due_on,
        prepaid=prepaid,
        stage=stage,
        preceding=tuple(each.named() for each in deposits),
    )


def deposit_invoice(particulars: Particulars, numbered: Numbered, lines: Sequence[Sold], *, paid_on: date) -> Document:
    """An invoice of a deposit that was paid; its lines are those of ``deposit_lines``."""
    made = _with_amounts(lines, _taxes(lines))
    return _document(
        "deposit_invoice",
        particulars,
        numbered,
        made,
        supplied_on=paid_on,
        paid_on=paid_on,
        prepaid=sum(line.gross for line in made),
        stage="2",
    )


def deposit_lines(amount: int, lines: Sequence[Sold], *, name: str) -> list[Sold]:
    """A deposit of ``amount`` on what is to be sold: one line per VAT treatment, by MON-2 over what each costs."""
    costs: dict[tuple[Vat, Literal["goods", "services"]], list[Sold]] = {}
    for line in lines:
        costs.setdefault((line.vat, line.supplies), []).append(line)
    shares = split(amount, [sum(each.gross for each in group) for group in costs.values()])
    return [
        Sold(
            id=group[0].id,
            name=name,
            gross=share,
            vat=vat,
            detail=", ".join(dict.fromkeys(each.name for each in group)),
            supplies=supplies,
            kind=DEPOSIT,
        )
        for ((vat, supplies), group), share in zip(costs.items(), shares, strict=True)
        if share
    ]


def credit_note(
    credited: Document,
    numbered: Numbered,
    *,
    reason: str,
    lines: Collection[str] | None = None,
    before: Collection[str] = (),
    particulars: Particulars | None = None,
) -> Document:
    """A credit note on an invoice, whole or by lines, that names it (INV-3).

    ``lines`` are ids; None means all that is left. ``before`` are the lines that earlier credit notes took.
    Per rate, all credit notes of an invoice take exactly its VAT and its net amount, whatever the lines of each are:
    the VAT of one is that of all lines credited by then, less that of the lines before.

    Raises ``ValueError`` for a line that the invoice does not have or that is credited already, or for no line.
    """
    left = [line.id for line in credited.lines if line.id not in before]
    chosen = set(left if lines is None else lines)
    if not chosen or not chosen <= set(left):
        raise ValueError("a credit note takes lines of its invoice that are not credited yet")
    taken = credited.only(chosen)
    gone = _grosses(credited.only(before))
    taxes = {
        vat: vat_within(gone.get(vat, 0) + gross, vat.rate) - vat_within(gone.get(vat, 0), vat.rate)
        for vat, gross in _grosses(taken).items()
    }
    sold = [
        Sold(
            id=line.id,
            name=line.name,
            gross=line.gross,
            vat=line.vat,
            detail=line.detail,
            discounts=tuple((each.name, each.amount) for each in line.discounts),
            supplies=line.supplies,
            kind=line.kind,
        )
        for line in taken
    ]
    made = _with_amounts(sold, taxes)
    return _document(
        "credit_note",
        particulars or credited.particulars,
        numbered,
        made,
        supplied_on=credited.supplied_on,
        supplied_until=credited.supplied_until,
        stage="1",
        preceding=(credited.named(),),
        reason=reason,
    )


def _grosses(lines: Iterable[Sold | Line]) -> dict[Vat, int]:
    grosses: dict[Vat, int] = {}
    for line in lines:
        grosses[line.vat] = grosses.get(line.vat, 0) + line.gross
    return grosses


def _taxes(lines: Iterable[Sold]) -> dict[Vat, int]:
    return {vat: vat_within(gross, vat.rate) for vat, gross in _grosses(lines).items()}


def _with_amounts(lines: Sequence[Sold], taxes: dict[Vat, int]) -> tuple[Line, ...]:
    """The lines with their share of the net amount of their rate, which is its gross amount less its VAT."""
    nets: dict[int, int] = {}
    for vat, tax in taxes.items():
        places = [place for place, line in enumerate(lines) if line.vat == vat]
        grosses = [lines[place].gross for place in places]
        nets.update(zip(places, split(sum(grosses) - tax, grosses), strict=True))
    return tuple(
        Line(
            id=line.id,
            name=line.name,
            detail=line.detail,
            supplies=line.supplies,
            kind=line.kind,
            vat=line.vat,
            gross=line.gross,
            net=nets[place],
            discounts=tuple(
                Discount(name=name, amount=amount, net=amount - vat_within(amount, line.vat.rate))
                for name, amount in line.discounts
            ),
        )
        for place, line in enumerate(lines)
    )


def _vat_totals(lines: Sequence[Line]) -> tuple[VatTotal, ...]:
    nets: dict[Vat, int] = {}
    for line in lines:
        nets[line.vat] = nets.get(line.vat, 0) + line.net
    return tuple(
        VatTotal(vat=vat, gross=gross, net=nets[vat], tax=gross - nets[vat]) for vat, gross in _grosses(lines).items()
    )


def supplies_of(lines: Iterable[Line]) -> Supplies:
    """Whether the lines, one at least, sell goods, services, or both."""
    kinds = {line.supplies for line in lines}
    return "mixed" if len(kinds) > 1 else kinds.pop()


def _document(
    kind: Literal["invoice", "credit_note", "deposit_invoice"],
    particulars: Particulars,
    numbered: Numbered,
    lines: tuple[Line, ...],
    *,
    supplied_on: date,
    stage: Literal["1", "2", "4"],
    **more: object,
) -> Document:
    """``stage`` is the second part of the frame of invoicing: 1 to be paid, 2 paid, 4 after a deposit (BT-23)."""
    if not lines:
        raise ValueError("a document has at least one line")
    totals = _vat_totals(lines)
    frame = {"goods": "B", "services": "S", "mixed": "M"}[supplies_of(lines)]
    if len({each.vat.exemption for each in totals if each.vat.exemption}) > 1:
        raise ValueError("a document gives one reason of exemption at most")
    return Document.model_validate(
        {
            "kind": kind,
            "particulars": particulars,
            "numbered": numbered,
            "lines": lines,
            "vat": totals,
            "supplied_on": supplied_on,
            "process": frame + stage,
            "gross": sum(each.gross for each in totals),
            "net": sum(each.net for each in totals),
            "tax": sum(each.tax for each in totals),
            **more,
        }
    )
