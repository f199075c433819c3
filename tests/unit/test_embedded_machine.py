"""What a machine lacks is reported before anything starts."""

import platform
import socket
from pathlib import Path

import pytest

from carnet_suite.servers.errors import PortBusyError
from carnet_suite.servers.kafka import has_coordinator
from carnet_suite.servers.mongodb import has_avx
from carnet_suite.servers.ports import HOST, Ports, is_open, require_free


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="AVX is a feature of x86")
@pytest.mark.parametrize(
    ("flags", "found"),
    [("fpu sse4_2 avx avx2", True), ("fpu sse4_2", False), ("fpu avx512f", False)],
)
def test_avx_is_looked_for_among_the_flags_of_the_processor(tmp_path: Path, flags: str, found: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: with avx in its name\nflags\t\t: {flags}\n")
    assert has_avx(cpuinfo) is found


def test_where_the_flags_cannot_be_read_mongodb_is_given_a_try(tmp_path: Path) -> None:
    assert has_avx(tmp_path / "none")


def test_free_ports_are_chosen_each_another_and_given_ones_kept() -> None:
    ports = Ports(kafka=19_999).chosen()
    all_four = {ports.mongo, ports.kafka, ports.kafka_controller, ports.smtp}
    assert ports.kafka == 19_999
    assert len(all_four) == 4
    assert 0 not in all_four


def test_a_busy_port_is_reported() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert is_open(port)
        with pytest.raises(PortBusyError, match=f"MongoDB cannot take port {port}"):
            require_free("MongoDB", port)
    require_free("MongoDB", port)
    assert not is_open(port)


def test_kafka_is_not_ready_where_nothing_answers_or_something_else_does() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        assert not has_coordinator(HOST, port)
    assert not has_coordinator(HOST, port)
