"""PAY-5, NOT-1: what staff moves of one schedule in a short time is one mail, sent once it is done."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from carnet.events.payments import Instalment, ScheduleAdjusted
from carnet.ids import new_id
from notifications.domain.bursts import LONGEST, QUIET, Burst, is_open, is_void, moved
from notifications.domain.mails import Mail
from notifications.mails.payments_moved import Facts
from notifications.mails.words import default_words
from notifications.templates.render import write
from tests.unit.notifications.notification_builders import (
    ACCOUNT,
    FAMILY,
    NOW,
    ORGANISATION,
    adjusted,
    balance,
    variables,
)

FIRST, SECOND = (Instalment(id=new_id(), due=date(2027, month, 5), amount=18_000) for month in (2, 3))


def move(before: tuple[Instalment, ...], after: tuple[Instalment, ...], **changed: Any) -> ScheduleAdjusted:
    fields = {"instalments_before": before, "instalments": after, "balance_before": balance(54_000, 18_000)}
    return adjusted(54_000, 54_000, 4, change=None).model_copy(update={**fields, **changed})


def gathered(*events: ScheduleAdjusted, pause: timedelta = timedelta(seconds=5)) -> tuple[Burst, Mail, list[Mail]]:
    """The burst and the mail after these moves, and every mail that was made."""
    burst, mail, made, now = None, None, {}, NOW
    for sequence, event in enumerate(events, start=3):
        result = moved(
            burst,
            mail,
            event,
            sequence=sequence,
            now=now,
            organisation=ORGANISATION,
            account=ACCOUNT,
            cause=new_id(),
            change=new_id(),
            slot=1,
            request=f"request-{sequence}",
        )
        if result is not None:
            burst, mail = result
            made[mail.id] = mail
        now += pause
    assert burst is not None
    assert mail is not None
    return burst, mail, list(made.values())


LATER = FIRST.model_copy(update={"due": date(2027, 2, 20)})
LESS = SECOND.model_copy(update={"amount": 8_000})
NEW = Instalment(id=new_id(), due=date(2027, 4, 20), amount=10_000, method="cheque")


def test_several_edits_are_one_mail_from_the_first_state_to_the_last() -> None:
    burst, mail, made = gathered(
        move((FIRST, SECOND), (LATER, SECOND)),
        move((LATER, SECOND), (LATER, LESS)),
        move((LATER, LESS), (LATER, LESS, NEW)),
    )
    assert len(made) == 1
    assert mail.due == NOW + timedelta(seconds=10) + QUIET
    assert (burst.last, mail.id) == (5, burst.mail)
    assert isinstance(mail.content, Facts)
    assert (mail.content.first, mail.content.last) == (3, 5)
    assert (mail.request, mail.further_requests) == ("request-3", ("request-4", "request-5"))
    words = write(default_words("payments_moved", "en"), variables(mail.content, FAMILY), "en")
    assert words.subject == "Your upcoming payments have changed"
    rows = [line.split("  ") for line in words.text.splitlines() if "€" in line and "  " in line]
    said = [[cell.strip() for cell in row if cell.strip()] for row in rows][:3]
    assert said == [
        ["5 February 2027: €180.00", "20 February 2027: €180.00"],
        ["5 March 2027: €180.00", "5 March 2027: €80.00"],
        ["–", "20 April 2027: €100.00 (cheque)"],
    ]
    french = write(default_words("payments_moved", "fr"), variables(mail.content, FAMILY), "fr").text
    assert "5 février 2027\u00a0: 180,00\u00a0€  20 février 2027\u00a0: 180,00\u00a0€" in french


def test_a_cancelled_payment_is_named() -> None:
    _, mail, _ = gathered(move((FIRST, SECOND), (SECOND,)))
    text = write(default_words("payments_moved", "en"), variables(mail.content, FAMILY), "en").text
    assert "5 February 2027: €180.00  cancelled" in text


def test_what_was_put_back_is_not_written_about() -> None:
    _, mail, _ = gathered(move((FIRST,), (LATER,)), move((LATER,), (FIRST,)))
    assert is_void(mail)
    _, mail, _ = gathered(move((FIRST,), (LATER,)), move((LATER,), (FIRST,)), move((FIRST,), (LATER,)))
    assert not is_void(mail)


def test_what_moves_nothing_that_the_family_sees_makes_no_mail() -> None:
    waiting = FIRST.model_copy(update={"waits_for_method": True})
    for event in (move((waiting,), (FIRST,)), move((FIRST,), (LATER,), instalments_before=None)):
        assert moved(None, None, event, sequence=3, now=NOW, organisation=ORGANISATION) is None


def test_nor_is_it_gathered_while_a_mail_about_moves_waits() -> None:
    burst, mail, _ = gathered(move((FIRST,), (LATER,)))
    waiting = LATER.model_copy(update={"waits_for_method": True})
    woken = move((waiting,), (LATER,))
    assert moved(burst, mail, woken, sequence=4, now=NOW, organisation=ORGANISATION) is None


def test_a_move_that_is_delivered_again_changes_nothing() -> None:
    event = move((FIRST,), (LATER,))
    burst, mail, _ = gathered(event)
    assert moved(burst, mail, event, sequence=3, now=NOW, organisation=ORGANISATION) is None


@pytest.mark.parametrize(
    "taken", [{"status": "sending"}, {"status": "sent", "due": None}, {"due": NOW}, {"attempts": 1}]
)
def test_a_mail_that_is_on_its_way_takes_no_more_moves(taken: dict[str, Any]) -> None:
    burst, mail, _ = gathered(move((FIRST,), (LATER,)))
    gone = mail.model_copy(update=taken)
    assert not is_open(gone, NOW)
    envelope = {"organisation": ORGANISATION, "account": ACCOUNT, "cause": new_id(), "change": new_id(), "slot": 1}
    result = moved(burst, gone, move((LATER,), (LATER, NEW)), sequence=4, now=NOW, **envelope)
    assert result is not None
    assert result[1].id != mail.id
    assert isinstance(result[1].content, Facts)
    assert [each.due for each in result[1].content.moves] == [NEW.due]


def test_edits_without_end_are_mailed_after_a_while() -> None:
    states = itertools.cycle([(LATER,), (LATER, NEW)])
    before: tuple[Instalment, ...] = (FIRST,)
    events = []
    for _, after in zip(range(10), states, strict=False):
        events.append(move(before, after))
        before = after
    _, _, made = gathered(*events, pause=timedelta(minutes=2))
    assert len(made) > 1
    assert all(mail.due is not None and mail.due <= mail.created_at + LONGEST for mail in made)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("fr", "Une fois la suspension de l'abonnement levée"),
        ("en", "Once the pause of the subscription is lifted"),
    ],
)
def test_con_18_what_waits_for_a_pause_to_be_lifted_is_in_a_mail_without_a_date(language: str, says: str) -> None:
    waiting = FIRST.model_copy(update={"due": date(2077, 2, 5), "paused": True})
    _, mail, _ = gathered(move((waiting, SECOND), (waiting, LESS)), move((waiting, LESS), (LATER, LESS)))
    paused = mail.content.model_copy(update={"instalments": (waiting, SECOND)})
    text = write(default_words("payments_moved", language), variables(paused), language).text
    assert says in text
    assert {"fr": "une fois la suspension levée : 180,00", "en": "once the pause is lifted: €180.00"}[language] in text
    assert "2077" not in text
    assert [each.due for each in variables(paused).instalments] == [SECOND.due]
