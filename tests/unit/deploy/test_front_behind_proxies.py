"""Where another proxy is in front of Carnet's, services still get the address of the client: it proves where a
mandate was signed (PAY-18). Two Caddies run here, one behind the other.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from carnet_suite.front import caddy_binary, caddy_home
from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST
from tests.unit.deploy.test_front import Front, free_port, healthy, ports, running
from tests.waits import BOUND

__all__ = ["ports"]

CLIENT = "127.0.0.5"
"""Another address of this machine, where it has one: not that of the proxies."""
FORGED = "198.51.100.4"
"""What a client writes of itself."""


@contextmanager
def proxy(folder: Path, before: Front) -> Iterator[Front]:
    """A proxy of somebody else, before the front."""
    port, file = free_port(), folder / "Caddyfile"
    address = before.url.removeprefix("http://")
    file.write_text(f"{{\n\tadmin off\n}}\n\nhttp://:{port} {{\n\tbind {HOST}\n\treverse_proxy {address}\n}}\n")
    outer = Front(f"http://{HOST}:{port}", folder / "proxy.log")
    command = [caddy_binary(), "run", "--config", str(file), "--adapter", "caddyfile"]
    child = Child("proxy", command, outer.log, env=caddy_home(folder))
    try:
        child.await_ready(lambda: healthy(outer), BOUND)
        yield outer
    finally:
        child.stop()


@pytest.fixture(scope="module")
def trusting(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("trusting")
    with running(folder, ports, CARNET_FRONT_TRUSTED_PROXIES=f"{HOST}/32 10.0.0.0/8") as started:
        yield started


@pytest.fixture(scope="module")
def outer(trusting: Front, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with proxy(tmp_path_factory.mktemp("outer"), trusting) as started:
        yield started


def seen_from(front: Front, address: str, **headers: str) -> str:
    """Where a service sees that a request comes from, which is sent from an address of this machine."""
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            pytest.skip(f"this machine has no address {address}")
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
        answer = client.get(f"{front.url}/payments/v1/x", headers=headers)
    (address,) = [value for name, value in answer.json()["headers"] if name == "x-forwarded-for"]
    return str(address)


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": FORGED}], ids=["honest", "forged"])
def test_pay_18_behind_a_proxy_that_is_trusted_services_get_the_address_of_the_client(
    outer: Front, trusting: Front, headers: dict[str, str]
) -> None:
    assert seen_from(outer, CLIENT, **headers) == CLIENT
    assert seen_from(trusting, CLIENT, **headers) == CLIENT, "past the proxy, a client is not believed"


def test_pay_18_of_a_chain_of_proxies_the_last_address_that_is_not_theirs_counts(trusting: Front) -> None:
    assert seen_from(trusting, HOST, **{"X-Forwarded-For": f"{FORGED}, 203.0.113.9, 10.0.0.7"}) == "203.0.113.9"


def test_pay_18_without_the_setting_no_proxy_is_believed(
    ports: dict[str, int],
    tmp_path: Path,
) -> None:
    with running(tmp_path, ports) as front:
        assert seen_from(front, HOST, **{"X-Forwarded-For": FORGED}) == HOST
