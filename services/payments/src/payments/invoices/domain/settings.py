"""What an organisation's invoices say of it, and when they are made automatically (INV-1)."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from carnet.events.catalog import Kind
from carnet.events.contracts import Purchase
from carnet.refusals import Refusal, conflict, invalid
from payments.invoices.domain.document import (
    Buyer,
    Exemption,
    Language,
    Logo,
    Note,
    NoteCode,
    Part,
    Particulars,
    Seller,
    Vat,
)
from payments.invoices.domain.mentions import FRANCHISE, TO_COMPANIES, company_mention, exemption_wording

_SETTINGS = UUID("6f7f9bb8-6a0c-4a55-9a3f-2f4f4b1d2a11")


def settings_id(organisation: str) -> str:
    """The id of an organisation's settings: a sequence of its own in the journal."""
    return str(uuid5(_SETTINGS, organisation))


class Wording(Part):
    """A text in the languages of documents; what is not given in one is shown in the other."""

    en: str | None = None
    fr: str | None = None

    def of(self, language: Language) -> str | None:
        """The text in that language, or else in the other one."""
        return (self.en or self.fr) if language == "en" else (self.fr or self.en)


class ExemptionChoice(Part):
    """Why no VAT is charged: a code of the VATEX list, and the wording unless the usual one will do."""

    code: str
    wording: Wording = Wording()

    def as_written(self, language: Language, on: date) -> Exemption:
        """The exemption as a document of that day says it."""
        wording = self.wording.of(language) or exemption_wording(self.code, language, on)
        return Exemption(code=self.code, wording=wording or self.code)


class KindExemption(Part):
    """Another exemption for a kind of product."""

    kind: Kind
    exemption: ExemptionChoice


class ProductExemption(Part):
    """Another exemption for one product."""

    product: str
    exemption: ExemptionChoice


class Mention(Part):
    """A legal mention, in force between two days, both included."""

    code: NoteCode | None = None
    text: Wording
    since: date | None = None
    until: date | None = None
    companies: bool = False
    """True if only invoices to companies bear it."""

    def applies(self, buyer: Buyer, on: date) -> bool:
        """Whether an invoice of that day to that buyer bears it."""
        to_them = buyer.kind == "company" or not self.companies
        return to_them and (self.since or date.min) <= on <= (self.until or date.max)


class InvoiceFields(Part):
    """What staff decides of the invoices."""

    seller: Seller
    exemption: ExemptionChoice | None = None
    """For what is sold without VAT."""
    exemptions: tuple[KindExemption, ...] = ()
    product_exemptions: tuple[ProductExemption, ...] = ()
    """For single products, before those of their kinds."""
    mentions: tuple[Mention, ...] = ()
    terms: Wording = Wording()
    footer: Wording = Wording()
    colour: str | None = None
    """``#rrggbb``."""
    logo: Logo | None = None
    automatic: bool = False
    """True if a contract is invoiced automatically once it is paid."""
    vat_on_debits: bool = False
    invoice_prefix: str = "FA"
    credit_note_prefix: str = "AV"


class InvoiceSettings(State):
    """The settings of one organisation. Without ``fields`` nothing can be invoiced yet."""

    fields: InvoiceFields | None = None
    automatic_since: date | None = None
    """The day from which on what becomes paid is invoiced automatically; None if nothing is."""

    @classmethod
    def none_of(cls, organisation: str) -> Self:
        """The settings of an organisation that has given none."""
        return cls(id=settings_id(organisation), organisation=organisation)

    @property
    def given(self) -> InvoiceFields:
        """What was given; raises ``invoice-settings-missing``."""
        if self.fields is None:
            raise conflict(
                "invoice-settings-missing",
                "What invoices say of the organisation is not known yet: fill in the settings of invoices first.",
                rule="INV-1",
            )
        return self.fields


def change_settings(settings: InvoiceSettings, fields: InvoiceFields, context: Context) -> Decision[InvoiceSettings]:
    """Change what the next invoices say; those issued stay as they are (INV-1).

    What was paid before ``automatic`` was switched on is not invoiced automatically.

    Raises:
        Refusal: for a registration number that can't be right, and for an exemption without a wording.
    """
    _check(fields)
    since = None
    if fields.automatic:
        since = settings.automatic_since or context.today
    after = settings.model_copy(update={"fields": fields, "automatic_since": since})
    if after == settings:
        return Decision(settings)
    return Decision(after, (published.InvoiceSettingsChanged(automatic=fields.automatic),))


def particulars_of(fields: InvoiceFields, buyer: Buyer, currency: str, language: Language, on: date) -> Particulars:
    """What a document of that day has of the settings and of the client."""
    return Particulars(
        seller=fields.seller,
        buyer=buyer,
        currency=currency,
        language=language,
        notes=tuple(_notes(fields, buyer, language, on)),
        terms=fields.terms.of(language),
        vat_on_debits=fields.vat_on_debits,
        footer=fields.footer.of(language),
        logo=fields.logo,
        colour=fields.colour,
    )


def vat_of(fields: InvoiceFields, sold: Purchase, language: Language, on: date) -> Vat:
    """How what is sold is taxed.

    The product's own exemption comes before that of its kind, which comes before that of the organisation.

    Raises ``vat-under-franchise`` and ``exemption-missing``.
    """
    if sold.vat_rate:
        if fields.exemption is not None and fields.exemption.code == FRANCHISE:
            raise conflict(
                "vat-under-franchise",
                "A seller without VAT (franchise) charges none: give the products a VAT rate of zero, or change the "
                "settings of invoices.",
                rule="INV-1",
                vat_rate=sold.vat_rate,
            )
        return Vat(rate=sold.vat_rate)
    of_kind = next((each.exemption for each in fields.exemptions if each.kind == sold.kind), fields.exemption)
    choice = next((each.exemption for each in fields.product_exemptions if each.product == sold.product), of_kind)
    if choice is None:
        raise conflict(
            "exemption-missing",
            "Something is sold without VAT, and an invoice says why: give the reason in the settings of invoices.",
            rule="INV-1",
            kind=sold.kind,
        )
    return Vat(rate=0, exemption=choice.as_written(language, on))


def check_company(siren_number: str | None, vat_number: str | None, field: str) -> None:
    """Refuse numbers of a company that can't be right."""
    from stdnum.eu import vat  # noqa: PLC0415 # loaded by who gives numbers only
    from stdnum.fr import siren  # noqa: PLC0415 # likewise

    if siren_number and not siren.is_valid(siren_number):
        raise _not_valid("siren-invalid", f"{field}.siren", "SIREN", siren_number)
    if vat_number and not vat.is_valid(vat_number):
        raise _not_valid("vat-number-invalid", f"{field}.vat_number", "VAT number", vat_number)


def plain(number: str) -> str:
    """A registration number without spaces and dots."""
    return "".join(each for each in number if each.isalnum()).upper()


def _notes(fields: InvoiceFields, buyer: Buyer, language: Language, on: date) -> list[Note]:
    given = [each for each in fields.mentions if each.applies(buyer, on)]
    notes = [Note(text=text, code=each.code) for each in given if (text := each.text.of(language))]
    if buyer.kind == "company":
        codes = {each.code for each in given}
        notes += [Note(text=company_mention(code, language), code=code) for code in TO_COMPANIES if code not in codes]
        notes.append(Note(text="B2B", code="BAR"))
    return notes


def _check(fields: InvoiceFields) -> None:
    seller = fields.seller
    check_company(seller.siren, seller.vat_number, "seller")
    if seller.siret:
        from stdnum.fr import siret  # noqa: PLC0415 # loaded by who gives numbers only

        if not siret.is_valid(seller.siret):
            raise _not_valid("siret-invalid", "seller.siret", "SIRET", seller.siret)
        if seller.siren and not seller.siret.startswith(seller.siren):
            raise _not_valid("siret-invalid", "seller.siret", "SIRET of this SIREN", seller.siret)
    if seller.siren and seller.vat_number and seller.vat_number.startswith("FR"):
        _check_french_vat(seller.siren, seller.vat_number)
    if not (seller.siren or seller.vat_number or seller.registration):
        raise invalid(
            "seller-unregistered",
            "An invoice names a registration of the seller: give a SIREN, a VAT number, or another registration.",
            rule="INV-1",
            field="seller",
        )
    of_kinds = (each.exemption for each in fields.exemptions)
    of_products = (each.exemption for each in fields.product_exemptions)
    for choice in (fields.exemption, *of_kinds, *of_products):
        if choice and not choice.wording.of("fr") and exemption_wording(choice.code, "fr", date.max) is None:
            raise invalid(
                "exemption-without-wording",
                f"Carnet knows no wording for {choice.code}: give the one that the law asks for.",
                rule="INV-1",
                code=choice.code,
            )
    if fields.invoice_prefix == fields.credit_note_prefix:
        raise invalid(
            "same-prefix",
            "Invoices and credit notes are numbered apart: give them different prefixes.",
            rule="INV-3",
            prefix=fields.invoice_prefix,
        )


def _check_french_vat(siren_number: str, vat_number: str) -> None:
    from stdnum.exceptions import ValidationError  # noqa: PLC0415 # loaded by who gives numbers only
    from stdnum.fr import siren  # noqa: PLC0415 # likewise

    try:
        of = siren.to_tva(siren_number).replace(" ", "")
    except ValidationError:
        return
    if vat_number.removeprefix("FR") != of.removeprefix("FR"):
        raise invalid(
            "vat-number-invalid",
            f"The VAT number of the SIREN {siren_number} is FR{of.removeprefix('FR')}: correct one of the two.",
            rule="INV-1",
            field="seller.vat_number",
            number=vat_number,
        )


def _not_valid(slug: str, field: str, what: str, number: str) -> Refusal:
    return invalid(
        slug,
        f"{number} is no {what}: compare it with the register, a digit may be missing or wrong.",
        rule="INV-1",
        field=field,
        number=number,
    )
