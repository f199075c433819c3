"""``carnet verify`` on mails: which are due by the events of payments and credits, and what they must say (NOT-1)."""

from datetime import date
from typing import Any

import pytest

from carnet.codes import new_code
from carnet.events.base import Event
from carnet.events.credits import (
    GiftCardIssued,
    GiftCardSendingRequested,
    PackReminded,
    VoucherIssued,
    VoucherSendingRequested,
)
from carnet.events.payments import ContractPaid, RefundLineCreated
from carnet.events.subscriptions import CancellationDeclined, CancellationRequested, SubscriptionRenewalAnnounced
from carnet.ids import new_id
from carnet_operations.verify.contracts.rebuilt import OWN_MAILS, ReplayedContract
from carnet_operations.verify.informed.mails import (
    ABOUT_CREDITS,
    ABOUT_OTHERS,
    MOVED,
    Due,
    check_mails,
    check_moves,
    dues,
    dues_by,
    kinds_about,
)
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules.replayed import ReplayedSchedule
from notifications.domain.mails import mail_id
from notifications.mails import DUE, KINDS, MAILS, facts_due
from tests.integration.notifications.events import (
    announced,
    called_off,
    given_back,
    invited,
    invoice_ready,
    paid,
    reminded,
    reminders_ended,
    statement_sent,
    withheld,
)
from tests.unit.notifications import money_events
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT

Document = dict[str, Any]
_GIVEN: dict[str, Any] = {
    "voucher": new_id(),
    "account": ACCOUNT,
    "contract": CONTRACT,
    "name": "A term of pottery",
    "code": new_code(),
    "effective_on": date(2027, 1, 31),
}
_ASKED = {
    **{name: _GIVEN[name] for name in ("account", "contract", "effective_on")},
    "currency": "EUR",
    "product": new_id(),
    "name": "Studio",
    "wished_on": date(2027, 3, 1),
}
_RENEWED: dict[str, Any] = {
    **{name: value for name, value in _ASKED.items() if name != "wished_on"},
    "period": 13,
    "term_ends_on": date(2027, 2, 28),
    "renews_on": date(2027, 3, 1),
    "last_day": date(2027, 3, 31),
    "price": 4_500,
}
_CARD: dict[str, Any] = {
    **{name: value for name, value in _GIVEN.items() if name != "voucher"},
    "credit": new_id(),
    "amount": 5_000,
    "left": 5_000,
    "currency": "EUR",
}
_REMINDED: dict[str, Any] = {
    **{name: value for name, value in _GIVEN.items() if name not in {"voucher", "code"}},
    "reminder": new_id(),
    "pack": new_id(),
    "why": "expires",
    "left": 4,
    "expires_on": date(2027, 2, 14),
}
EVENTS = (
    *money_events.one_of_each(),
    VoucherIssued(**_GIVEN, line=_GIVEN["voucher"], products=()),
    VoucherSendingRequested(**_GIVEN),
    PackReminded(**_REMINDED),
    GiftCardIssued(**_CARD, line=_CARD["credit"]),
    GiftCardSendingRequested(**_CARD),
    invoice_ready(new_id()),
    statement_sent(new_id()),
    invited(new_id()),
    reminded(new_id()),
    reminders_ended(),
    CancellationRequested.model_validate(_ASKED),
    CancellationDeclined.model_validate(_ASKED),
    SubscriptionRenewalAnnounced.model_validate(_RENEWED),
    withheld(),
    given_back(),
    announced(),
    called_off(),
)


def row_of(event: Event) -> Document:
    name = type(event).__name__
    owner = event.topic.name.split(".", maxsplit=1)[0]
    return {"_id": new_id(), "type": f"carnet.{owner}.{name}.v1", "data": event.model_dump(mode="json")}


def mails_of(event: Event, row: Document) -> list[Document]:
    return [
        {
            "_id": mail_id(facts.kind, row["_id"]),
            "kind": facts.kind,
            "account": ACCOUNT,
            "cause": row["_id"],
            "content": facts.model_dump(mode="json"),
        }
        for facts in facts_due(event)
    ]


def due_by(row: Document) -> list[Due]:
    if ".contracts." in row["type"]:
        return list(dues(ReplayedContract(CONTRACT, {"account": ACCOUNT}), ReplayedSchedule(), [row], []))
    return list(dues_by([row]))


def verified(row: Document, *mails: Document) -> Report:
    report = Report()
    check_mails("it", due_by(row), mails, report)
    return report


def test_each_mail_is_due_by_events_gathered_from_a_change_or_gathered_from_moves() -> None:
    due = {kind for kinds in DUE.values() for kind in kinds}
    gathered = {"contract_opened", "contract_changed", *OWN_MAILS.values(), MOVED}
    assert due | gathered == set(KINDS)
    assert not due & gathered
    assert set(DUE) == {type(event) for event in EVENTS} | {ContractPaid, RefundLineCreated}


def test_each_mail_is_read_beside_the_aggregate_of_its_events() -> None:
    assert {"credit", "voucher", "reminder"} == ABOUT_CREDITS
    assert "contract" in ABOUT_OTHERS
    for mail in MAILS.values():
        assert mail.about in mail.facts.model_fields
        assert {event.topic.owner == "credits" for event in mail.due} <= {mail.about in ABOUT_CREDITS}
        assert all(mail.about in event.model_fields for event in mail.due)
    facts = ABOUT_CREDITS | ABOUT_OTHERS
    read = [kind for fact in facts - {"contract"} for kind in kinds_about(fact)["$in"]]
    assert sorted(read) == sorted(kinds_about("contract")["$nin"])


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_mails_that_notifications_makes_are_those_that_are_due(event: Event) -> None:
    row = row_of(event)
    mails = mails_of(event, row)
    assert mails
    assert verified(row, *mails).findings == []
    assert verified(row).findings[0].rule == "NOT-3"
    assert verified(row, *mails, {**mails[0], "_id": new_id()}).findings[0].found == "2"
    other = {**mails[0], "cause": new_id()}
    assert [finding.rule for finding in verified(row, *mails, other).findings] == ["NOT-1"]


@pytest.mark.parametrize("charged", [False, True])
def test_no_mail_says_that_a_subscription_is_fully_paid(*, charged: bool) -> None:
    event = paid().model_copy(update={"charged": charged})
    row = row_of(event)
    assert [mail.kind for mail in due_by(row)] == ([] if charged else ["contract_paid"])
    assert len(mails_of(event, row)) == len(due_by(row))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_mail_with_other_facts_is_found(event: Event) -> None:
    row = row_of(event)
    for at, due in enumerate(due_by(row)):
        written = {"amount", "amount_after", "closing", "code", "contract", "creditor", "debts", "name", "total"}
        assert (written | {"wished_on"}) & set(due.says)
        for name in due.says:
            mails = mails_of(event, row)
            (mail,) = [mail for mail in mails if mail["kind"] == due.kind]
            mail["content"][name] = "another"
            (finding,) = verified(row, *mails).findings
            assert f"the {name}" in finding.what
        mails = mails_of(event, row)
        mails[at] = {**mails[at], "account": new_id()}
        assert [finding.what for finding in verified(row, *mails).findings] == ["the account"]


def moved(sequence: int, before: list[Document], after: list[Document]) -> Document:
    data = {"instalments_before": before, "instalments": after, "balance": {"total": sequence}}
    return {"_id": new_id(), "type": "carnet.payments.ScheduleAdjusted.v1", "sequence": sequence, "data": data}


def mail_about(first: int, last: Document) -> Document:
    shown = {name: last["data"][name] for name in ("balance", "instalments")}
    return {"_id": new_id(), "kind": MOVED, "content": {"first": first, "last": last["sequence"], **shown}}


def found_of(rows: list[Document], *mails: Document) -> list[str]:
    report = Report()
    check_moves("it", rows, mails, report)
    return [finding.what for finding in report.findings]


def test_a_mail_about_moves_shows_the_schedule_as_the_last_one_left_it() -> None:
    first, second, third = (
        [{"id": "a", "due": due, "amount": 1}] for due in ("2027-01-05", "2027-01-06", "2027-01-07")
    )
    rows = [moved(3, first, second), moved(4, second, third)]
    assert found_of(rows, mail_about(3, rows[1])) == []
    assert found_of(rows, mail_about(3, rows[0]), mail_about(4, rows[1])) == []
    assert len(found_of(rows)) == 2
    assert found_of(rows, mail_about(3, rows[0])) == [f"a mail about the move {rows[1]['_id']} of staff"]
    stale = mail_about(3, rows[1])
    stale["content"]["instalments"] = second
    assert found_of(rows, stale) == ["the instalments of the move"]
    assert len(found_of(rows, mail_about(7, {**rows[1], "sequence": 8}))) == 3
    # Put back as it was: nothing to write about. Nor about a hitch that only staff sees.
    assert found_of([moved(3, first, second), moved(4, second, first)]) == []
    assert found_of([moved(3, first, [{**first[0], "waits_for_method": True}])]) == []


def test_a_refund_line_makes_a_mail_to_support_due_online_alone() -> None:
    line = RefundLineCreated.model_validate(
        {
            **{name: _ASKED[name] for name in ("account", "contract", "effective_on", "currency")},
            "mode": "online",
            "amount": 6_000,
            "change": new_id(),
        }
    )
    assert [due.kind for due in due_by(row_of(line))] == ["refund_awaiting"]
    assert due_by(row_of(line.model_copy(update={"mode": "on_site"}))) == []


def test_what_is_not_mailed_about_makes_nothing_due() -> None:
    for name in ("payments.CollectionStarted", "payments.CreditGivenBack", "credits.CreditUseRefused"):
        assert due_by({"_id": new_id(), "type": f"carnet.{name}.v1", "data": {}}) == []


@pytest.mark.parametrize("event", [VoucherIssued, GiftCardIssued])
def test_cre_8_a_gift_that_is_sent_on_a_later_day_makes_no_mail_due_yet(event: type[Event]) -> None:
    facts = {"line": new_id(), **({"products": ()} if event is VoucherIssued else {})}
    given = event.model_validate(
        {**(_GIVEN if event is VoucherIssued else _CARD), **facts, "send_on": date(2027, 12, 24)}
    )
    assert facts_due(given) == ()
    assert due_by(row_of(given)) == []
