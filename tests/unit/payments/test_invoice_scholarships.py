"""What a scholarship covers, on an invoice: in the language of the client, after the discounts (CRE-11, INV-1)."""

from datetime import date

import pytest

from carnet.events.catalog import CourseDetails
from carnet.events.contracts import LinesMarked, MarkedDiscount, MarkedLine, Purchase
from carnet.paper.writing import Language
from payments.invoices.domain.issuing import Client, Issuer, issue
from payments.invoices.domain.numbering import new_series
from payments.invoices.domain.requests import ask
from payments.invoices.domain.settings import InvoiceFields, InvoiceSettings
from tests.unit.payments.invoice_samples import SELLER
from tests.unit.payments.payments_builders import a_context, a_schedule, an_id

SOLD = date(2026, 11, 2)
SETTINGS = InvoiceSettings.none_of(an_id(1)).model_copy(update={"fields": InvoiceFields(seller=SELLER)})


def marked_line(*taken_off: MarkedDiscount, net: int) -> MarkedLine:
    purchase = Purchase(
        line=an_id(2),
        product=an_id(3),
        kind="course",
        name="Éveil à la danse",
        price=30_000,
        vat_rate=2_000,
        bought_on=SOLD,
        details=CourseDetails(),
    )
    return MarkedLine(purchase=purchase, discounts=taken_off, net=net)


@pytest.mark.parametrize(("language", "word"), [("fr", "Bourse"), ("en", "Scholarship")])
def test_cre_11_a_scholarship_is_named_in_the_language_of_the_client_and_a_discount_as_it_is(
    language: Language, word: str
) -> None:
    schedule = a_schedule(paid=13_500)
    _, request = ask(schedule, SETTINGS, a_context())
    marked = LinesMarked(
        contract=schedule.id,
        account=schedule.account,
        currency="EUR",
        request=request.id,
        lines=(
            marked_line(
                MarkedDiscount(name="Fratrie 10 %", amount=3_000),
                MarkedDiscount(name="scholarship", amount=13_500, scholarship=True),
                net=13_500,
            ),
        ),
        effective_on=SOLD,
    )
    done = issue(
        schedule,
        request,
        marked,
        a_context(),
        issuer=Issuer(SETTINGS, new_series(an_id(1), "FA", 2026)),
        client=Client("Hélène Lefèvre", "2026-0042", language),
    )
    (made,) = done.invoices
    (line,) = made.document.lines
    assert [(each.name, each.amount) for each in line.discounts] == [("Fratrie 10 %", 3_000), (word, 13_500)]
    assert (line.price, line.gross, made.document.gross, made.document.due) == (30_000, 13_500, 13_500, 0)
