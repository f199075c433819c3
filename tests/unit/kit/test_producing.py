"""The partition of a key is the one that any client of Kafka chooses."""

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from carnet.ids import new_id
from carnet.producing import _partition_of

_CHOOSE = DefaultPartitioner()


@given(st.binary(max_size=70), st.integers(1, 300))
def test_a_key_has_the_partition_that_the_producer_itself_chooses(key: bytes, count: int) -> None:
    assert _partition_of(key, count) == _CHOOSE(key, range(count), ())


def test_the_keys_of_aggregates_have_the_partition_that_the_producer_itself_chooses() -> None:
    keys = [new_id().encode() for _ in range(2_000)]
    assert [_partition_of(key, 12) for key in keys] == [_CHOOSE(key, range(12), ()) for key in keys]
