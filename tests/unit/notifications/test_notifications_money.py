"""NOT-1: the mails about money that comes, fails to come, leaves again or is kept as a credit, in both languages."""

import re
from datetime import date
from typing import Any, get_args

import pytest

from carnet.events.base import Event
from carnet.events.credits import Origin
from carnet.events.payments import FailureReason, Method, RefundLineCreated, ReversalReason, SettledHow
from carnet.ids import new_id
from notifications.domain.templates import Words
from notifications.mails import DUE, MAILS, credit_granted, facts_due, method_missing, payment_failed, payment_received
from notifications.mails.facts import Facts
from notifications.mails.words import default_words
from notifications.templates.check import check
from notifications.templates.render import Written, write
from notifications.templates.values import Term
from notifications.templates.values import write as write_value
from notifications.templates.variables import variables_of
from tests.unit.notifications import money_events as money
from tests.unit.notifications.notification_builders import (
    ACCOUNT,
    CONTRACT,
    FAMILY,
    TODAY,
    balance,
    facts_for_client,
    facts_for_support,
    variables,
)

REASONS: tuple[FailureReason, ...] = get_args(FailureReason)


def written(event: Event, language: Any = "en", words: Words | None = None, *, support: bool = False) -> Written:
    """The mail to the client, or to support, about the event, with plain spaces."""
    facts = facts_for_support(event) if support else facts_for_client(event)
    assert facts is not None
    made = write(words or default_words(facts.kind, language), variables(facts, FAMILY), language)
    plain = re.compile(r"[\u00a0\u202f]")
    return Written(plain.sub(" ", made.subject), plain.sub(" ", made.text), plain.sub(" ", made.html))


@pytest.mark.parametrize("event", money.one_of_each(), ids=lambda event: type(event).__name__)
def test_each_event_has_the_mails_of_its_kinds(event: Event) -> None:
    found = facts_due(event)
    assert {facts.kind for facts in found} <= set(DUE[type(event)])
    for facts in found:
        assert facts.currency == "EUR"
        # Stored and read again as it is.
        assert type(facts).model_validate(facts.model_dump(mode="json")) == facts


def test_which_events_support_gets_a_mail_about() -> None:
    due = {type(event).__name__: facts.kind for event in money.one_of_each() if (facts := facts_for_support(event))}
    assert due == {"RefundFailed": "refund_failed", "RefundLineChanged": "refund_grew"}
    assert facts_for_support(money.reversed_(beyond=1)) is not None
    to_client = [type(event).__name__ for event in money.one_of_each() if not facts_for_clients(event)]
    assert to_client == ["RefundLineChanged"]


def facts_for_clients(event: Event) -> list[Facts]:
    return [facts for facts in facts_due(event) if MAILS[facts.kind].to == "client"]


def test_a_refund_line_on_site_or_that_fell_is_mailed_to_nobody() -> None:
    line = {"contract": CONTRACT, "account": ACCOUNT, "currency": "EUR", "effective_on": TODAY, "change": None}
    assert facts_due(RefundLineCreated(**line, amount=1, mode="on_site")) == ()
    assert facts_due(money.refund_line_changed(6_000, 9_000, mode="on_site")) == ()
    assert facts_due(money.refund_line_changed(9_000, 6_000)) == ()


def test_a_payment_collected_online_says_how_and_when() -> None:
    assert (
        "on 5 January 2027 we collected €180.00 by direct debit."
        in written(money.collected_online("direct_debit")).text
    )
    french = written(money.collected_online("direct_debit"), "fr")
    assert french.subject == "Nous avons reçu votre paiement de 180,00 €"
    assert "le 5 janvier 2027, nous avons encaissé 180,00 € par prélèvement." in french.text
    assert "par carte." in written(money.collected_online(), "fr").text


def test_facts_that_were_kept_before_they_could_say_more_are_still_read() -> None:
    kept = payment_received.Facts.model_validate(
        {
            "kind": "payment_received",
            "contract": CONTRACT,
            "mode": "online",
            "currency": "EUR",
            "amount": 100,
            "method": "cheque",
            "received_on": "2027-01-05",
            "balance": balance(200, 100).model_dump(),
            "instalments": [{"id": new_id(), "due": "2027-02-05", "amount": 100, "fixed": False, "held": False}],
        }
    )
    assert not kept.online
    assert kept.instalments[0].next_try is None
    credit = {"kind": "credit_granted", "credit": new_id(), "contract": CONTRACT, "currency": "EUR", "amount": 100}
    assert credit_granted.Facts.model_validate(credit).origin is None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_reason_of_a_failure_has_its_own_advice(language: str) -> None:
    texts = [written(money.failed(reason), language).text.split("\n\n")[2] for reason in REASONS]
    assert len(set(texts)) == len(REASONS)
    asking = {"en": ("Please", "lease"), "fr": ("Merci", "erci")}[language]
    assert all(any(word in text for word in asking) for text in texts)


def test_an_expired_method_is_to_be_updated_before_the_next_try() -> None:
    mail = written(money.failed("expired"))
    assert mail.subject == "Your payment of €180.00 did not go through"
    assert "due on 5 January 2027 could not be collected by card." in mail.text
    assert "Please update it" in mail.text
    assert "We will try again on 8 January 2027." in mail.text
    assert "5 January 2027 (next try on 8 January 2027)" in mail.text
    french = written(money.failed("expired"), "fr")
    assert "Votre échéance de 180,00 € du 5 janvier 2027 n'a pas pu être réglée par carte." in french.text
    assert "Nous ferons une nouvelle tentative le 8 janvier 2027." in french.text


def test_after_the_last_attempt_the_mail_says_that_there_is_no_other() -> None:
    last = money.failed("refused", None)
    assert "We will not try again by ourselves. Please contact us to pay €180.00." in written(last).text
    assert "5 January 2027 (not collected automatically)" in written(last).text
    assert "Nous ne ferons pas de nouvelle tentative de nous-mêmes." in written(last, "fr").text


def test_a_failure_of_what_is_no_longer_due_asks_for_nothing() -> None:
    gone = money.failed("expired", None, left=0)
    content = facts_for_client(gone)
    assert isinstance(content, payment_failed.Facts)
    assert content.left == 0
    for language, nothing in (("en", "nothing of this payment is due any more"), ("fr", "vous n'avez rien à faire")):
        text = written(gone, language).text
        assert nothing in text
        assert "try again" not in text
        assert "expir" not in text
    less = written(money.failed(left=5_000)).text
    assert "€50.00 of this payment is still due" in less


def test_a_missing_method_is_asked_for() -> None:
    event = money.method_missing()
    content = facts_for_client(event)
    assert isinstance(content, method_missing.Facts)
    assert (content.amount, content.due) == (18_000, TODAY)
    assert "Please add one, a card or a direct debit mandate" in written(event).text
    assert "5 January 2027 (payment method missing)" in written(event).text
    assert "Il manque un moyen de paiement" in written(event, "fr").subject


@pytest.mark.parametrize(
    ("reason", "english", "french"),
    [
        ("returned_debit", "your bank returned the direct debit", "votre banque a rejeté le prélèvement"),
        ("chargeback", "was disputed with your bank", "a été contesté auprès de votre banque"),
        ("bounced_cheque", "came back to us unpaid", "nous est revenu impayé"),
        ("other", "your bank took back", "votre banque a repris"),
    ],
)
def test_a_reversal_says_what_happened_and_what_to_do(reason: ReversalReason, english: str, french: str) -> None:
    event = money.reversed_(reason)
    assert english in written(event).text
    assert "is not collected automatically. Please contact us to pay it." in written(event).text
    assert french in written(event, "fr").text
    assert "ne sera pas prélevée automatiquement" in written(event, "fr").text


def test_a_reversal_on_site_is_paid_there_and_one_that_a_refund_line_absorbs_asks_for_nothing() -> None:
    on_site = money.reversed_("bounced_cheque", mode="on_site")
    assert "Please pay it on site, or contact us." in written(on_site).text
    absorbed = money.reversed_(paid=54_000)
    assert "You have nothing to pay because of this" in written(absorbed).text
    assert "Vous n'avez rien à régler" in written(absorbed, "fr").text


def test_pay_13_a_reversal_of_what_was_settled_before_says_that_somebody_will_call() -> None:
    for due in ({}, {"paid": 54_000}):
        event = money.reversed_("chargeback", beyond=5_000, **due)
        english, french = written(event).text, written(event, "fr").text
        assert "€50.00 of it had been given back to you or settled with you before." in english.replace("*", "")
        assert "50,00 € vous avaient déjà été restitués" in french.replace("*", "").replace("\xa0", " ")
        assert "nothing to pay" not in english
        assert ("Please contact us to pay it." in english) == (due == {})


@pytest.mark.parametrize(
    ("how", "english", "french"),
    [
        ("refunded", "to the payment method that you had paid with", "sur le moyen de paiement que vous aviez utilisé"),
        ("converted", "became a client credit", "a été convertie en crédit client"),
        ("on_site", "to you on site", "remboursé 40,00 € sur place"),
        ("waived", "was closed without a payment to you", "a été clôturé sans versement"),
    ],
)
def test_a_mail_says_how_a_refund_line_was_settled(how: SettledHow, english: str, french: str) -> None:
    for language, words, left in (("en", english, "Still to be given back to you: €20.00"),
                                  ("fr", french, "Restant à vous restituer : 20,00 €")):  # fmt: skip
        in_part = written(money.settled(how), language)
        assert words in in_part.text
        assert "40" in in_part.subject
        assert left in in_part.text
        assert left.split(":")[0] not in written(money.settled(how, left=0), language).text
        assert money.CREDIT not in in_part.text


def test_pay_18_a_refund_that_waits_for_a_file_of_the_bank_is_said_to_come_and_not_to_be_made() -> None:
    english, french = (written(money.settled(by_transfer=4_000), language) for language in ("en", "fr"))
    assert (english.subject, french.subject) == ("Your refund of €40.00", "Votre remboursement de 40,00 €")
    assert "We are going to give €40.00 back to you by bank transfer" in english.text
    assert "Nous allons vous rembourser 40,00 € par virement, sur le compte qui avait été prélevé" in french.text
    for mail, made in ((english, "we refunded"), (french, "nous avons remboursé")):
        assert made not in mail.text
    both = written(money.settled(by_transfer=1_500), "en").text
    assert "we refunded €25.00 to the payment method" in both
    assert "We are going to give €15.00 back to you by bank transfer" in both


@pytest.mark.parametrize(
    ("method", "english", "french"),
    [
        (None, "to you on site.", "40,00 € sur place."),
        ("cash", "to you on site.", "40,00 € sur place."),
        ("transfer", "to you by bank transfer.", "40,00 € par virement."),
        ("cheque", "to you by cheque.", "40,00 € par chèque."),
    ],
)
def test_pay_4_a_mail_says_how_something_was_given_back_on_site(method: str | None, english: str, french: str) -> None:
    event = money.settled("on_site", method=method)
    assert english in written(event, "en").text
    assert french in written(event, "fr").text


def test_a_mail_to_support_says_that_a_refund_failed_why_and_what_is_due_now() -> None:
    event = money.refund_failed()
    text = written(event, support=True).text
    assert "account closed" in text
    assert re.search(r"Camille Morel +2027-0042 +€40\.00", text)
    assert "The refund line of the contract is now €60.00" in text
    assert "un remboursement n'a pas pu être fait (compte clôturé)" in written(event, "fr", support=True).text
    assert "no refund line is left" in written(money.refund_failed(due=0), support=True).text


def test_not_1_a_mail_to_the_family_says_that_its_refund_failed() -> None:
    english, french = written(money.refund_failed()), written(money.refund_failed(), "fr")
    assert english.subject == "Your refund of €40.00 could not be made"
    assert "could not be made (account closed). You have not received this money yet." in english.text
    assert "To be given back to you: €60.00" in english.text
    assert french.subject == "Votre remboursement de 40,00 € n'a pas abouti"
    assert "À vous restituer : 60,00 €" in french.text
    assert "now counts as paid on it" in written(money.refund_failed(due=0)).text


def test_not_1_mails_to_support_say_that_a_refund_line_grew_and_that_money_is_lost() -> None:
    grew = written(money.refund_line_changed(6_000, 9_000), support=True)
    assert grew.subject == "Refund to correct, now €90.00"
    assert re.search(r"2027-0042 +€60\.00 +€90\.00", grew.text)
    assert "désormais de 90,00 €" in written(money.refund_line_changed(6_000, 9_000), "fr", support=True).subject
    lost = written(money.reversed_("chargeback", beyond=5_000), support=True)
    assert lost.subject == "Money taken back beyond a contract: €50.00"
    assert "took back a payment of €180.00 (direct debit: payment disputed)" in lost.text
    assert "Somme reprise au-delà" in written(money.reversed_("chargeback", beyond=5_000), "fr", support=True).subject


def test_pay_19_the_mail_about_a_correction_is_in_the_language_of_the_family() -> None:
    wrong = written(money.payment_voided())
    assert wrong.subject == "Correction: your payment of €500.00 had been entered by mistake"
    assert "received €500.00 from you on 4 January 2027 (cash)" in wrong.text
    assert "corrected it on 5 January 2027: this payment does not count. Nothing was taken" in wrong.text
    assert "bank took" not in wrong.text
    assert "avait été saisi par erreur" in written(money.payment_voided(), "fr").subject
    on_site, waived = (
        written(money.settlement_voided("on_site")),
        written(money.settlement_voided("waived")),
    )
    assert "refunded €40.00 to you on site on 4 January 2027" in on_site.text
    assert "this refund has not been made" in on_site.text
    assert "your refund of €40.00 was closed without a payment to you" in waived.text
    assert "had been closed by mistake" in waived.subject
    assert "avait été clôturé par erreur" in written(money.settlement_voided("waived"), "fr").subject


@pytest.mark.parametrize("language", ["en", "fr"])
def test_con_27_a_mail_names_contract_and_account_by_their_number_and_never_by_an_id(language: Any) -> None:
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
    contract = {"en": "Contract 2027-0042, account 2027-0007", "fr": "Contrat 2027-0042, compte 2027-0007"}[language]
    for kind, mail in MAILS.items():
        named = write(default_words(kind, language), variables(mail.sample("EUR")), language)
        assert (contract in named.text) == (mail.to == "client")
        assert ("2027-0042" in named.text) == ("2027-0007" in named.text)
        # Opened before there were numbers: nothing odd.
        unnamed = write(default_words(kind, language), variables(mail.sample("EUR"), FAMILY, number=""), language)
        assert not uuid.search(named.text + named.html + unnamed.text + unnamed.html)
        assert not re.search(r"Contra|account|\bcompte 2|\(\)|None", unnamed.text.split("-" * 40)[-1])


@pytest.mark.parametrize(
    ("origin", "english", "french"),
    [
        ("refund", "had to give back to you is now a client credit", "devait vous restituer est désormais"),
        ("deposit", "Your deposit of €40.00", "Votre dépôt de 40,00 €"),
        ("staff", "You now have a client credit of €40.00", "Vous disposez désormais d'un crédit client"),
    ],
)
def test_a_credit_says_where_it_comes_from_with_or_without_a_contract(
    origin: Origin, english: str, french: str
) -> None:
    event = money.issued(origin, CONTRACT if origin == "refund" else None)
    assert english in written(event).text
    assert french in written(event, "fr").text
    assert "You now have a client credit" in written(money.granted()).text


def test_a_use_says_what_is_left_and_a_credit_that_came_back_what_it_holds() -> None:
    assert "your client credit paid €40.00 of your contract" in written(money.used()).text
    assert "Left on this credit: €10.00" in written(money.used()).text
    assert "This credit is now used up." in written(money.used(left=0)).text
    assert "Il vous reste 10,00 € sur ce crédit." in written(money.used(), "fr").text
    assert "There is now €50.00 on this credit." in written(money.restored()).text
    assert "Ce crédit s'élève désormais à 50,00 €." in written(money.restored(), "fr").text


def test_pay_13_a_family_is_informed_that_the_bank_took_back_its_deposit_and_what_it_owes() -> None:
    bounced = written(money.deposit_reversed())
    assert bounced.subject == "Your deposit of €40.00 was returned"
    assert "your cheque of €40.00, a deposit with" in bounced.text
    assert "taken €10.00 off this credit; there is now €0.00 on it." in bounced.text
    assert "You now have €30.00 to pay for what was used." in bounced.text
    french = written(money.deposit_reversed("returned_debit", taken=0), "fr")
    assert "votre banque a rejeté le prélèvement de 40,00 €, un dépôt chez" in french.text
    assert "qui a été utilisé depuis" in french.text
    assert "Il vous reste 30,00 € à régler" in french.text
    whole = written(money.deposit_reversed("chargeback", taken=4_000, due=0)).text
    assert "was disputed with your bank" in whole
    assert "You have nothing to pay because of this." in whole
    assert "your bank took back your deposit" in written(money.deposit_reversed("other")).text


def test_pay_13_a_family_is_informed_that_its_credit_was_taken_back() -> None:
    reversal = written(money.taken_back(new_id()))
    assert reversal.subject == "€40.00 was taken off your client credit"
    assert "Your bank took back a payment that you had made" in reversal.text
    assert "There is now €10.00 on this credit." in reversal.text
    assert "still have" not in reversal.text
    covered = written(money.taken_back(due=500), "fr")
    assert covered.subject == "40,00 € retirés de votre crédit client"
    assert "ont couvert ce qu'il vous restait à régler" in covered.text
    assert "Il vous reste 5,00 € à régler." in covered.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_of_the_events_is_written_in_the_language(language: str) -> None:
    codes = {code for words in (FailureReason, ReversalReason, SettledHow, Origin, Method) for code in get_args(words)}
    said = {code: write_value(Term(code), language) for code in codes | {"sold"}}
    assert not [words for words in said.values() if "_" in words]
    if language == "fr":
        assert [code for code, words in said.items() if words == code] == []


def test_a_date_that_may_be_missing_is_a_date_in_a_template() -> None:
    (payment,) = [variable for variable in variables_of("payment_failed") if variable.name == "payment"]
    assert {part.name: part.sort for part in payment.parts}["next_try"] == "date"
    own = Words(
        subject="s", body="x{% if payment.next_try %} {{ payment.next_try|short }}{% endif %}{{ payment.next_try }}"
    )
    check(own, "payment_failed", "en")
    assert written(money.failed(next_try=date(2027, 1, 8)), words=own).text == "x 08/01/20278 January 2027\n"
    assert written(money.failed(next_try=None), words=own).text == "x\n"
