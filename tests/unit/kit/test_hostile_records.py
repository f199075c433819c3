"""Whatever is on a topic, every reader of records says that it can't be read, and goes on."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from carnet.dates import GivenInstant, read_instant, write_instant
from carnet.envelope import UnreadableError, read
from carnet.events.payments import SCHEDULES, ContractReopened
from carnet.ids import new_id
from carnet_operations.verify.published.topics import Reading, take
from carnet_operations.verify.report import Report
from tests.records import Given, record

OUT_OF_REACH = (
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "10000-01-01T00:00:00Z",
    "2027-01-31T09:00:00",
    "2027-02-30T09:00:00Z",
    "9" * 400,
    "",
)


HEADERS = ("none", "empty", "bytes", "long", "negative")
BODIES = (b"[" * 100_000, b"[" * 500 + b"]" * 500, b'{"a":' + b"9" * 400 + b"}", b"\xff", b"1e999")


def good() -> Given:
    contract = new_id()
    body = ContractReopened(
        contract=contract, account=new_id(), currency="EUR", covers=1, total=5, effective_on=date(2026, 11, 22)
    )
    return record(body, aggregate=contract, sequence=1, organisation=new_id())


def verified(given: Given) -> list[str]:
    report = Report()
    take(given, Reading(SCHEDULES), report)
    return [finding.found for finding in report.findings]


@pytest.mark.parametrize("time", OUT_OF_REACH)
def test_an_instant_that_is_none_is_unreadable_to_every_reader(time: str) -> None:
    given = good().with_header("ce_time", time.encode())
    with pytest.raises(UnreadableError, match="headers"):
        read(given, SCHEDULES)
    assert "unreadable" in str(verified(given))
    with pytest.raises(ValueError, match=r"."):
        read_instant(time)
    with pytest.raises(ValidationError):
        TypeAdapter(GivenInstant).validate_python(time)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "2027-01-31T10:00:00+01:00"])
def test_an_instant_at_the_edge_is_read_and_written(time: str) -> None:
    given = good().with_header("ce_time", time.encode())
    event = read(given, SCHEDULES)
    written = write_instant(event.envelope.time)
    assert (len(written), read_instant(written)) == (27, event.envelope.time)
    assert verified(given) == []


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_subject", "ce_sequence", "ce_organisation", "ce_time"])
@pytest.mark.parametrize(
    "value", [None, b"", b"\xff\xfe", b"9" * 5000, b"-1"], ids=["none", "empty", "bytes", "long", "-1"]
)
def test_a_header_that_is_none_is_unreadable_or_found(name: str, value: bytes | None) -> None:
    given = good()
    given = Given(
        *(given.topic, given.partition, given.offset, given.key, given.value),
        headers=[(key, value if key == name else content) for key, content in given.headers],
    )
    verified(given)
    try:
        read(given, SCHEDULES)
    except UnreadableError:
        return
    assert name in ("ce_id", "ce_organisation", "ce_subject")  # any text can be one


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"[" * 500 + b"]" * 500, b'{"a":' + b"9" * 400 + b"}", b"\xff", b"1e999"]
)
def test_a_body_that_no_reader_can_hold_is_unreadable(body: bytes) -> None:
    given = good().with_value(body)
    with pytest.raises(UnreadableError, match="the body"):
        read(given, SCHEDULES)
    verified(given)


@pytest.mark.parametrize("generation", [b"-1", b"one", b"2147483648", b"\xff"])
def test_a_generation_that_is_none_is_unreadable(generation: bytes) -> None:
    given = good().with_header("ce_generation", generation)
    with pytest.raises(UnreadableError, match="headers"):
        read(given, SCHEDULES)
    assert verified(given)


def test_a_record_without_a_generation_is_of_the_first() -> None:
    assert read(good(), SCHEDULES).envelope.place == (0, 1)
    assert read(good().with_header("ce_generation", b"7"), SCHEDULES).envelope.place == (7, 1)
