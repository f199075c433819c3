"""NOT-3: one mail per event, tried again with growing waits, then failed, then sent again by hand; ORG-4 erasing."""

from datetime import timedelta

import pytest

from carnet.events.contracts import AccountChanged, AccountPersonal, Member, MemberPersonal
from carnet.events.notifications import EmailFailed, EmailRequeued, EmailSent
from carnet.events.payments import RefundLineCreated
from carnet.ids import new_id
from carnet.refusals import Refusal
from notifications.domain.accounts import copy_of, erased_copy, newly_erased
from notifications.domain.mails import (
    Delivery,
    accepted,
    claimed_by,
    mail_id,
    not_taken,
    postponed,
    refused,
    send_again,
)
from notifications.domain.templates import Words, change_words, restore_default, untouched
from notifications.mails import refund_awaiting
from tests.unit.notifications.notification_builders import (
    ACCOUNT,
    CHANGE,
    CHILD,
    CONTRACT,
    NOW,
    ORGANISATION,
    OWNER,
    TODAY,
    context,
    facts_for_support,
    mail,
)

WAITS = (10.0, 60.0, 600.0)
DELIVERY = Delivery(
    address="camille@example.org", subject="Votre contrat", member=OWNER, language="fr", wording="default"
)
TO_SUPPORT = refund_awaiting.Facts(contract=CONTRACT, currency="EUR", amount=6_000, effective_on=TODAY)


def test_the_id_of_a_mail_is_that_of_its_cause_and_kind() -> None:
    assert mail_id("contract_paid", CHANGE) == mail().id == mail().id
    assert mail_id("contract_paid", new_id()) != mail().id
    assert mail_id("payment_received", CHANGE) != mail().id


def test_an_accepted_mail_is_published_as_sent_without_an_address() -> None:
    decision = accepted(mail(status="sending", claim="c", attempts=2), DELIVERY, now=NOW, erased=False)
    assert (decision.state.status, decision.state.due, decision.state.sent_at) == ("sent", None, NOW)
    assert decision.state.personal is not None
    assert decision.state.personal.address == "camille@example.org"
    (event,) = decision.events
    assert isinstance(event, EmailSent)
    assert (event.account, event.cause, event.attempts) == (ACCOUNT, CHANGE, 2)
    assert "camille" not in event.model_dump_json()


def test_a_person_erased_while_the_mail_was_on_its_way_is_not_kept() -> None:
    decision = accepted(mail(status="sending", claim="c"), DELIVERY, now=NOW, erased=True)
    assert decision.state.personal is None


def test_the_waits_grow_and_end() -> None:
    for attempts, wait in ((1, 10), (2, 60), (3, 600)):
        sending = mail(status="sending", claim="c", attempts=attempts)
        decision = not_taken(sending, "not-taken", "451", now=NOW, waits=WAITS, jitter=0.0)
        assert decision.state.status == "queued"
        assert decision.state.due == NOW + timedelta(seconds=wait)
        assert decision.events == ()
    last = not_taken(mail(attempts=4), "not-taken", "451", now=NOW, waits=WAITS, jitter=0.0)
    assert last.state.status == "failed"
    assert isinstance(last.events[0], EmailFailed)
    assert last.events[0].reason == "not-taken"


def test_jitter_shortens_a_wait_by_half_at_most() -> None:
    decision = not_taken(mail(attempts=2), "not-taken", "451", now=NOW, waits=WAITS, jitter=1.0)
    assert decision.state.due == NOW + timedelta(seconds=30)


def test_a_mail_that_waits_for_its_account_loses_no_attempt_and_looks_less_often() -> None:
    sending = mail(status="sending", claim="c", attempts=1)
    first, later = postponed(sending, now=NOW).state, postponed(sending, now=NOW + timedelta(hours=2)).state
    assert (first.status, first.attempts, first.claim) == ("queued", 0, None)
    assert first.due == NOW + timedelta(seconds=0.2)
    assert later.due == NOW + timedelta(hours=2, seconds=300)


def test_only_the_claimant_records_the_outcome() -> None:
    assert claimed_by(mail(status="sending", claim="mine"), "mine")
    assert not claimed_by(mail(status="sending", claim="other"), "mine")
    assert not claimed_by(mail(status="sent", claim=None), "mine")


@pytest.mark.parametrize("status", ["failed", "sent"])
def test_a_mail_at_its_end_is_sent_again_by_hand(status: str) -> None:
    decision = send_again(mail(status=status, due=None, attempts=5, reason="refused"), context(), erased=False)
    assert (decision.state.status, decision.state.due, decision.state.attempts) == ("queued", NOW, 0)
    assert isinstance(decision.events[0], EmailRequeued)
    assert decision.state.id == mail().id


@pytest.mark.parametrize("status", ["queued", "sending"])
def test_a_mail_on_its_way_is_not_sent_again(status: str) -> None:
    with pytest.raises(Refusal) as refusal:
        send_again(mail(status=status), context(), erased=False)
    assert refusal.value.slug == "mail-under-way"


def test_nothing_is_sent_again_to_an_erased_person_but_to_support_it_is() -> None:
    with pytest.raises(Refusal) as refusal:
        send_again(mail(status="failed"), context(), erased=True)
    assert refusal.value.slug == "person-erased"
    assert send_again(mail(TO_SUPPORT, status="failed"), context(), erased=True).state.status == "queued"


def test_a_mail_to_support_names_no_account_in_its_events() -> None:
    failed = refused(mail(TO_SUPPORT), "refused", "550")
    assert isinstance(failed.events[0], EmailFailed)
    assert failed.events[0].account is None
    assert failed.state.answer == "550"


@pytest.mark.parametrize(("mode", "due"), [("online", True), ("on_site", False)])
def test_support_receives_a_mail_about_a_refund_line_online_only(mode: str, due: bool) -> None:
    event = RefundLineCreated(
        contract=CONTRACT,
        account=ACCOUNT,
        mode=mode,
        currency="EUR",
        amount=6_000,
        effective_on=TODAY,
        change=CHANGE,
    )
    assert (facts_for_support(event) == TO_SUPPORT) is due


def account_event(*, erased: bool, named: bool = True) -> AccountChanged:
    members = (Member(id=OWNER, kind="adult"), Member(id=CHILD, kind="child", erased=erased))
    people = (
        MemberPersonal(id=OWNER, first_name="Camille", last_name="Morel", email="c@example.org"),
        *(() if erased else (MemberPersonal(id=CHILD, first_name="Zoé", last_name="Morel"),)),
    )
    personal = AccountPersonal(members=people) if named else None
    return AccountChanged(account=ACCOUNT, owner=OWNER, language="fr", members=members, personal=personal)


def test_the_copy_of_an_account_knows_its_owner_and_loses_who_is_erased() -> None:
    before = copy_of(account_event(erased=False), None, organisation=ORGANISATION, sequence=1)
    after = copy_of(account_event(erased=True), before, organisation=ORGANISATION, sequence=2)
    assert before.recipient is not None
    assert before.recipient.email == "c@example.org"
    assert before.person(CHILD) is not None
    assert after.person(CHILD) is None
    assert newly_erased(before, after)
    assert not newly_erased(after, after.model_copy(update={"version": 3}))
    assert not newly_erased(None, before)


def test_an_erased_account_keeps_nobody() -> None:
    before = copy_of(account_event(erased=False), None, organisation=ORGANISATION, sequence=1)
    gone = erased_copy(ACCOUNT, organisation=ORGANISATION, sequence=2)
    assert gone.recipient is None
    assert gone.people == ()
    assert newly_erased(before, gone)
    assert newly_erased(None, gone)
    assert not newly_erased(gone, gone)


def test_an_organisation_changes_its_words_and_goes_back() -> None:
    words = Words(subject="Bonjour", body="Merci")
    fresh = untouched(ORGANISATION, "contract_paid", "fr")
    own = change_words(fresh, words)
    assert own.state.words == words
    assert len(own.events) == 1
    assert "Merci" not in own.events[0].model_dump_json()
    assert change_words(own.state, words).events == ()
    back = restore_default(own.state)
    assert back.state.words is None
    assert len(back.events) == 1
    assert restore_default(back.state).events == ()
