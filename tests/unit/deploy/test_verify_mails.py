"""``carnet verify`` on mails: which are due by the events of payments and credits, and what they must say (NOT-1)."""

from typing import Any

import pytest

from carnet.events.base import Event
from carnet.events.payments import ContractPaid, RefundLineCreated
from carnet.ids import new_id
from carnet_operations.verify.contracts import Retold
from carnet_operations.verify.mails import BY_CREDITS, BY_PAYMENTS, CREDIT_KINDS, Due, check_mails, credit_dues, dues
from carnet_operations.verify.report import Report
from carnet_operations.verify.schedules import RetoldSchedule
from notifications.domain.content import KINDS
from notifications.domain.dues import KIND_OF, Telling, content_of
from notifications.domain.mails import mail_id
from tests.chaos.proof import ANSWER, MAIL
from tests.unit.notifications import money_events
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT

Document = dict[str, Any]
EVENTS = money_events.one_of_each()


def row_of(event: Event) -> Document:
    name = type(event).__name__
    owner = event.topic.name.split(".", maxsplit=1)[0]
    return {"_id": new_id(), "type": f"carnet.{owner}.{name}.v1", "data": event.model_dump(mode="json")}


def mail_of(event: Telling, row: Document) -> Document:
    content = content_of(event)
    assert content is not None
    kept = {"kind": content.kind, "account": ACCOUNT, "cause": row["_id"], "content": content.model_dump(mode="json")}
    return {"_id": mail_id(content.kind, row["_id"]), **kept}


def due_by(row: Document) -> list[Due]:
    if ".credits." in row["type"]:
        return list(credit_dues([row]))
    return list(dues(Retold(CONTRACT, {"account": ACCOUNT}), RetoldSchedule(), [row]))


def verified(row: Document, *mails: Document) -> Report:
    report = Report()
    check_mails("it", due_by(row), mails, report)
    return report


def test_notifications_the_verification_and_the_proof_of_chaos_know_the_same_events() -> None:
    mailed = {event.__name__: kind for event, kind in KIND_OF.items()}
    assert {name: kind for name, (kind, _) in {**BY_PAYMENTS, **BY_CREDITS}.items()} == mailed
    assert {name: kind for name, kind in MAIL.items() if name not in ANSWER} == mailed
    assert {kind for kind in KINDS if "credit" in kind} == set(CREDIT_KINDS)
    assert set(KIND_OF) == {type(event) for event in EVENTS} | {ContractPaid, RefundLineCreated}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_mail_that_notifications_makes_is_the_one_that_is_due(event: Telling) -> None:
    row = row_of(event)
    mail = mail_of(event, row)
    assert verified(row, mail).findings == []
    assert verified(row).findings[0].rule == "NOT-3"
    assert verified(row, mail, {**mail, "_id": new_id()}).findings[0].found == "2"
    other = {**mail, "cause": new_id()}
    assert [finding.rule for finding in verified(row, mail, other).findings] == ["NOT-1"]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_mail_that_tells_anything_else_is_found(event: Telling) -> None:
    row = row_of(event)
    (due,) = due_by(row)
    assert "amount" in due.says
    for name in due.says:
        mail = mail_of(event, row)
        mail["content"][name] = "another"
        (finding,) = verified(row, mail).findings
        assert f"the {name}" in finding.what
    elsewhere = {**mail_of(event, row), "account": new_id()}
    assert [finding.what for finding in verified(row, elsewhere).findings] == ["the account"]


def test_a_refund_line_makes_a_mail_to_support_due_online_alone() -> None:
    fields = {"mode": "online", "amount": 6_000}
    line = {"_id": new_id(), "type": "carnet.payments.RefundLineCreated.v1", "data": fields}
    assert [due.kind for due in due_by(line)] == ["refund_awaiting"]
    assert due_by({**line, "data": {**fields, "mode": "on_site"}}) == []


def test_what_is_not_mailed_about_makes_nothing_due() -> None:
    for name in ("payments.CollectionStarted", "payments.CreditGivenBack", "credits.CreditUseRefused"):
        assert due_by({"_id": new_id(), "type": f"carnet.{name}.v1", "data": {}}) == []
