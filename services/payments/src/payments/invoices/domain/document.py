"""An invoice or a credit note, whole, as it is kept for ever and handed to the paper (INV-1, INV-5).

Every amount is in minor units of the document's currency and is zero or more, on a credit note too; rates are basis
points; dates are the organisation's. All texts are in the document's language, as they were on the day of issue.
``BT-`` and ``BG-`` name the terms of the European standard EN 16931.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from carnet.money import Amount, BasisPoints, Currency, PositiveAmount
from carnet.tolerance import Tolerant

Kind = Literal["invoice", "credit_note", "deposit_invoice"]
Language = Literal["en", "fr"]
Supplies = Literal["goods", "services", "mixed"]
NoteCode = Literal["PMT", "PMD", "AAB", "BAR", "REG", "ABL", "AAI", "SUR", "TXD"]
"""What a mention is about (UNTDID 4451): PMT the fixed sum for recovery, PMD the penalties, AAB the discount for early
payment, BAR the kind of buyer, REG and ABL the seller's registration, TXD its taxation, AAI and SUR anything else."""

TYPE_CODES = {"invoice": "380", "credit_note": "381", "deposit_invoice": "386"}
"""The type of a document by its kind (BT-3)."""


class Part(Tolerant):
    """A frozen part of a document."""


class Address(Part):
    """A postal address."""

    lines: tuple[str, ...] = ()
    """Street, building; three are written into the electronic part."""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    """ISO 3166-1, two letters."""


class Seller(Part):
    """The organisation's legal identity."""

    name: str
    """The legal name."""
    trade_name: str | None = None
    """The name that the public knows, if it is another."""
    legal_form: str | None = None
    """Such as ``Association loi 1901`` or ``SARL au capital de 10 000 €``."""
    address: Address
    siren: str | None = None
    siret: str | None = None
    registration: str | None = None
    """Another registration, as it is written: the register of companies, or of associations."""
    vat_number: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None


class Buyer(Part):
    """The client: a family, or a company with its SIREN."""

    kind: Literal["family", "company"] = "family"
    name: str
    address: Address | None = None
    """A family need not have one."""
    siren: str | None = None
    vat_number: str | None = None
    reference: str | None = None
    """The number of the client account (CON-27)."""
    order: str | None = None
    """The client's own reference, of its order for example (BT-10)."""


class Exemption(Part):
    """Why no VAT is charged."""

    code: str
    """Of the VATEX list, such as ``VATEX-FR-CGI261-7`` or ``VATEX-FR-FRANCHISE``."""
    wording: str
    """The mention that the law asks for."""


class Vat(Part):
    """How a line is taxed: at a rate, or not at all for a reason."""

    rate: BasisPoints
    exemption: Exemption | None = None
    """Only where the rate is zero."""

    @property
    def category(self) -> Literal["S", "E", "Z"]:
        """The category (BT-151): taxed, exempt, or taxed at zero."""
        if self.rate:
            return "S"
        return "E" if self.exemption else "Z"


class Discount(Part):
    """What is taken off a line, VAT included."""

    name: str
    amount: PositiveAmount
    net: Amount = 0
    """Without VAT."""


class Line(Part):
    """One thing sold, quantity 1."""

    id: str
    """The line of the contract."""
    name: str
    detail: str | None = None
    """The participant, the format, the tariff."""
    supplies: Literal["goods", "services"] = "services"
    kind: str | None = None
    """The kind of product, for the books (INV-7); None in what an older release has kept."""
    vat: Vat
    gross: PositiveAmount
    """What is charged, VAT included and discounts taken off."""
    net: Amount
    """The same without VAT: its share of the net amount of its rate (MON-2)."""
    discounts: tuple[Discount, ...] = ()

    @property
    def price(self) -> int:
        """Before discounts, VAT included."""
        return self.gross + sum(each.amount for each in self.discounts)

    @property
    def net_price(self) -> int:
        """Before discounts, without VAT."""
        return self.net + sum(each.net for each in self.discounts)


class VatTotal(Part):
    """All lines that are taxed alike (MON-4)."""

    vat: Vat
    gross: Amount
    net: Amount
    tax: Amount
    """Rounded once, for the rate."""


class Preceding(Part):
    """An earlier document that this one names: the invoice that is credited, or a deposit invoice that is settled."""

    number: str
    issued_on: date
    gross: Amount | None = None


class Note(Part):
    """A mention, printed as it is."""

    text: str
    code: NoteCode | None = None


class Logo(Part):
    """The logo, by what it is: its bytes are kept elsewhere."""

    digest: str
    """SHA-256 of the bytes, in hexadecimal."""
    media_type: Literal["image/png", "image/jpeg", "image/svg+xml"]


class Particulars(Part):
    """What a document has of the organisation's settings and of the client, as they were when it was issued."""

    seller: Seller
    buyer: Buyer
    currency: Currency
    language: Language
    notes: tuple[Note, ...] = ()
    """Legal mentions, in the order in which they are printed."""
    terms: str | None = None
    """How and when what is due is to be paid (BT-20)."""
    vat_on_debits: bool = False
    """True where the seller opted for VAT on debits."""
    footer: str | None = None
    logo: Logo | None = None
    colour: str | None = None
    """``#rrggbb``."""


class Numbered(Part):
    """The place of a document in its series (INV-2)."""

    series: str
    number: str
    issued_on: date


class Document(Part):
    """An invoice, a deposit invoice or a credit note."""

    kind: Kind
    numbered: Numbered
    particulars: Particulars
    lines: tuple[Line, ...]
    vat: tuple[VatTotal, ...]
    """In the order in which the lines first name them."""
    supplied_on: date
    """The day of supply, or of the deposit."""
    supplied_until: date | None = None
    """The last day, where what is sold lasts longer than a day."""
    paid_on: date | None = None
    """The day of the last payment, where nothing is due any more."""
    due_on: date | None = None
    gross: Amount
    net: Amount
    tax: Amount
    prepaid: Amount = 0
    """What was paid before the document was issued, deposits too (BT-113)."""
    process: str
    """The frame of invoicing (BT-23): what is sold, and whether it is paid."""
    preceding: tuple[Preceding, ...] = ()
    reason: str | None = None
    """Why an invoice is credited."""

    @property
    def due(self) -> int:
        """What is left to pay (BT-115); on a credit note, what it takes off."""
        return self.gross - self.prepaid

    @property
    def number(self) -> str:
        """Its number."""
        return self.numbered.number

    @property
    def exemption(self) -> Exemption | None:
        """The reason for which no VAT is charged; one document has one at most."""
        return next((each.vat.exemption for each in self.vat if each.vat.exemption), None)

    def named(self) -> Preceding:
        """The document as a later one names it."""
        return Preceding(number=self.number, issued_on=self.numbered.issued_on, gross=self.gross)

    def only(self, lines: Iterable[str]) -> tuple[Line, ...]:
        """Its lines with these ids."""
        wanted = set(lines)
        return tuple(line for line in self.lines if line.id in wanted)

    def at(self, numbered: Numbered) -> Self:
        """The same document with its number and day of issue."""
        return self.model_copy(update={"numbered": numbered})
