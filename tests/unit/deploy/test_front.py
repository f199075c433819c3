"""The front passes requests on as they are, or answers with a problem document. Caddy itself runs here."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from carnet.http.edge import LARGEST_REQUEST_BODY
from carnet_operations.documents.refused import problems
from carnet_operations.services import SERVICES
from carnet_suite.containers import CONTAINERS
from carnet_suite.front import CONFIGURATION, caddy_binary, caddy_home, front_command, front_variables
from carnet_suite.servers.child import Child
from carnet_suite.servers.ports import HOST
from tests.waits import BOUND, until

AWAY = "credits"
"""The service at whose address nobody is."""


class Service(BaseHTTPRequestHandler):
    """Answers with what it was sent; some paths misbehave."""

    protocol_version = "HTTP/1.1"
    patience: ClassVar[threading.Event] = threading.Event()

    def _answer(self) -> None:
        body = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self._whole()
        match self.path.partition("?")[0]:
            case "/v1/silent":
                self.patience.wait(BOUND)
            case "/v1/broken":
                self.close_connection = True
            case "/v1/long":
                self._drip()
            case _:
                self._echo(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 # the names that the base class calls

    def _whole(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _echo(self, body: bytes) -> None:
        seen = {
            "port": self.server.server_address[1],
            "method": self.command,
            "target": self.path,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": body.decode() if len(body) < 100 else len(body),
        }
        answer = json.dumps(seen).encode()
        self.send_response(202)
        self.send_header("ETag", '"7"')
        self.send_header("Location", "/contracts/v1/contracts/1")
        self.send_header("X-Request-Id", self.headers["X-Request-Id"])
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _drip(self) -> None:
        """Answer in parts, for longer than a request may take to arrive at the impatient front."""
        self.send_response(200)
        self.send_header("Content-Length", "8")
        self.end_headers()
        for _ in range(8):
            time.sleep(0.5)
            self.wfile.write(b"x")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Front:
    url: str
    log: Path
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=BOUND)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """The port of each service; nothing answers on that of the one that is down."""
    servers = {name: ThreadingHTTPServer((HOST, 0), Service) for name in SERVICES if name != AWAY}
    for server in servers.values():
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {name: servers[name].server_address[1] if name in servers else free_port() for name in SERVICES}
    Service.patience.set()
    for server in servers.values():
        server.shutdown()
        server.server_close()


@contextmanager
def running(folder: Path, ports: dict[str, int], **limits: str) -> Iterator[Front]:
    port = free_port()
    places = replace(CONTAINERS, host=HOST, apis={name: f"http://{HOST}:{at}" for name, at in ports.items()})
    environment = {**front_variables(places, port), **caddy_home(folder), **limits}
    front = Front(f"http://{HOST}:{port}", folder / "front.log", ports)
    child = Child("front", front_command(caddy_binary()), front.log, env=environment)
    try:
        child.await_ready(lambda: healthy(front), BOUND)
        yield front
    finally:
        child.stop()


def healthy(front: Front) -> bool:
    try:
        return httpx.get(f"{front.url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def front(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with running(tmp_path_factory.mktemp("front"), ports) as started:
        yield started


@pytest.fixture(scope="module")
def impatient(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    limits = {
        "CARNET_FRONT_HEADER_TIMEOUT": "3s",
        "CARNET_FRONT_BODY_TIMEOUT": "3s",
        "CARNET_FRONT_ANSWER_TIMEOUT": "9s",
    }
    with running(tmp_path_factory.mktemp("impatient"), ports, **limits) as started:
        yield started


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with front.client() as opened:
        yield opened


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"urn:carnet:problem:{slug}"
    assert document["status"] == status
    assert document["request"] == answer.headers["x-request-id"]
    assert document["help"] == f"/problems#{slug}"
    assert answer.headers["link"] == f'</problems#{slug}>; rel="help"'
    assert document.keys() == {"type", "title", "status", "detail", "help", "request"}
    return document


# Passing on


@pytest.mark.parametrize("service", [name for name in SERVICES if name != AWAY])
def test_each_service_answers_below_its_prefix(front: Front, client: httpx.Client, service: str) -> None:
    seen = client.get(f"/{service}/v1/things/a%2Fb?name=D%C3%A9sir%C3%A9e&x=1&x=2").json()
    assert seen["port"] == front.ports[service]
    assert seen["target"] == "/v1/things/a%2Fb?name=D%C3%A9sir%C3%A9e&x=1&x=2"


def test_the_method_the_body_and_the_headers_of_the_caller_arrive(client: httpx.Client) -> None:
    sent = {"Authorization": "Bearer t", "Idempotency-Key": "k", "If-Match": '"3"', "traceparent": "00-a-b-01"}
    seen = client.put("/contracts/v1/contracts", json={"a": 1}, headers=sent).json()
    assert (seen["method"], seen["body"]) == ("PUT", '{"a":1}')
    arrived = dict(seen["headers"])
    assert {name: arrived[name.lower()] for name in sent} == sent
    assert arrived["content-length"] == "7"


def test_a_body_without_a_declared_length_arrives(client: httpx.Client) -> None:
    seen = client.post("/payments/v1/x", content=iter([b"first ", b"second"])).json()
    assert seen["body"] == "first second"


def test_the_status_and_the_headers_of_the_service_come_back_and_the_front_names_nobody(client: httpx.Client) -> None:
    answer = client.put("/contracts/v1/x", json={})
    assert answer.status_code == 202
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["location"] == "/contracts/v1/contracts/1"
    for path in ("/", "/unknown", f"/{AWAY}/v1/x"):
        assert not {"server", "via"} & client.get(path).headers.keys()
    assert "via" not in answer.headers


def test_headers_of_one_connection_are_not_passed_on_and_forwarding_headers_are_written_anew(front: Front) -> None:
    sent = {
        "Connection": "keep-alive, X-Private",
        "X-Private": "1",
        "Te": "gzip",  # codespell:ignore te
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
    }
    with front.client() as client:
        arrived = dict(client.get("/catalog/v1/products", headers=sent).json()["headers"])
    assert not arrived.keys() & {"x-private", "te"}  # codespell:ignore te
    assert arrived["x-forwarded-for"] == HOST
    assert arrived["x-forwarded-host"] == f"{HOST}:{front.port}"


def test_a_request_keeps_its_id_and_gets_one_where_it_has_none(client: httpx.Client) -> None:
    def sent(**headers: str) -> tuple[str, str]:
        answer = client.get("/catalog/v1/x", headers=headers)
        (arrived,) = [value for name, value in answer.json()["headers"] if name == "x-request-id"]
        (answered,) = answer.headers.get_list("x-request-id")
        return arrived, answered

    assert sent(**{"X-Request-Id": "my-1"}) == ("my-1", "my-1")
    for made in (sent(), sent(**{"X-Request-Id": "a b"}), sent(**{"X-Request-Id": "x" * 65})):
        assert made[0] == made[1]
        assert re.fullmatch(r"[0-9a-f-]{36}", made[0])


# What is not there


@pytest.mark.parametrize("path", ["/unknown/v1/x", "/v1/contracts", "/contractsx", "/contracts", "/front/Caddyfile"])
def test_what_is_no_service_is_not_there(client: httpx.Client, path: str) -> None:
    document = problem(client.get(path, headers={"X-Request-Id": "r-1"}), 404, "unknown-route")
    assert document["request"] == "r-1"
    assert all(f"/{service}" in document["detail"] for service in SERVICES)


@pytest.mark.parametrize("path", ["metrics", "metrics/", "%6Detrics", "/metrics", "METRICS", "v1/../metrics"])
def test_what_operators_read_is_not_for_the_public_however_it_is_written(front: Front, path: str) -> None:
    # Written by hand, since a client would tidy the path.
    with socket.create_connection((HOST, front.port), timeout=BOUND) as connection:
        connection.sendall(f"GET /contracts/{path} HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 "), answer
    assert b"urn:carnet:problem:unknown-route" in answer


# Services that do not answer


def test_a_service_that_is_away_is_a_problem_that_says_what_to_do(client: httpx.Client) -> None:
    answer = client.post(f"/{AWAY}/v1/credits", json={}, headers={"X-Request-Id": "r-1"})
    document = problem(answer, 503, "service-unreachable")
    assert answer.headers["retry-after"] == "2"
    assert document["detail"].startswith(f"{AWAY} does not answer just now.")
    assert document["request"] == "r-1"


def test_a_service_that_breaks_off_before_it_answers_is_away(client: httpx.Client) -> None:
    document = problem(client.post("/payments/v1/broken", json={}), 503, "service-unreachable")
    assert "the same Idempotency-Key" in document["detail"]


def test_a_service_that_is_slow_may_have_done_what_was_asked(impatient: Front) -> None:
    with impatient.client() as client:
        answer = client.post("/payments/v1/silent", json={})
    document = problem(answer, 504, "service-slow")
    assert document["detail"].startswith("payments did not answer in time, and may have done what was asked.")
    assert answer.headers["retry-after"] == "2"


# Limits


def test_a_body_may_be_as_large_as_the_services_accept(client: httpx.Client) -> None:
    assert client.post("/contracts/v1/x", content=b" " * LARGEST_REQUEST_BODY).json()["body"] == LARGEST_REQUEST_BODY


@pytest.mark.parametrize("size", [LARGEST_REQUEST_BODY + 1, 12 * 1024 * 1024])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused_as_the_services_refuse_it(
    client: httpx.Client, size: int, declared: bool
) -> None:
    parts = [b" " * 65_536] * (size // 65_536) + [b" " * (size % 65_536)]
    answer = client.post("/contracts/v1/x", content=b"".join(parts) if declared else iter(parts))
    document = problem(answer, 413, "body-too-large")
    assert str(LARGEST_REQUEST_BODY) in document["detail"]


def trickle(front: Front, head: str, body: bytes) -> bytes:
    """Send the head at once and the rest byte by byte, until the front closes the connection; what it answered."""
    answer = b""
    with socket.create_connection((HOST, front.port), timeout=0.05) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode())
        deadline = time.monotonic() + BOUND
        for at in range(1_000_000):
            assert time.monotonic() < deadline, f"still open, after {answer!r}"
            try:
                connection.sendall(body[at % len(body) :][:1])
                part = connection.recv(65_536)
                if not part:
                    break
                answer += part
            except TimeoutError:
                continue
            except ConnectionError:
                break
    return answer


@pytest.mark.parametrize(
    ("head", "body", "slug"),
    [
        ("GET /catalog/v1/products HTTP/1.1\n", b"a", None),
        ("POST /contracts/v1/x HTTP/1.1\nHost: f\nContent-Length: 100000\n\n", b"a", "request-too-slow"),
        ("POST /contracts/v1/x HTTP/1.1\nHost: f\nTransfer-Encoding: chunked\n\n", b"1\r\na\r\n", "request-too-slow"),
        ("POST /contracts/metrics HTTP/1.1\nHost: f\nContent-Length: 100000\n\n", b"a", "unknown-route"),
        (f"POST /{AWAY}/v1/x HTTP/1.1\nHost: f\nContent-Length: 100000\n\n", b"a", "request-too-slow"),
    ],
    ids=["head", "body", "chunks", "nowhere", "away"],
)
def test_a_connection_on_which_a_request_comes_byte_by_byte_is_closed(
    impatient: Front, head: str, body: bytes, slug: str | None
) -> None:
    answer = trickle(impatient, head, body)
    if slug is not None and answer:
        assert f"urn:carnet:problem:{slug}".encode() in answer


def test_an_answer_may_take_longer_than_a_request_may(impatient: Front) -> None:
    with impatient.client() as client:
        assert client.get("/catalog/v1/long").text == "x" * 8
        assert client.post("/catalog/v1/long", json={}).text == "x" * 8


# Alone


def test_the_start_page_links_the_documents_of_every_service(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for service in SERVICES:
        assert f"<code>/{service}</code>" in page.text
        for link in ("docs", "openapi.json", "health/ready"):
            assert f'href="/{service}/{link}"' in page.text
    assert 'href="/problems"' in page.text


def test_the_help_of_a_problem_leads_to_its_description_whatever_is_away(client: httpx.Client) -> None:
    refused = problem(client.get(f"/{AWAY}/v1/credits"), 503, "service-unreachable")
    page = client.get(refused["help"])
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    described = set(re.findall(r'<h2 id="([^"]+)">', page.text))
    assert described == {problem.slug for problem in problems(tuple(SERVICES))}


def test_it_is_healthy_by_itself(client: httpx.Client) -> None:
    for path in ("/health/ready", "/health/live"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_its_log_names_the_request_and_the_service_and_nothing_that_was_sent(front: Front) -> None:
    def logged() -> list[str]:
        return [line for line in front.log.read_text().splitlines() if "logged-1" in line]

    with front.client() as client:
        client.get("/catalog/v1/x?name=Zoë", headers={"X-Request-Id": "logged-1", "Authorization": "Bearer secret"})
        until(logged)
    (entry,) = [json.loads(line) for line in logged()]
    assert (entry["request"], entry["service"], entry["method"]) == ("logged-1", "catalog", "GET")
    assert (entry["event"], entry["status"]) == ("handled request", 202)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["at"])
    assert [part for part in ("Zo", "secret", "/v1/x", HOST) if part in logged()[0]] == []


def test_everything_that_the_configuration_needs_is_given() -> None:
    needed = set(re.findall(r"\{\$(\w+)\}", (CONFIGURATION / "Caddyfile").read_text()))
    assert needed == front_variables(CONTAINERS, 8080).keys()
