"""`carnet status`: how each process of a suite is, and what waits in it."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.console import Console

from carnet_operations.running import Running, RunningProcess
from carnet_suite.commands.display import show_status

METRICS = """
# TYPE carnet_consumer_lag gauge
carnet_consumer_lag{service="payments",topic="contracts.contracts"} 3.0
# TYPE carnet_topic_paused gauge
carnet_topic_paused{service="payments",topic="catalog.organisations"} 0.0
carnet_topic_paused{service="payments",topic="contracts.contracts"} 1.0
"""


class Process(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(METRICS.encode() if self.path == "/metrics" else b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Process) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


def test_the_topics_that_a_service_does_not_handle_are_named(address: str) -> None:
    worker = RunningProcess("payments-worker", 1, None, health=f"{address}/health/ready")
    running = Running("http://front", "", "", "", "", servers=(), processes=(worker,), variables={})
    shown = io.StringIO()
    assert show_status(Console(file=shown, width=120), running)
    assert "payments-worker handles nothing of contracts.contracts" in shown.getvalue()
    assert "catalog.organisations" not in shown.getvalue()
