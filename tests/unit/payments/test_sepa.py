"""Mandates, collection dates and remittances, decided (PAY-18), and the file as banks read it."""

from datetime import date

import pytest

from carnet.refusals import Refusal
from payments.payment_methods.domain import PaymentMethod
from payments.refunds.domain.settling import Settling, refund_orders, settle_refund_line
from payments.sepa.api.refund_views import RefundFileView
from payments.sepa.api.views import RemittanceView
from payments.sepa.domain.banking import checked_creditor, checked_iban, first_collection, is_banking_day
from payments.sepa.domain.building import MOST_DEBITS, Due, build, collection_date
from payments.sepa.domain.mandates import SEPA, BankAccount, GivenTo, Mandate, Signature, sign
from payments.sepa.domain.refund_files import (
    RefundFile,
    build_refund_file,
    finish_refund_file,
    send_refund_file,
    take_back_refund_file,
)
from payments.sepa.domain.remittances import Remittance, mark_collected, mark_sent, take_back
from payments.sepa.domain.settings import Creditor, SepaSettings
from payments.sepa.file import plain, written
from tests.newer import NEWER
from tests.unit.payments.payments_builders import (
    ACCOUNT,
    CONTRACT,
    ORGANISATION,
    TODAY,
    a_context,
    a_payment,
    a_schedule,
    an_id,
    an_instalment,
)

SETTINGS = SepaSettings.none_of(ORGANISATION).model_copy(
    update={"creditor": Creditor(name="École", identifier="FR72ZZZ123456", sealed_iban="x", iban_ending="2606")}
)


def a_mandate() -> tuple[Mandate, PaymentMethod]:
    signature = Signature(date(2026, 11, 2), "Lille", "paper")
    given_to = GivenTo(ORGANISATION, ACCOUNT, "FR72ZZZ123456")
    signed = sign(an_id(1), given_to, BankAccount("Inès Martin", "sealed", "0189"), signature, a_context())
    return signed.decision.state, signed.method


def due(instalments: int) -> Due:
    mandate, method = a_mandate()
    schedule = a_schedule(*(an_instalment(number, "2026-11-21", 100) for number in range(1, instalments + 1)))
    return Due(schedule, method, mandate, 7)


@pytest.mark.parametrize(
    "day",
    ["2026-12-25", "2026-12-26", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-01", "2026-11-21", "2026-11-22"],
)
def test_pay_18_target_is_closed_on_these_days(day: str) -> None:
    assert not is_banking_day(date.fromisoformat(day))


def test_pay_18_the_bank_has_the_file_so_many_banking_days_before() -> None:
    assert first_collection(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert first_collection(date(2026, 11, 21), 2) == date(2026, 11, 24)
    assert first_collection(date(2027, 3, 25), 2) == date(2027, 3, 31)
    assert collection_date(None, SETTINGS, TODAY) == date(2026, 11, 24)


@pytest.mark.parametrize("number", ["", "FR76", "FR7630006000011234567890188", "FR14 2004 1010 0505 0001 3M02 607"])
def test_pay_18_a_wrong_iban_is_refused_and_not_repeated(number: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_iban(number)
    assert refused.value.slug == "iban-invalid"
    assert not number or number not in repr(refused.value)


def test_pay_18_numbers_are_kept_without_spaces() -> None:
    assert checked_iban("fr76 3000 6000 0112 3456 7890 189") == "FR7630006000011234567890189"
    assert checked_creditor("FR72 ZZZ 123456") == "FR72ZZZ123456"


def test_pay_18_a_file_has_500_debits_at_most_and_says_that_more_is_due() -> None:
    """The amounts add up, and what is left stays in its schedule."""
    built = build(an_id(9), SETTINGS, TODAY, [due(MOST_DEBITS - 1), due(2)], a_context())
    remittance = built.decision.state
    assert (len(remittance.debits), remittance.amount, built.more) == (MOST_DEBITS, MOST_DEBITS * 100, True)
    assert [each.state.processing for each in built.schedules] == [(MOST_DEBITS - 1) * 100, 100]
    assert {order.remittance for order in built.orders} == {remittance.id}
    assert {order.check_at for order in built.orders} == {None}, "no worker takes them to a provider"
    whole = build(an_id(9), SETTINGS, TODAY, [due(2)], a_context())
    assert not whole.more


def test_pay_18_what_is_paid_another_way_or_due_later_is_in_no_file() -> None:
    mandate, method = a_mandate()
    later = an_instalment(1, "2026-12-05", 100)
    at_the_desk = an_instalment(2, "2026-11-21", 100).model_copy(update={"method": "cash"})
    taken_back = an_instalment(3, "2026-11-21", 100).model_copy(update={"on_request": True})
    schedule = a_schedule(later, at_the_desk, taken_back, an_instalment(4, "2026-11-21", 100, held=True))
    with pytest.raises(Refusal) as refused:
        build(an_id(9), SETTINGS, TODAY, [Due(schedule, method, mandate, 7)], a_context())
    assert refused.value.slug == "nothing-to-remit"


def test_pay_4_a_refund_of_what_was_debited_by_file_waits_for_a_file_of_transfers() -> None:
    schedule = a_schedule(paid=300, refund_due=100)
    debited = a_payment(1, 300, method="direct_debit", provider=SEPA, reference="e2e", contract=CONTRACT)
    settled = settle_refund_line(schedule, Settling(100, "refunded"), [debited], a_context())
    (order,) = refund_orders(settled, 7, a_context())
    assert (order.amount, order.provider, order.to_transfer, order.refund_file) == (100, SEPA, True, None)
    assert order.check_at is None, "no worker takes it to a provider"


def test_pay_18_a_remittance_in_a_state_of_a_newer_release_is_shown_and_not_moved() -> None:
    built = build(an_id(9), SETTINGS, TODAY, [due(1)], a_context()).decision.state
    newer = Remittance.model_validate({**built.model_dump(mode="json"), "status": NEWER})
    assert RemittanceView.of(newer).model_dump(mode="json")["status"] == NEWER
    for decide in (mark_sent, take_back, mark_collected):
        with pytest.raises(Refusal) as refused:
            decide(newer, a_context())
        assert (refused.value.slug, refused.value.params["status"]) == ("remittance-moved-on", NEWER)
        assert "being updated" in refused.value.detail


def test_pay_18_a_file_of_refunds_in_a_state_of_a_newer_release_is_shown_and_not_moved() -> None:
    debited = a_payment(1, 300, method="direct_debit", provider=SEPA, reference="e2e", contract=CONTRACT)
    settled = settle_refund_line(
        a_schedule(paid=300, refund_due=100), Settling(100, "refunded"), [debited], a_context()
    )
    waiting = refund_orders(settled, 7, a_context())
    built = build_refund_file(an_id(9), SETTINGS, waiting, {}, a_context()).decision.state
    newer = RefundFile.model_validate({**built.model_dump(mode="json"), "status": NEWER})
    assert RefundFileView.of(newer).model_dump(mode="json")["status"] == NEWER
    for decide in (send_refund_file, take_back_refund_file, finish_refund_file):
        with pytest.raises(Refusal) as refused:
            decide(newer, a_context())
        assert (refused.value.slug, refused.value.params["status"]) == ("refund-file-moved-on", NEWER)
        assert "being updated" in refused.value.detail


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Łukasz Æsøp-Müller", "Lukasz AEsop-Muller"),
        ("Straße & Söhne", "Strasse ? Sohne"),
        ("Дмитрий", "???????"),
        ("L’Œuvre", "L'OEuvre"),
        ("x" * 100, "x" * 70),
    ],
)
def test_pay_18_names_are_in_the_letters_that_banks_take(name: str, shown: str) -> None:
    assert plain(name, 70) == shown


def test_mon_1_amounts_are_written_without_a_float() -> None:
    assert [written(amount) for amount in (1, 100, 999_999_999_99)] == ["0.01", "1.00", "999999999.99"]
