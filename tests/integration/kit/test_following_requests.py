"""The id of a request goes with all that it leads to: over topics, through reactions, into mails."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from carnet.batches import Batches
from carnet.envelope import Envelope, Received, read
from carnet.events.payments import SCHEDULES, ContractPaid
from carnet.ids import new_id
from carnet.journal import ORIGIN, Origin, coming_from
from carnet.observe import REQUEST_ID
from carnet.reactions import Reactions
from notifications.store import MAILS
from tests.agreement.school import School
from tests.memory.nature import natural
from tests.memory.suite import Suite
from tests.records import Given, to_record

REQUEST = "shop:1.2-3_4"


@pytest.fixture
def school() -> Iterator[School]:
    with natural() as nature:
        suite = Suite(nature)
        school = School(suite, suite.organisation)
        school.let_in()
        school.open()
        yield school


def record_of(request: str | None) -> Given:
    envelope = Envelope(
        id=new_id(),
        type=ContractPaid.type_name(),
        aggregate=new_id(),
        sequence=1,
        organisation=new_id(),
        time=datetime(2027, 1, 1, tzinfo=UTC),
        change=new_id(),
        actor="user:anna",
        request=request,
    )
    body = ContractPaid(
        contract=envelope.aggregate,
        account=new_id(),
        currency="EUR",
        covers=1,
        total=5_000,
        effective_on=envelope.time.date(),
    )
    key, value, headers = to_record(envelope, body.model_dump_json().encode())
    return Given(SCHEDULES.name, 0, 0, key, value, headers)


@pytest.mark.parametrize("request_id", [REQUEST, None])
def test_a_record_bears_the_request_where_there_is_one(request_id: str | None) -> None:
    record = record_of(request_id)
    assert dict(record.headers).get("ce_requestid") == (request_id.encode() if request_id else None)
    received = read(record, SCHEDULES)
    assert isinstance(received, Received)
    assert received.request == request_id


def test_an_origin_ends_with_its_block() -> None:
    with coming_from(Origin(request="outer")):
        with coming_from(Origin()):
            assert (ORIGIN.get().request, REQUEST_ID.get()) == (None, None)
        assert (ORIGIN.get().request, REQUEST_ID.get()) == ("outer", "outer")
    assert (ORIGIN.get().request, REQUEST_ID.get()) == (None, None)


def test_all_that_a_request_leads_to_bears_its_id(school: School) -> None:
    suite, account = school.suite, school.accounts[0]
    body = {
        "account": account.id,
        "mode": "online",
        "sale": {"start": "instalments", "count": 3},
        "add": [school.bought("course", account)],
    }
    before = {row["_id"] for service in suite.services.values() for row in service.journal}
    answer = suite.ask("contracts", "POST", "/v1/contracts", body, request=REQUEST)
    assert answer.ok, answer.body
    suite.settle()
    rows = [row for service in suite.services.values() for row in service.journal if row["_id"] not in before]
    assert {row["type"].split(".")[1] for row in rows} == {"contracts", "payments"}
    assert {row["request"] for row in rows} == {REQUEST}
    mails = suite.services["notifications"].database.states(MAILS).values()
    assert [(mail.kind, mail.request) for mail in mails] == [("contract_opened", REQUEST)]


def test_a_reaction_that_fails_logs_the_request_and_leaves_none_behind(school: School) -> None:
    table = Reactions(SCHEDULES)
    seen: list[str | None] = []

    @table.on(ContractPaid, loads=lambda _: [])
    def fails(*_: object) -> None:
        seen.append(REQUEST_ID.get())
        raise RuntimeError("broken")

    with capture_logs():
        payments = school.suite.services["payments"]
        school.suite.run(Batches("credits", payments.database, table).apply([record_of(REQUEST), record_of(None)]))
    assert set(seen) == {REQUEST, None}
    assert REQUEST_ID.get() is None
