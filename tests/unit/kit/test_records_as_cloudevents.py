"""The records that Carnet writes and reads are those of the CloudEvents library, attribute by attribute."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from carnet.envelope import Envelope, UnreadableError, read
from carnet.events.payments import SCHEDULES, ContractReopened
from carnet.ids import new_id
from tests.records import Given, record, to_record

ENVELOPE = Envelope(
    id=new_id(),
    type="carnet.payments.ContractReopened.v1",
    aggregate=new_id(),
    sequence=7,
    organisation=new_id(),
    time=datetime(2026, 11, 28, 9, 30, 15, 120_000, UTC),
    change=new_id(),
    actor="user:Zoë",
)
FULL = replace(ENVELOPE, causation=new_id(), request="r-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01", generation=3)


@pytest.mark.parametrize("envelope", [ENVELOPE, FULL], ids=["least", "full"])
@pytest.mark.parametrize("body", [b"{}", None], ids=["event", "tombstone"])
def test_a_record_has_the_headers_that_the_library_makes(envelope: Envelope, body: bytes | None) -> None:
    key, value, headers = to_record(envelope, body)
    attributes = {
        "specversion": "1.0",
        "id": envelope.id,
        "type": envelope.type,
        "source": "/carnet/payments",
        "subject": envelope.aggregate,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "sequence": str(envelope.sequence),
        "organisation": envelope.organisation,
        "changeid": envelope.change,
        "actor": envelope.actor,
    }
    if envelope is FULL:
        attributes |= {"causationid": envelope.causation, "requestid": envelope.request}
        attributes |= {"traceparent": envelope.traceparent, "generation": "3"}
    assert dict(headers) == to_binary(CloudEvent(attributes), JSONFormat()).headers
    assert (key, value) == (envelope.aggregate.encode(), body)
    assert len(headers) == len(dict(headers))


def good() -> Given:
    body = ContractReopened(
        contract=new_id(), account=new_id(), currency="EUR", covers=1, total=5, effective_on=date(2026, 11, 22)
    )
    return record(body, aggregate=body.contract, sequence=1, organisation=new_id())


CHANGES = [
    ("ce_specversion", None),
    ("ce_specversion", b"0.3"),
    ("ce_specversion", b"2.0"),
    ("ce_id", b""),
    ("ce_type", None),
    ("ce_source", None),
    ("ce_source", b""),
    ("ce_subject", b""),
    ("content-type", None),
    ("content-type", b""),
    ("ce_datacontenttype", b""),
    ("ce_dataschema", b""),
    ("ce_dataschema", b"https://example.org/schema"),
    ("ce_data", b"no"),
    ("ce_partitionkey", b"k"),
    ("ce_an-extension", b"no"),
    ("ce_", b"no"),
    ("ce_later", b""),
    ("ce_later", b"\xff"),
    ("other", b""),
    ("other", b"yes"),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_a_record_is_read_if_the_library_takes_its_attributes(name: str, value: bytes | None) -> None:
    given = good().with_header(name, value)
    message = KafkaMessage(headers=dict(given.headers), key=None, value=b"{}")
    try:
        from_binary(message, JSONFormat(), CloudEvent)
    except (CloudEventValidationError, UnicodeDecodeError):
        with pytest.raises(UnreadableError, match="headers"):
            read(given, SCHEDULES)
    else:
        assert read(given, SCHEDULES)
