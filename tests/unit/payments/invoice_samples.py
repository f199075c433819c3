"""Documents to test with: every kind that the builders make, and generated ones."""

import hashlib
from datetime import date, timedelta
from itertools import accumulate

from hypothesis import strategies as st

from payments.invoices.domain.document import (
    Address,
    Buyer,
    Document,
    Exemption,
    Logo,
    Note,
    Numbered,
    Particulars,
    Seller,
    Vat,
)
from payments.invoices.domain.drawing_up import Sold, credit_note, deposit_invoice, deposit_lines, invoice

ISSUED = date(2026, 11, 28)
TAXED = Vat(rate=2000)
REDUCED = Vat(rate=550)
ASSOCIATION = Vat(
    rate=0,
    exemption=Exemption(code="VATEX-FR-CGI261-7", wording="Exonération de TVA, article 261-7-1° du CGI"),
)
FRANCHISE = Vat(
    rate=0,
    exemption=Exemption(
        code="VATEX-FR-FRANCHISE",
        wording="TVA non applicable, article L. 223-3 du CIBS",
    ),
)
TEACHING = Vat(
    rate=0,
    exemption=Exemption(code="VATEX-FR-CGI261-4", wording="Exonération de TVA, article 261-4-4° du CGI"),
)

SELLER = Seller(
    name="École de danse Arabesque",
    legal_form="SARL au capital de 10 000 €",
    address=Address(lines=("12 rue des Écoles", "Bâtiment B"), postcode="69003", city="Lyon"),
    siren="732829320",
    siret="73282932000074",
    registration="RCS Lyon 732 829 320",
    vat_number="FR44732829320",
    email="bonjour@arabesque.example",
    phone="+33 4 78 00 00 00",
    website="https://arabesque.example",
)
WITHOUT_VAT_NUMBER = SELLER.model_copy(
    update={
        "name": "Les Amis de la Musique",
        "legal_form": "Association loi 1901",
        "registration": "RNA W691234567",
        "vat_number": None,
    }
)
FAMILY = Buyer(name="Hélène Lefèvre-Çelik", reference="2027-0042")
COMPANY = Buyer(
    kind="company",
    name="Comité d’entreprise Œuvre & Fils",
    address=Address(lines=("3 avenue Foch",), postcode="69006", city="Lyon"),
    siren="552100554",
    vat_number="FR59552100554",
    reference="2027-0043",
    order="BC-7781",
)
FOR_COMPANIES = (
    Note(code="PMT", text="Indemnité forfaitaire pour frais de recouvrement : 40 €."),
    Note(code="PMD", text="Pénalités de retard : trois fois le taux d’intérêt légal."),
    Note(code="AAB", text="Pas d’escompte pour paiement anticipé."),
)


def particulars(**changes: object) -> Particulars:
    return Particulars.model_validate(
        {
            "seller": SELLER,
            "buyer": FAMILY,
            "currency": "EUR",
            "language": "fr",
            "footer": "Arabesque · IBAN FR76 3000 6000 0112 3456 7890 189",
            "colour": "#7a1f5c",
            **changes,
        }
    )


def numbered(number: int, series: str = "FA") -> Numbered:
    return Numbered(series=series, number=f"{series}-2026-{number:06}", issued_on=ISSUED)


LINES = (
    Sold(
        id="dance",
        name="Danse classique, débutants",
        detail="Chloé · une heure par semaine · tarif plein",
        gross=31500,
        vat=TAXED,
        discounts=(("Réduction fratrie 10 %", 3500),),
    ),
    Sold(id="costume", name="Costume du gala", detail="Chloé", gross=4999, vat=TAXED, supplies="goods"),
    Sold(id="book", name="Cahier d’exercices", gross=1250, vat=REDUCED, supplies="goods"),
)


def exempt(lines: tuple[Sold, ...], vat: Vat) -> list[Sold]:
    return [
        Sold(id=line.id, name=line.name, gross=line.gross, vat=vat, detail=line.detail, discounts=line.discounts)
        for line in lines
    ]


def every_kind() -> dict[str, Document]:
    """One document of each kind that is drawn up, by a name."""
    september = {"supplied_on": date(2026, 9, 14), "supplied_until": date(2027, 6, 26)}
    taxed = invoice(particulars(), numbered(1), LINES, paid_on=date(2026, 10, 5), **september)
    deposit = deposit_invoice(
        particulars(), numbered(2), deposit_lines(10000, LINES, name="Acompte"), paid_on=date(2026, 9, 1)
    )
    association = particulars(seller=WITHOUT_VAT_NUMBER)
    company = particulars(buyer=COMPANY, notes=FOR_COMPANIES)
    return {
        "taxed": taxed,
        "english": invoice(particulars(language="en"), numbered(3), LINES, paid_on=date(2026, 10, 5), **september),
        "exempt": invoice(association, numbered(4), exempt(LINES, ASSOCIATION), paid_on=ISSUED, **september),
        "franchise": invoice(
            association, numbered(5), exempt(LINES, FRANCHISE), paid_on=ISSUED, supplied_on=date(2026, 9, 14)
        ),
        "mixed": invoice(
            particulars(),
            numbered(6),
            [*LINES, *exempt((Sold(id="class", name="Éveil musical", gross=18000, vat=TAXED),), TEACHING)],
            paid_on=ISSUED,
            **september,
        ),
        "company": invoice(company, numbered(7), LINES, paid_on=ISSUED, **september),
        "company_to_pay": invoice(
            particulars(buyer=COMPANY, notes=FOR_COMPANIES, terms="Payable par virement sous 30 jours."),
            numbered(8),
            LINES,
            paid=10000,
            due_on=ISSUED + timedelta(days=30),
            **september,
        ),
        "deposit": deposit,
        "final": invoice(particulars(), numbered(9), LINES, paid_on=ISSUED, deposits=[deposit], **september),
        "credit_note_of_a_deposit": credit_note(deposit, numbered(5, "AV"), reason="Inscription annulée"),
        "credit_note": credit_note(taxed, numbered(1, "AV"), reason="Annulation de l’inscription"),
        "credit_note_of_a_line": credit_note(taxed, numbered(2, "AV"), reason="Costume rendu", lines=["costume"]),
        "credit_note_company": credit_note(
            invoice(company, numbered(10), LINES, paid_on=ISSUED, **september),
            numbered(3, "AV"),
            reason="Erreur de tarif",
        ),
        "credit_note_exempt": credit_note(
            invoice(association, numbered(11), exempt(LINES, ASSOCIATION), paid_on=ISSUED, **september),
            numbered(4, "AV"),
            reason="Déménagement",
        ),
    }


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><circle cx="5" cy="5" r="4" fill="#0f766e"/></svg>'


def with_logo(document: Document) -> Document:
    """The document with ``SVG`` as its logo."""
    logo = Logo(digest=hashlib.sha256(SVG).hexdigest(), media_type="image/svg+xml")
    own = document.particulars.model_copy(update={"logo": logo})
    return document.model_copy(update={"particulars": own})


AMOUNTS = st.one_of(st.integers(1, 300), st.integers(1, 200_000), st.integers(1, 10**9))
TYPED = (
    "Éveil musical",
    "Çelik & Fils <b>",
    "#panic() *x* $y$ \\ @a `b` //c",
    "李小龍 🎉 علي",
    "e\u0301 ﬁ \u00ad \u202e",
    " ",
    "\x00\x07\ud800\uffff",
    "a\nb\tc",
    "x" * 300,
)
TEXTS = st.sampled_from(TYPED) | st.text(max_size=8)


@st.composite
def sold(draw: st.DrawFn, most: int = 12) -> list[Sold]:
    """Lines of one invoice: at any rates, with one reason of exemption at most."""
    rates = [Vat(rate=draw(st.sampled_from([2000, 1000, 550, 210, 810, 700]))) for _ in range(2)]
    treatments = [*rates, draw(st.sampled_from([ASSOCIATION, FRANCHISE, TEACHING]))]
    return [
        Sold(
            id=f"line-{place}",
            name=draw(TEXTS),
            detail=draw(st.none() | TEXTS),
            gross=draw(AMOUNTS),
            vat=draw(st.sampled_from(treatments)),
            discounts=tuple(draw(st.lists(st.tuples(TEXTS, AMOUNTS), max_size=2))),
            supplies=draw(st.sampled_from(["goods", "services"])),
        )
        for place in range(draw(st.integers(1, most)))
    ]


@st.composite
def parts_of(draw: st.DrawFn, lines: list[str]) -> list[list[str]]:
    """The lines, in several parts, in any order."""
    order = draw(st.permutations(lines))
    sizes = draw(st.lists(st.integers(1, len(lines)), min_size=1, max_size=len(lines)))
    ends = [end for end in accumulate(sizes) if end < len(lines)] + [len(lines)]
    return [order[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document that the builders make."""
    lines = draw(sold())
    buyer = draw(st.sampled_from([FAMILY, COMPANY]))
    seller = draw(st.sampled_from([SELLER, WITHOUT_VAT_NUMBER]))
    named = seller.model_copy(update={"name": draw(TEXTS)})
    notes = tuple(Note(text=text) for text in draw(st.lists(TEXTS, max_size=2)))
    own = particulars(
        seller=named,
        buyer=buyer.model_copy(update={"name": draw(TEXTS)}),
        language=draw(st.sampled_from(["fr", "en"])),
        currency=draw(st.sampled_from(["EUR", "CHF", "XPF"])),
        notes=notes,
    )
    days = {"supplied_on": date(2026, 9, 14), "supplied_until": draw(st.none() | st.just(date(2027, 6, 26)))}
    gross = sum(line.gross for line in lines)
    kind = draw(st.sampled_from(["paid", "due", "deposit", "final", "credit_note"]))
    if kind == "deposit":
        part = deposit_lines(draw(st.integers(1, gross)), lines, name="Acompte")
        return deposit_invoice(own, numbered(1), part, paid_on=ISSUED)
    if kind == "due":
        paid = draw(st.integers(0, gross))
        return invoice(own, numbered(1), lines, paid=paid, paid_on=ISSUED, due_on=ISSUED, **days)
    whole = invoice(own, numbered(1), lines, paid_on=ISSUED, **days)
    if kind == "final":
        part = deposit_lines(draw(st.integers(1, gross)), lines, name="Acompte")
        deposit = deposit_invoice(own, numbered(1), part, paid_on=ISSUED)
        return invoice(own, numbered(2), lines, paid_on=ISSUED, deposits=[deposit], **days)
    if kind == "credit_note":
        first = draw(parts_of([line.id for line in lines]))[0]
        return credit_note(whole, numbered(1, "AV"), reason=draw(TEXTS), lines=first)
    return whole
