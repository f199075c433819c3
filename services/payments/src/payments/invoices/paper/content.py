"""What the template of an invoice prints: every text in the document's language, every amount as it is written."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from carnet.paper.colours import palette
from carnet.paper.writing import short_day, words_in, written_amount, written_day, written_rate
from payments.invoices.domain.document import Address, Discount, Document, Line, Vat
from payments.invoices.domain.drawing_up import supplies_of

_WORDS = Path(__file__).parent / "words"
_LARGE = 16
"""Characters of an amount that is printed smaller, so that its columns stay apart."""
_LONG = 30
"""Characters of a fact that needs more than its share of one row."""
_FORMATS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


def content_of(document: Document, logo: bytes | None) -> dict[str, Any]:
    """The data of the template, for a document and the bytes of its logo."""
    return _Content(document).data(logo)


class _Content:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._particulars = document.particulars
        self._language = document.particulars.language
        self._words = words_in(_WORDS, self._language)

    def data(self, logo: bytes | None) -> dict[str, Any]:
        document, words = self._document, self._words
        seller, buyer = self._particulars.seller, self._particulars.buyer
        heading = words["headings"][document.kind]
        credited = document.kind == "credit_note"
        facts = [*self._facts()]
        return {
            "language": self._language,
            "title": f"{heading} {document.number}",
            "author": seller.name,
            "heading": heading,
            "number": document.number,
            **palette(self._particulars.colour),
            "logo": self._logo(logo),
            "words": {name: words[name] for name in ("seller", "buyer", "columns", "vat_columns")},
            "seller": {
                "shown": seller.trade_name or seller.name,
                "name": seller.name,
                "lines": [*self._seller_lines()],
            },
            "buyer": {"name": buyer.name, "lines": [*self._buyer_lines()]},
            "facts": [_pair(name, value) for name, value in facts],
            "crowded": len(facts) > 4 or any(len(value) > _LONG for _, value in facts),
            "large": any(len(self._amount(line.price)) > _LARGE for line in document.lines),
            "introduction": words["reason"].format(reason=document.reason) if document.reason else None,
            "lines": [row for line in document.lines for row in self._rows(line)],
            "vat": self._vat_rows(),
            "exemption": document.exemption.wording if document.exemption else None,
            "sums": [
                _pair(words["net"], self._amount(document.net)),
                _pair(words["tax"], self._amount(document.tax)),
            ],
            "total": _pair(words["total_credited" if credited else "total"], self._amount(document.gross)),
            "settled": [] if credited else [*self._settled()],
            "due": None if credited else _pair(words["due"], self._amount(document.due)),
            "notes": [*self._notes()],
            "footer": [*self._footer()],
        }

    def _logo(self, logo: bytes | None) -> dict[str, Any] | None:
        known = self._particulars.logo
        return {"bytes": logo, "format": _FORMATS[known.media_type]} if known and logo else None

    def _seller_lines(self) -> Iterator[str]:
        seller = self._particulars.seller
        if seller.legal_form:
            yield seller.legal_form
        yield from _postal(seller.address, home=seller.address.country)
        if seller.siret or seller.siren:
            name = "siret" if seller.siret else "siren"
            yield self._words[name].format(number=_in_threes(seller.siret or seller.siren or ""))
        if seller.registration:
            yield seller.registration
        if seller.vat_number:
            yield self._words["vat_number"].format(number=seller.vat_number)

    def _buyer_lines(self) -> Iterator[str]:
        buyer = self._particulars.buyer
        if buyer.address:
            yield from _postal(buyer.address, home=self._particulars.seller.address.country)
        if buyer.siren:
            yield self._words["siren"].format(number=_in_threes(buyer.siren))
        if buyer.vat_number:
            yield self._words["vat_number"].format(number=buyer.vat_number)

    def _facts(self) -> Iterator[tuple[str, str]]:
        document, words = self._document, self._words
        yield words["issued_on"], self._day(document.numbered.issued_on)
        if document.kind == "credit_note":
            for earlier in document.preceding:
                dated = words["dated"].format(number=earlier.number, day=self._short(earlier.issued_on))
                yield words["credited"], dated
        else:
            yield self._supplied()
        if document.paid_on and not document.due:
            yield words["paid_on"], self._day(document.paid_on)
        elif document.due_on and document.due:
            yield words["due_on"], self._day(document.due_on)
        if self._particulars.buyer.reference:
            yield words["client"], self._particulars.buyer.reference
        if self._particulars.buyer.order:
            yield words["order"], self._particulars.buyer.order

    def _supplied(self) -> tuple[str, str]:
        document, words = self._document, self._words
        if document.kind == "deposit_invoice":
            return words["deposit_on"], self._day(document.supplied_on)
        if document.supplied_until:
            start, end = self._short(document.supplied_on), self._short(document.supplied_until)
            return words["supplied_until"], words["from_to"].format(start=start, end=end)
        goods = supplies_of(document.lines) == "goods"
        return words["delivered_on" if goods else "supplied_on"], self._day(document.supplied_on)

    def _rows(self, line: Line) -> Iterator[dict[str, Any]]:
        price = self._amount(line.net_price)
        figures = ["1", price, self._rate(line.vat), price, self._amount(line.price)]
        yield _row(line.name, line.detail, figures, last=not line.discounts)
        for discount in line.discounts:
            yield self._discount(discount, last=discount is line.discounts[-1])

    def _discount(self, discount: Discount, *, last: bool) -> dict[str, Any]:
        figures = ["", "", "", self._amount(-discount.net), self._amount(-discount.amount)]
        name = self._words["discount"].format(name=discount.name)
        return {**_row(name, None, figures, last=last), "discount": True}

    def _vat_rows(self) -> list[list[str]]:
        """The breakdown; of what is exempt as a whole the mention says all."""
        if not any(total.tax for total in self._document.vat):
            return []
        return [
            [self._rate(each.vat), *(self._amount(sum_) for sum_ in (each.net, each.tax, each.gross))]
            for each in self._document.vat
        ]

    def _settled(self) -> Iterator[dict[str, str]]:
        document, words = self._document, self._words
        paid = document.prepaid
        for deposit in document.preceding:
            name = words["deposit_deducted"].format(number=deposit.number, day=self._short(deposit.issued_on))
            paid -= deposit.gross or 0
            yield _pair(name, self._amount(-(deposit.gross or 0)))
        if paid:
            yield _pair(words["paid"], self._amount(-paid))

    def _notes(self) -> Iterator[str]:
        particulars, words = self._particulars, self._words
        if particulars.terms and self._document.kind != "credit_note":
            yield particulars.terms
        yield words[supplies_of(self._document.lines)]
        if particulars.vat_on_debits:
            yield words["on_debits"]
        # The kind of buyer is for machines.
        yield from (note.text for note in particulars.notes if note.code != "BAR")

    def _footer(self) -> Iterator[str]:
        seller = self._particulars.seller
        website = seller.website and seller.website.removeprefix("https://").rstrip("/")
        parts = [seller.name, seller.email, seller.phone, website]
        yield " · ".join(part for part in parts if part)
        if self._particulars.footer:
            yield self._particulars.footer

    def _amount(self, units: int) -> str:
        return written_amount(units, self._particulars.currency, self._language)

    def _day(self, day: date) -> str:
        return written_day(day, self._language)

    def _short(self, day: date) -> str:
        return short_day(day, self._language)

    def _rate(self, vat: Vat) -> str:
        if vat.exemption:
            exempt: str = self._words["exempt"]
            return exempt
        return written_rate(vat.rate, self._language)


def _pair(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def _row(name: str, detail: str | None, figures: list[str], *, last: bool) -> dict[str, Any]:
    return {"name": name, "detail": detail, "figures": figures, "last": last, "discount": False}


def _postal(address: Address, *, home: str) -> Iterator[str]:
    """The lines of an address; its country only where that is another than the seller's."""
    yield from (line for line in address.lines if line)
    if town := f"{address.postcode} {address.city}".strip():
        yield town
    if address.country != home:
        yield address.country


def _in_threes(number: str) -> str:
    """A SIREN, or a SIRET with its five last digits together, as they are usually written."""
    return "\u00a0".join([number[0:3], number[3:6], number[6:9], number[9:]]).strip()
