"""The electronic part of a document: Factur-X of the profile EN 16931, in the syntax CII (INV-5).

Amounts are written with the decimals of the currency. ``BT-`` and ``BG-`` are terms of EN 16931.
"""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

from carnet.money import decimals_of
from payments.invoices.domain.document import (
    TYPE_CODES,
    Address,
    Buyer,
    Discount,
    Document,
    Line,
    Preceding,
    Seller,
    VatTotal,
)

GUIDELINE = "urn:cen.eu:en16931:2017"
MOST_DECIMALS = 2
"""EN 16931 has no amount with more decimals: a document in dinars of Tunisia is paper alone."""

_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
_UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
_QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
for _prefix, _namespace in (("rsm", _RSM), ("ram", _RAM), ("udt", _UDT), ("qdt", _QDT)):
    ET.register_namespace(_prefix, _namespace)

_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SIREN = "0002"
_FRENCH_DIRECTORY = "0225"
"""The scheme of electronic addresses of companies in France (BT-34, BT-49)."""
_ON_ISSUE = "5"
"""VAT is due on the day of issue: the option for debits (BT-8)."""


def factur_x(document: Document) -> bytes:
    """The document as XML, the same bytes each time. Its currency has two decimals at most."""
    root = ET.Element(f"{{{_RSM}}}CrossIndustryInvoice")
    context = ET.SubElement(root, f"{{{_RSM}}}ExchangedDocumentContext")
    _add(context, "BusinessProcessSpecifiedDocumentContextParameter/ID", document.process)
    _add(context, "GuidelineSpecifiedDocumentContextParameter/ID", GUIDELINE)
    _heading(ET.SubElement(root, f"{{{_RSM}}}ExchangedDocument"), document)
    transaction = ET.SubElement(root, f"{{{_RSM}}}SupplyChainTradeTransaction")
    for place, line in enumerate(document.lines, start=1):
        _line(transaction, line, str(place), document.particulars.currency)
    _agreement(_add(transaction, "ApplicableHeaderTradeAgreement"), document)
    delivery = _add(transaction, "ApplicableHeaderTradeDelivery")
    _day(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime", document.supplied_on)
    _settlement(_add(transaction, "ApplicableHeaderTradeSettlement"), document)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _heading(parent: ET.Element, document: Document) -> None:
    _add(parent, "ID", document.number)
    _add(parent, "TypeCode", TYPE_CODES[document.kind])
    _day(parent, "IssueDateTime", document.numbered.issued_on)
    for text, code in _notes(document):
        note = _add(parent, "IncludedNote")
        _add(note, "Content", text)
        if code:
            _add(note, "SubjectCode", code)


def _notes(document: Document) -> Iterator[tuple[str, str | None]]:
    """The mentions, and all for which the electronic part has no field of its own (BG-1)."""
    particulars, codes = document.particulars, {note.code for note in document.particulars.notes}
    for note in particulars.notes:
        yield note.text, note.code
    if document.reason:
        yield document.reason, "AAI"
    if particulars.seller.registration and "REG" not in codes:
        yield particulars.seller.registration, "REG"
    if particulars.buyer.kind == "company" and "BAR" not in codes:
        yield "B2B", "BAR"


def _line(parent: ET.Element, line: Line, place: str, currency: str) -> None:
    item = _add(parent, "IncludedSupplyChainTradeLineItem")
    _add(item, "AssociatedDocumentLineDocument/LineID", place)
    product = _add(item, "SpecifiedTradeProduct")
    _add(product, "Name", line.name)
    if line.detail:
        _add(product, "Description", line.detail)
    _add(
        item,
        "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
        amount(line.net_price, currency),
    )
    _add(item, "SpecifiedLineTradeDelivery/BilledQuantity", "1", unitCode="C62")
    settlement = _add(item, "SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ApplicableTradeTax")
    _add(tax, "TypeCode", "VAT")
    _add(tax, "CategoryCode", line.vat.category)
    _add(tax, "RateApplicablePercent", percent(line.vat.rate))
    for discount in line.discounts:
        _discount(settlement, discount, currency)
    _add(
        settlement,
        "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
        amount(line.net, currency),
    )


def _discount(parent: ET.Element, discount: Discount, currency: str) -> None:
    allowance = _add(parent, "SpecifiedTradeAllowanceCharge")
    indicator = _add(allowance, "ChargeIndicator")
    ET.SubElement(indicator, f"{{{_UDT}}}Indicator").text = "false"
    _add(allowance, "ActualAmount", amount(discount.net, currency))
    _add(allowance, "Reason", discount.name)


def _agreement(parent: ET.Element, document: Document) -> None:
    buyer = document.particulars.buyer
    if buyer.order:
        _add(parent, "BuyerReference", buyer.order)
    seller = document.particulars.seller
    _seller(_add(parent, "SellerTradeParty"), seller)
    _buyer(_add(parent, "BuyerTradeParty"), buyer, seller.address.country)


def _seller(party: ET.Element, seller: Seller) -> None:
    _add(party, "Name", seller.name)
    if seller.legal_form:
        _add(party, "Description", seller.legal_form)
    _organisation(party, seller.siren, seller.trade_name)
    _contact(party, seller)
    _address(party, seller.address)
    _electronic_address(party, seller.siren)
    if seller.vat_number:
        _add(party, "SpecifiedTaxRegistration/ID", seller.vat_number, schemeID="VA")
    elif number := seller.siren or seller.registration:
        # Who charges no VAT need not have a VAT number; the standard then asks for another one (BT-32).
        _add(party, "SpecifiedTaxRegistration/ID", number, schemeID="FC")


def _contact(party: ET.Element, seller: Seller) -> None:
    if not seller.email and not seller.phone:
        return
    contact = _add(party, "DefinedTradeContact")
    _add(contact, "PersonName", seller.trade_name or seller.name)
    if seller.phone:
        _add(contact, "TelephoneUniversalCommunication/CompleteNumber", seller.phone)
    if seller.email:
        _add(contact, "EmailURIUniversalCommunication/URIID", seller.email)


def _buyer(party: ET.Element, buyer: Buyer, country: str) -> None:
    if buyer.reference:
        _add(party, "ID", buyer.reference)
    _add(party, "Name", buyer.name)
    _organisation(party, buyer.siren, None)
    # The standard asks for the country of every buyer; a family that gave no address is where the seller is.
    _address(party, buyer.address or Address(country=country))
    _electronic_address(party, buyer.siren)
    if buyer.vat_number:
        _add(party, "SpecifiedTaxRegistration/ID", buyer.vat_number, schemeID="VA")


def _organisation(party: ET.Element, siren: str | None, trade_name: str | None) -> None:
    if not siren and not trade_name:
        return
    organisation = _add(party, "SpecifiedLegalOrganization")
    if siren:
        _add(organisation, "ID", siren, schemeID=_SIREN)
    if trade_name:
        _add(organisation, "TradingBusinessName", trade_name)


def _address(party: ET.Element, address: Address) -> None:
    written = _add(party, "PostalTradeAddress")
    if address.postcode:
        _add(written, "PostcodeCode", address.postcode)
    for name, line in zip(("LineOne", "LineTwo", "LineThree"), address.lines, strict=False):
        _add(written, name, line)
    if address.city:
        _add(written, "CityName", address.city)
    _add(written, "CountryID", address.country)


def _electronic_address(party: ET.Element, siren: str | None) -> None:
    if siren:
        _add(party, "URIUniversalCommunication/URIID", siren, schemeID=_FRENCH_DIRECTORY)


def _settlement(parent: ET.Element, document: Document) -> None:
    currency = document.particulars.currency
    _add(parent, "InvoiceCurrencyCode", currency)
    for total in document.vat:
        _vat(parent, total, currency, on_debits=document.particulars.vat_on_debits)
    if document.supplied_until:
        period = _add(parent, "BillingSpecifiedPeriod")
        _day(period, "StartDateTime", document.supplied_on)
        _day(period, "EndDateTime", document.supplied_until)
    _terms(parent, document)
    sums = _add(parent, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _add(sums, "LineTotalAmount", amount(document.net, currency))
    _add(sums, "TaxBasisTotalAmount", amount(document.net, currency))
    _add(sums, "TaxTotalAmount", amount(document.tax, currency), currencyID=currency)
    _add(sums, "GrandTotalAmount", amount(document.gross, currency))
    if document.prepaid:
        _add(sums, "TotalPrepaidAmount", amount(document.prepaid, currency))
    _add(sums, "DuePayableAmount", amount(document.due, currency))
    for earlier in document.preceding:
        _preceding(parent, earlier)


def _vat(parent: ET.Element, total: VatTotal, currency: str, *, on_debits: bool) -> None:
    tax = _add(parent, "ApplicableTradeTax")
    _add(tax, "CalculatedAmount", amount(total.tax, currency))
    _add(tax, "TypeCode", "VAT")
    if total.vat.exemption:
        _add(tax, "ExemptionReason", total.vat.exemption.wording)
    _add(tax, "BasisAmount", amount(total.net, currency))
    _add(tax, "CategoryCode", total.vat.category)
    if total.vat.exemption:
        _add(tax, "ExemptionReasonCode", total.vat.exemption.code)
    if on_debits:
        _add(tax, "DueDateTypeCode", _ON_ISSUE)
    _add(tax, "RateApplicablePercent", percent(total.vat.rate))


def _terms(parent: ET.Element, document: Document) -> None:
    """When it is, or was, to be paid: of a paid invoice the day of payment (BT-9, BT-20)."""
    day = document.due_on if document.due else document.paid_on
    text = document.particulars.terms or (document.reason if document.due else None)
    if not day and not text:
        return
    terms = _add(parent, "SpecifiedTradePaymentTerms")
    if text:
        _add(terms, "Description", text)
    if day:
        _day(terms, "DueDateDateTime", day)


def _preceding(parent: ET.Element, earlier: Preceding) -> None:
    reference = _add(parent, "InvoiceReferencedDocument")
    _add(reference, "IssuerAssignedID", earlier.number)
    day = ET.SubElement(_add(reference, "FormattedIssueDateTime"), f"{{{_QDT}}}DateTimeString", format="102")
    day.text = f"{earlier.issued_on:%Y%m%d}"


def _add(parent: ET.Element, path: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add elements, one in the other; the last one has the text and the attributes."""
    for name in path.split("/"):
        parent = ET.SubElement(parent, f"{{{_RAM}}}{name}")
    parent.attrib.update(attributes)
    if text is not None:
        parent.text = _writable(text)
    return parent


def _day(parent: ET.Element, path: str, day: date) -> None:
    ET.SubElement(_add(parent, path), f"{{{_UDT}}}DateTimeString", format="102").text = f"{day:%Y%m%d}"


def amount(units: int, currency: str) -> str:
    """An amount of minor units as a decimal.

    >>> amount(1234, "EUR"), amount(-5, "EUR"), amount(1200, "XPF")
    ('12.34', '-0.05', '1200')
    """
    digits = decimals_of(currency)
    if not digits:
        return str(units)
    whole, rest = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole}.{rest:0{digits}}"


def percent(rate: int) -> str:
    """A rate in basis points as a percentage.

    >>> percent(2000), percent(550), percent(0)
    ('20.00', '5.50', '0.00')
    """
    return f"{rate // 100}.{rate % 100:02}"


def _writable(text: str) -> str:
    """The text without what XML cannot hold, and never empty: an empty element is refused."""
    return " ".join(_IMPOSSIBLE.sub("", text).split()) or "-"
