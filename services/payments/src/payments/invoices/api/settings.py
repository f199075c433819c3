"""The organisation's settings of invoices, and its logo (INV-1)."""

import binascii
from base64 import b64decode
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.dates import Day
from carnet.decisions import Context
from carnet.events.catalog import Kind
from carnet.http import Body, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.refusals import invalid
from carnet.texts import EmailAddress, Line, Paragraphs, PhoneNumber
from carnet.tolerance import OPEN
from payments.access import Collects, StaffReads
from payments.invoices.domain.document import Address, Logo, NoteCode, Seller
from payments.invoices.domain.settings import (
    ExemptionChoice,
    InvoiceFields,
    InvoiceSettings,
    KindExemption,
    Mention,
    ProductExemption,
    Wording,
    change_settings,
    plain,
    settings_id,
)
from payments.invoices.store import INVOICE_SETTINGS, LOGOS, LogoImage, settings_of, settings_to_change

routes = router(tags=["invoices"])

LARGEST_LOGO = 150_000
"""Bytes of a logo at most."""

Prefix = Annotated[str, Field(pattern=r"^[A-Z]{1,6}$")]
Registration = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .-]{1,39}$")]


class AddressBody(Body):
    """A postal address."""

    lines: Annotated[tuple[Line, ...], Field(max_length=3)] = Field(default=(), description="Street, building.")
    postcode: Line | None = Field(default=None, description="The postcode.")
    city: Line | None = Field(default=None, description="The town.")
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(default="FR", description="ISO 3166-1: `FR`.")

    @property
    def read(self) -> Address:
        """As the domain has it."""
        return Address(lines=self.lines, postcode=self.postcode or "", city=self.city or "", country=self.country)


class SellerBody(Body):
    """The organisation's legal identity."""

    name: Line = Field(description="The legal name.")
    trade_name: Line | None = Field(default=None, description="The name that the public knows, if it is another.")
    legal_form: Line | None = Field(default=None, description="Such as `Association loi 1901`.")
    address: AddressBody
    siren: Registration | None = Field(default=None, description="The SIREN: nine digits, spaces allowed.")
    siret: Registration | None = Field(default=None, description="The SIRET: fourteen digits, spaces allowed.")
    registration: Line | None = Field(default=None, description="Another registration, as it is written.")
    vat_number: Registration | None = Field(default=None, description="The VAT number: `FR44732829320`.")
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    website: Line | None = None

    @property
    def read(self) -> Seller:
        """As the domain has it; registration numbers without spaces."""
        numbers = {name: plain(given) for name in ("siren", "siret", "vat_number") if (given := getattr(self, name))}
        return Seller(**{**self.model_dump(exclude={"address"}), **numbers, "address": self.address.read})


class WordingBody(Body):
    """A text in the languages of documents; what is left out in one is shown in the other."""

    en: Paragraphs | None = Field(default=None, description="In English.")
    fr: Paragraphs | None = Field(default=None, description="In French.")

    @property
    def read(self) -> Wording:
        """As the domain has it."""
        return Wording(en=self.en or None, fr=self.fr or None)


def _wording(given: WordingBody | None) -> Wording:
    return given.read if given else Wording()


class ExemptionBody(Body):
    """Why no VAT is charged."""

    code: Annotated[str, Field(pattern=r"^VATEX-[A-Z0-9-]{2,34}$")] = Field(
        description="Of the VATEX list: `VATEX-FR-FRANCHISE`, `VATEX-FR-CGI261-7`, `VATEX-FR-CGI261-4`."
    )
    wording: WordingBody | None = Field(default=None, description="The mention; the usual one where it is left out.")

    @property
    def read(self) -> ExemptionChoice:
        """As the domain has it."""
        return ExemptionChoice(code=self.code, wording=_wording(self.wording))


class KindExemptionBody(Body):
    """Another reason for a kind of product."""

    kind: Annotated[Kind, OPEN]
    exemption: ExemptionBody = Field(description="The reason for what is of that kind.")


class ProductExemptionBody(Body):
    """Another reason for a product."""

    product: Id = Field(description="The product: an id.")
    exemption: ExemptionBody = Field(description="The reason for that product.")


class MentionBody(Body):
    """A legal mention, in force between two days, both included."""

    code: Annotated[NoteCode, OPEN] | None = Field(default=None, description="What it is about (UNTDID 4451).")
    text: WordingBody = Field(description="The mention.")
    since: Day | None = Field(default=None, description="The first day on which it is in force.")
    until: Day | None = Field(default=None, description="The last day on which it is in force.")
    companies: bool = Field(default=False, description="True if only invoices to companies bear it.")


class InvoiceSettingsBody(Body):
    """What the next invoices say of the organisation."""

    seller: SellerBody = Field(description="The legal identity.")
    exemption: ExemptionBody | None = Field(
        default=None, description="Why no VAT is charged on what is sold at a rate of zero."
    )
    exemptions: Annotated[tuple[KindExemptionBody, ...], Field(max_length=20)] = Field(
        default=(), description="Other reasons for some kinds of product."
    )
    product_exemptions: Annotated[tuple[ProductExemptionBody, ...], Field(max_length=500)] = Field(
        default=(), description="Other reasons for some products, before those of their kinds."
    )
    mentions: Annotated[tuple[MentionBody, ...], Field(max_length=20)] = Field(
        default=(),
        description="Legal mentions. Companies read the fixed compensation (PMT), the penalties (PMD) and the discount "
        "for early payment (AAB) in the usual words unless one of these has their code.",
    )
    terms: WordingBody | None = Field(default=None, description="How and when what is due is to be paid.")
    footer: WordingBody | None = Field(default=None, description="The text at the foot.")
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = Field(
        default=None, description="The colour of headings: `#1d4ed8`."
    )
    automatic: bool = Field(default=False, description="True if a contract is invoiced automatically once it is paid.")
    vat_on_debits: bool = Field(default=False, description="True if the seller opted for VAT on debits.")
    invoice_prefix: Prefix = Field(default="FA", description="What the numbers of invoices begin with.")
    credit_note_prefix: Prefix = Field(default="AV", description="What the numbers of credit notes begin with.")

    def fields(self, logo: Logo | None) -> InvoiceFields:
        """As the domain has it, with the logo that there is."""
        return InvoiceFields(
            seller=self.seller.read,
            exemption=self.exemption.read if self.exemption else None,
            exemptions=tuple(KindExemption(kind=each.kind, exemption=each.exemption.read) for each in self.exemptions),
            product_exemptions=tuple(
                ProductExemption(product=each.product, exemption=each.exemption.read)
                for each in self.product_exemptions
            ),
            mentions=tuple(
                Mention(**{**each.model_dump(exclude={"text"}), "text": each.text.read}) for each in self.mentions
            ),
            terms=_wording(self.terms),
            footer=_wording(self.footer),
            colour=self.colour.lower() if self.colour else None,
            logo=logo,
            **self.model_dump(include={"automatic", "vat_on_debits", "invoice_prefix", "credit_note_prefix"}),
        )


class LogoBody(Body):
    """The logo of the next invoices."""

    image: Annotated[str, Field(max_length=4 * LARGEST_LOGO // 3 + 8)] | None = Field(
        description="A PNG or JPEG of 150,000 bytes at most, in base64; null removes it."
    )

    @property
    def read(self) -> tuple[Logo, bytes] | None:
        """The logo and its bytes; None to remove it. Raises ``logo-invalid``."""
        if self.image is None:
            return None
        try:
            content = b64decode(self.image, validate=True)
        except (binascii.Error, ValueError):
            raise _no_logo("it is not written in base64") from None
        if len(content) > LARGEST_LOGO:
            raise _no_logo(f"it has more than {LARGEST_LOGO} bytes")
        media = _media_of(content)
        if media is None:
            raise _no_logo("it is neither a PNG nor a JPEG")
        return Logo(digest=sha256(content).hexdigest(), media_type=media), content


class InvoiceSettingsView(BaseModel):
    """What the next invoices say of the organisation."""

    given: InvoiceSettingsBody | None = Field(
        description="What staff has given; null until then, and nothing is invoiced."
    )
    logo: str | None = Field(description="The SHA-256 of the logo; null if there is none.")
    automatic_since: date | None = Field(
        description="The day from which on what becomes paid is invoiced automatically; null if nothing is."
    )

    @classmethod
    def of(cls, settings: InvoiceSettings) -> Self:
        """The settings as they are."""
        fields = settings.fields
        if fields is None:
            return cls(given=None, logo=None, automatic_since=None)
        given = InvoiceSettingsBody.model_validate_json(
            fields.model_dump_json(exclude={"logo"}, exclude_defaults=True), extra="ignore"
        )
        logo = fields.logo.digest if fields.logo else None
        return cls(given=given, logo=logo, automatic_since=settings.automatic_since)


@routes.get("/invoice-settings", response_model=InvoiceSettingsView)
async def show_invoice_settings(call: StaffReads) -> Response:
    """What the next invoices say of the organisation (INV-1)."""
    settings = await settings_of(call.database, call.organisation)
    return call.show(InvoiceSettingsView.of(settings), version=settings.version)


@routes.put("/invoice-settings", response_model=InvoiceSettingsView)
async def change_invoice_settings(body: InvoiceSettingsBody, command: Collects) -> Response:
    """Change what the next invoices say; those issued stay as they are (INV-1). The logo has a route of its own."""

    async def work(unit: Unit, context: Context) -> Reply:
        settings = await settings_to_change(unit, command.organisation)
        command.must_match(settings.version)
        fields = body.fields(settings.fields.logo if settings.fields else None)
        saved = unit.decide(INVOICE_SETTINGS, change_settings(settings, fields, context), context)
        return Reply(InvoiceSettingsView.of(saved), saved.version)

    return await command.run(work)


@routes.put("/invoice-settings/logo", response_model=InvoiceSettingsView)
async def change_invoice_logo(body: LogoBody, command: Collects) -> Response:
    """Give the next invoices a logo, or none; the other settings are given before."""
    given = body.read

    async def work(unit: Unit, context: Context) -> Reply:
        settings = await settings_to_change(unit, command.organisation)
        command.must_match(settings.version)
        logo = given[0] if given else None
        if given is not None:
            unit.put(LOGOS, LogoImage.of(command.organisation, *given))
        fields = settings.given.model_copy(update={"logo": logo})
        saved = unit.decide(INVOICE_SETTINGS, change_settings(settings, fields, context), context)
        return Reply(InvoiceSettingsView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/invoice-settings/journal")
async def invoice_settings_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the settings of invoices, in order (ORG-4)."""
    return await journal_page(call, settings_id(call.organisation), page)


def _media_of(content: bytes) -> Literal["image/png", "image/jpeg"] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/jpeg" if content.startswith(b"\xff\xd8\xff") else None


def _no_logo(why: str) -> Exception:
    return invalid(
        "logo-invalid",
        f"The logo can't be used: {why}. Send a PNG or JPEG of at most {LARGEST_LOGO} bytes, in base64.",
        rule="INV-1",
        why=why,
        most=LARGEST_LOGO,
    )
