"""What comes from another system, on a real database: recalled and invoiced by nobody, in the books once (IMP-3)."""

from datetime import date, timedelta

from carnet.events.contracts import AtOnce, Later, OnSite
from carnet.events.imports import Imported, PaidElsewhere, PlannedElsewhere
from carnet.ids import new_id
from payments.invoices.automatic import Invoicer
from payments.reminders.run import Reminders
from tests.integration.payments.conftest import Desk, Payments
from tests.integration.payments.invoicing import Sale, a_line, issued, settle
from tests.integration.payments.received_records import SALE_DAY, Credit, Family, Story
from tests.integration.payments.test_payments_books import fec, sums
from tests.integration.payments.test_payments_invoicing_worker import asked_of
from tests.integration.payments.test_payments_reminders import ALL_SLOTS, go_to, published, through_the_day, turn_on

SIGNED = SALE_DAY - timedelta(days=60)
LATE, COMING = SALE_DAY - timedelta(days=1), SALE_DAY + timedelta(days=5)


def from_elsewhere(paid: int = 0, *planned: tuple[date, int]) -> Imported:
    """Imported on the day of the sale: what was paid there by cheque, what was planned there."""
    received = PaidElsewhere(payment=new_id(), amount=paid, method="cheque", received_on=SIGNED) if paid else None
    return Imported(
        on=SALE_DAY,
        paid=(received,) if received else (),
        planned=tuple(PlannedElsewhere(due=due, amount=amount) for due, amount in planned),
    )


async def brought(payments: Payments, family: Family, total: int, imported: Imported) -> Story:
    """A contract of the family, to be paid on site, as an import opens it."""
    story = Story(family, number="2026-0042")
    await payments.handles(story.opened(total, OnSite(), mode="on_site", on=SIGNED, imported=imported))
    return story


async def test_imp_3_no_calendar_recalls_what_was_due_before_the_import(desk: Desk, payments: Payments) -> None:
    step = {"days": 2}
    families = [Family(payments.organisation) for _ in range(3)]
    for family in families:
        await payments.handles(family.changed())
    late = await brought(payments, families[0], 30_000, from_elsewhere(10_000, (LATE, 20_000)))
    dateless = await brought(payments, families[1], 30_000, from_elsewhere(10_000))
    coming = await brought(payments, families[2], 30_000, from_elsewhere(10_000, (COMING, 20_000)))
    await turn_on(desk, steps=[step], order_steps=[step], staff_after=7)
    worker = Reminders(payments.database)
    for sequence, day in enumerate((2, 7, 30), start=2):
        await go_to(payments, SALE_DAY + timedelta(days=day), sequence)
        await through_the_day(payments, worker)
    assert [await published(payments, story) for story in (late, dateless)] == [[], []]
    assert (await published(payments, coming))[0] == "PaymentsReminded"
    for family in families[:2]:
        by_hand = await desk.post(f"/v1/accounts/{family.account}/reminders", {})
        assert by_hand.status_code in {200, 201}, by_hand.text
    assert [await published(payments, story) for story in (late, dateless)] == [["PaymentsReminded"]] * 2


async def test_imp_3_what_was_paid_elsewhere_is_invoiced_by_hand_only(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await settle(desk, automatic=True)
    imported = Sale(Story(family), [a_line(30_000)])
    opened = imported.story.opened(30_000, Later(), on=SIGNED, imported=from_elsewhere(30_000))
    sold_here = Sale(Story(family), [a_line(20_000)])
    await payments.handles(opened, sold_here.story.opened(20_000, AtOnce()))
    assert (await desk.pay(sold_here.contract, 20_000, version=1)).status_code == 201
    assert await Invoicer(payments.database).round(ALL_SLOTS) == 1
    (request,) = await asked_of(payments)
    assert request["contract"] == sold_here.contract
    (invoice,) = await issued(desk, imported)
    assert invoice.total == 30_000


async def test_imp_3_what_was_paid_elsewhere_opens_the_books_and_an_invoice_levels_the_family(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    await settle(desk)
    imported = Sale(Story(family), [a_line(30_000)])
    came = from_elsewhere(10_000, (LATE, 20_000))
    await payments.handles(imported.story.opened(30_000, Later(), on=SIGNED, imported=came))
    await payments.handles(Credit(family, 2_500).issued(origin="imported"))
    content, rows = await fec(desk)
    assert sums(rows) == {"411000": -10_000, "419100": -2_500, "890000": 12_500}
    assert {(row["JournalCode"], row["EcritureDate"]) for row in rows} == {("OD", f"{SALE_DAY:%Y%m%d}")}
    assert await fec(desk) == (content, rows)
    version = (await payments.schedule(imported.contract)).version
    assert (await desk.pay(imported.contract, 20_000, version=version)).status_code == 201
    await issued(desk, imported)
    _, rows = await fec(desk)
    assert sums(rows) == {
        "419100": -2_500,
        "445710": -5_000,
        "530000": 20_000,
        "706000": -25_000,
        "890000": 12_500,
    }, "the family owes nothing, and no takings are booked for what was paid elsewhere"
