"""An older process beside newer ones: what it does not know is kept and published, and parks or stops nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
import pytest
from pydantic import ValidationError

from carnet.decisions import Actor, Context
from carnet.envelope import Ignored, Received, read
from carnet.events import EVENTS, catalog, contracts, credits, payments, scholarship_uses
from carnet.events.base import Event
from carnet.http.bodies import Body, RawJson
from carnet.ids import new_id
from carnet.journal import JournalRow, rows_of, topic_of
from carnet.mongo import Unit, transact
from carnet.mongo.kit import PARKED
from carnet.organisations import ORGANISATIONS
from carnet.relay import record_of
from carnet.requests.asked import Request
from carnet.requests.causes import INVOICE_MARK
from contracts.contracts.store import PRODUCTS
from contracts.peers import ProductAnswered
from notifications.letters import recipient_of, seen_by_templates
from notifications.mails.words import default_words
from notifications.store import ACCOUNTS, MAILS
from notifications.templates.render import write
from notifications.templates.task import Task
from payments.credit_uses.domain import KnownCredit, request_use
from payments.credit_uses.store import USE_REQUESTS
from payments.invoices.domain.requests import InvoiceRequest
from payments.invoices.store import INVOICE_REQUESTS
from payments.schedules.store import SCHEDULES
from tests.memory.suite import PARTS, Service
from tests.newer import NEWER, Json, Place, Sample, at, grown
from tests.records import Given, record

ELSEWHERE = ("imported",)
"""The contract of the story has charges on dates of their own: it comes from no other system."""

ORDER = tuple(event for event in EVENTS if not event.tombstone)
"""Openings before what follows them."""


def given(event: type[Event], body: Json, sample: Sample, sequence: int, aggregate: str) -> Given:
    known, _ = sample.body(event)
    published = record(
        event.model_validate_json(orjson.dumps(known)),
        aggregate=aggregate,
        sequence=sequence,
        organisation=sample.id_of("organisation"),
        change=sample.id_of("change"),
    )
    return published.with_value(orjson.dumps(body))


@pytest.mark.parametrize("event", ORDER, ids=lambda event: event.__name__)
def test_what_a_newer_release_publishes_is_read_and_kept(event: type[Event]) -> None:
    sample = Sample()
    body, places = sample.body(event)
    for place in places:
        newer = grown(body, place)
        got = read(given(event, newer, sample, 1, new_id()), event.topic)
        assert isinstance(got, Received)
        written = got.body.model_dump(mode="json")
        again = type(got.body).model_validate(written).model_dump(mode="json")
        assert again == written
        if place.path or place.what != "field":  # a field beside those of the event itself is ignored
            assert at(written, place.path) == at(newer, place.path)


@pytest.mark.parametrize("event", ORDER, ids=lambda event: event.__name__)
def test_what_an_older_release_published_is_read(event: type[Event]) -> None:
    sample = Sample()
    assert isinstance(read(given(event, sample.older(event), sample, 1, new_id()), event.topic), Received)


def test_an_event_type_of_a_newer_release_is_passed_over() -> None:
    for event in EVENTS:
        sample = Sample()
        published = given(event, {"some": "thing"}, sample, 1, new_id())
        newer = published.with_header("ce_type", f"carnet.{event.topic.owner}.OfANewerRelease.v1".encode())
        assert isinstance(read(newer, event.topic), Ignored)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_the_journal_of_a_newer_process_is_published_as_it_says(event: type[Event]) -> None:
    """The relay of an older process may hold the slot of what a newer one of its service has written."""
    sample = Sample()
    body, _ = sample.body(event)
    decided = event.model_validate_json(orjson.dumps(body))
    (row,) = rows_of(new_id(), sample.id_of("organisation"), 0, [decided], a_context(sample))
    key, value, headers = record_of(row)
    type_, topic = f"carnet.{event.topic.owner}.OfANewerRelease.v2", f"{event.topic.owner}.of_a_newer_release"
    newer: JournalRow = {**row, "type": type_, "topic": topic}
    named = [(name, type_.encode() if name == "ce_type" else content) for name, content in headers]
    assert record_of(newer) == (key, value, named)
    assert topic_of(newer) == replace(event.topic, name=topic)


SUBJECTS = {
    "catalog.organisations": "organisation",
    "catalog.products": "product",
    "contracts.accounts": "account",
    "credits.credits": "credit",
}
"""The id that the events of a topic are about; a contract's by default."""

NOT_IN_THE_STORY: Mapping[str, tuple[type[Event], ...]] = {
    # No contract was opened whose lines could be marked.
    "contracts": (
        payments.InvoiceMarkRequested,
        payments.InvoiceIssued,
        payments.InvoiceNotIssued,
        payments.InvoiceCancelled,
    ),
    # The use is refused, no payment is taken back, and the lines are marked.
    "payments": (credits.CreditUsed, credits.CreditTakenBack, contracts.MarkRefused),
    # No credit is sold, and the requests of a use, of a voucher and of a scholarship, which are refused, have one id.
    "credits": (
        contracts.CreditRemovalRequested,
        contracts.VoucherRedemptionRequested,
        scholarship_uses.ScholarshipUseRequested,
        payments.CreditGivenBack,
    ),
}
"""What makes no sense in the one story published to each service. Nothing in them can be of an unknown value."""


def received_by(name: str) -> list[type[Event]]:
    """The events that a service reads, in the order of its topics."""
    topics = [table.topic.name for table in PARTS[name].reactions]
    left_out = NOT_IN_THE_STORY.get(name, ())
    return [event for topic in topics for event in ORDER if event.topic.name == topic and event not in left_out]


async def publish(name: str, sample: Sample, change: Callable[[Json, list[Place]], Json] | None) -> Service:
    """The service once it received every event that it reads, each changed so, else without what has a default.

    A new type of event comes at the end of each topic.
    """
    service = Service(name, PARTS[name])
    for topic, batches in service.batches.items():
        if (name, topic) == ("payments", "credits.credits"):
            await ask_for_a_credit(service, sample)
        if (name, topic) == ("payments", "contracts.contracts"):
            await ask_for_an_invoice(service, sample)
        events = [event for event in received_by(name) if event.topic.name == topic]
        aggregate = sample.id_of(SUBJECTS.get(topic, "contract"))
        published = [
            given(event, change(*sample.body(event)) if change else sample.older(event), sample, sequence, aggregate)
            for sequence, event in enumerate([*events, events[0]], start=1)
        ]
        published[-1] = published[-1].with_header(
            "ce_type", f"carnet.{events[0].topic.owner}.OfANewerRelease.v1".encode()
        )
        await batches.apply(published)
        marks = service.database.documents("marks").values()
        assert len(published) in [mark["sequence"] for mark in marks]
    return service


def a_context(sample: Sample) -> Context:
    return Context(
        now=datetime(2027, 1, 5, tzinfo=UTC),
        today=date(2027, 1, 5),
        actor=Actor("user", "tester"),
        change=new_id(),
        new_id=lambda: sample.id_of("request"),
    )


async def ask_for_a_credit(service: Service, sample: Sample) -> None:
    """Let payments ask for the use that credits refuses."""
    context = a_context(sample)
    organisation, contract = sample.id_of("organisation"), sample.id_of("contract")
    credit = KnownCredit(
        id=sample.id_of("credit"),
        organisation=organisation,
        account=sample.id_of("account"),
        currency="EUR",
        sold_by=None,
    )

    async def ask(unit: Unit) -> None:
        await unit.load_all([(SCHEDULES, contract)])
        schedule = unit.get(SCHEDULES, contract)
        assert schedule is not None
        decision, request = request_use(schedule, credit, 1, context)
        unit.decide(SCHEDULES, decision, context)
        unit.put(USE_REQUESTS, request)

    await transact(service.database, ask)


async def ask_for_an_invoice(service: Service, sample: Sample) -> None:
    """Let payments wait for the marks of an invoice."""
    request = InvoiceRequest(
        id=sample.id_of("request"),
        organisation=sample.id_of("organisation"),
        version=0,
        contract=sample.id_of("contract"),
        account=sample.id_of("account"),
        asked=Request.to(INVOICE_MARK, sample.id_of("contract")),
        asked_at=datetime(2027, 1, 5, tzinfo=UTC),
        asked_by="user:tester",
    )

    async def ask(unit: Unit) -> None:
        unit.put(INVOICE_REQUESTS, request)

    await transact(service.database, ask)


def parked(service: Service) -> list[tuple[str, str]]:
    return [(each["type"], each["reason"]) for each in service.database.documents(PARKED).values()]


SERVICES = [name for name, parts in PARTS.items() if parts.reactions]


@pytest.mark.parametrize("name", SERVICES)
async def test_nothing_that_a_newer_release_publishes_is_parked(name: str) -> None:
    """Each event has something newer in one place, in each of its places in turn; the last time nowhere."""
    most = max(len(Sample().body(event)[1]) for event in received_by(name))
    for turn in range(most + 1):
        sample = Sample(without=ELSEWHERE)

        def change(body: Json, places: list[Place], turn: int = turn) -> Json:
            return grown(body, places[turn]) if turn < len(places) else body

        service = await publish(name, sample, change)
        assert parked(service) == []
        if name == "notifications":
            await assert_mails_can_be_written(service)


@pytest.mark.parametrize("name", SERVICES)
async def test_nothing_that_an_older_release_published_is_parked(name: str) -> None:
    assert parked(await publish(name, Sample(without=ELSEWHERE), None)) == []


def test_what_is_not_in_the_story_has_no_enumeration() -> None:
    for events in NOT_IN_THE_STORY.values():
        for event in events:
            assert {place.what for place in Sample().body(event)[1]} == {"field"}


async def assert_mails_can_be_written(service: Service) -> None:
    """Every mail has its words, in a language that this release has."""
    documents = service.database.documents
    (account,) = [ACCOUNTS.read(each) for each in documents(ACCOUNTS.name).values()]
    (organisation,) = [ORGANISATIONS.read(each) for each in documents(ORGANISATIONS.name).values()]
    mails = [MAILS.read(each) for each in documents(MAILS.name).values()]
    assert mails
    for mail in mails:
        language = recipient_of(mail, account, organisation).language
        words = default_words(mail.kind, language)
        task = Task(
            words=words,
            kind=mail.kind,
            language=language,
            content=mail.content,
            account=account,
            organisation=seen_by_templates(organisation),
            number="",
        )
        assert write(words, task.view(), language).subject


async def test_a_copy_keeps_what_it_does_not_know() -> None:
    sample = Sample()
    newer = {"kind": NEWER, "some": [1, {"thing": None}]}

    def change(body: Json, _: list[Place]) -> Json:
        return {**body, "details": newer, "status": NEWER} if "details" in body else body

    service = await publish("contracts", sample, change)
    (document,) = service.database.documents(PRODUCTS.name).values()
    product = PRODUCTS.read(document)
    assert (product.status, document["details"]) == (NEWER, newer)
    assert PRODUCTS.write(product) == document


def test_the_catalog_may_answer_what_is_not_known() -> None:
    details = {"kind": NEWER, "value": {"some": "thing"}}
    answered = {"id": new_id(), "name": "a", "vat_rate": 0, "participant": False, "formats": [], "version": 1}
    product = ProductAnswered.model_validate({**answered, "status": NEWER, "details": details}).copy_for(new_id())
    assert (product.status, product.model_dump()["details"]) == (NEWER, details)


def test_a_request_with_what_is_not_known_is_refused() -> None:
    class Given(Body):
        details: catalog.Details
        mode: contracts.Mode

    for body, wrong in (
        ({"details": {"kind": NEWER}, "mode": "online"}, ("details",)),
        ({"details": {"kind": "discount", "kinds": [NEWER]}, "mode": "online"}, ("details", "discount", "kinds", 0)),
        ({"details": {"kind": "item"}, "mode": NEWER}, ("mode",)),
    ):
        with pytest.raises(ValidationError) as refused:
            Given.model_validate(RawJson(orjson.dumps(body)))
        assert [error["loc"] for error in refused.value.errors()] == [wrong]
