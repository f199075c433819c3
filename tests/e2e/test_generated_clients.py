"""Clients that are generated from the OpenAPI documents, as client developers would: they play a story on the suite."""

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from carnet.ids import new_id
from carnet_operations.services import SERVICES
from carnet_suite.supervisor import Suite
from tests.waits import BOUND

DOCUMENTS = Path(__file__).parents[2] / "docs" / "api"


class Service:
    """The generated client of one service: its operations and models by their names in the document."""

    def __init__(self, suite: Suite, name: str, token: str) -> None:
        self._package = f"{name}_client"
        client = importlib.import_module(f"{self._package}.client")
        self._client = client.AuthenticatedClient(base_url=f"{suite.front}/{name}", token=token, timeout=BOUND)

    def model(self, name: str, /, **fields: Any) -> Any:
        """A body."""
        return getattr(importlib.import_module(f"{self._package}.models"), name)(**fields)

    def value(self, name: str, value: Any) -> Any:
        """A value of an enumeration."""
        return getattr(importlib.import_module(f"{self._package}.models"), name)(value)

    def call(self, tag: str, operation: str, *path: str, **arguments: Any) -> Any:
        """The whole answer of an operation: ``status_code``, ``headers`` and ``parsed``."""
        module = importlib.import_module(f"{self._package}.api.{tag}.{operation}")
        return module.sync_detailed(*path, client=self._client, **arguments)

    def send(self, tag: str, operation: str, *path: str, version: int | None = None, **arguments: Any) -> Any:
        """The same for a command: with a new Idempotency-Key, and the version that was seen."""
        matching = {} if version is None else {"if_match": f'"{version}"'}
        return self.call(tag, operation, *path, idempotency_key=new_id(), **matching, **arguments)


@pytest.fixture(scope="module")
def clients(running: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Service]]:
    folder = tmp_path_factory.mktemp("clients")
    settings = folder / "settings.yml"
    # A PDF and JSON Lines are bytes, which the generator knows by another name alone.
    files = "".join(f"  application/{kind}: application/octet-stream\n" for kind in ("pdf", "jsonl"))
    settings.write_text(f"post_hooks: []\ncontent_type_overrides:\n{files}", encoding="utf-8")
    for service in SERVICES:
        made = subprocess.run(  # our own documents
            [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"),
                *("--path", DOCUMENTS / f"{service}.json", "--output-path", folder / f"{service}_client"),
                *("--config", settings),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
    token = running.token(new_id())
    sys.path.insert(0, str(folder))
    try:
        yield lambda name: Service(running, name, token)
    finally:
        sys.path.remove(str(folder))


def arrived(ask: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    """The answer once it has arrived: asked again for as long as it is 404, 409, 412 or not ``done``."""
    deadline = time.monotonic() + BOUND
    while True:
        answer = ask()
        if answer.status_code < 300 and done(answer.parsed):
            return answer
        assert answer.status_code in (200, 404, 409, 412), answer.content
        assert time.monotonic() < deadline, answer.content
        time.sleep(0.05)


def test_generated_clients_sell_open_pay_and_are_refused_in_words(clients: Callable[[str], Service]) -> None:
    catalog, contracts, payments = clients("catalog"), clients("contracts"), clients("payments")

    profile = catalog.model(
        "OrganisationBody",
        name="Pas de Deux",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=[catalog.value("OrganisationBodyLanguagesItem", "fr")],
        support_email="aide@school.example",
        mode=catalog.value("OrganisationBodyMode", "test"),
    )
    described = catalog.send("organisation", "write_profile", body=profile)
    assert described.status_code == 201
    course = catalog.model(
        "ProductBody",
        name="Ballet",
        vat_rate=2_000,
        participant=True,
        details=catalog.model("CourseFields", kind="course"),
        formats=[
            catalog.model(
                "FormatBody",
                name="a year",
                tariffs=[
                    catalog.model(
                        "TariffBody", name="full", price=catalog.model("MoneyIn", amount=30_000, currency="EUR")
                    )
                ],
            )
        ],
    )
    drafted = catalog.send("products", "make_product", body=course)
    product = catalog.send("products", "sell_product", drafted.parsed.id, version=drafted.parsed.version).parsed

    for service in (contracts, payments):
        arrived(lambda service=service: service.call("today", "show_today"), lambda today: today.version >= 1)
    opening = contracts.model(
        "OpeningBody",
        language=contracts.value("OpeningBodyLanguage", "fr"),
        owner=contracts.model(
            "MemberFields",
            kind=contracts.value("MemberFieldsKind", "adult"),
            first_name="Alix",
            last_name="Martin",
            email="martin@families.example",
        ),
    )
    made = contracts.send("accounts", "open_client_account", body=opening)
    assert made.status_code == 201, made.content
    account = made.parsed
    assert (account.similar, account.follows[0].service) == ([], "payments")

    [sold] = product.formats
    bought = contracts.model(
        "AdditionIn", product=product.id, format_=sold.id, tariff=sold.tariffs[0].id, participant=account.owner
    )
    sale = contracts.model("Instalments", start="instalments", count=3)
    online = contracts.value("OpeningInMode", "online")
    asked = contracts.model("OpeningIn", account=account.id, mode=online, sale=sale, add=[bought])
    opened = arrived(lambda: contracts.send("contracts", "open_contract", body=asked), lambda _: True)
    assert (opened.status_code, opened.parsed.total.amount) == (201, 30_000)
    assert opened.headers["carnet-today"]

    [follows] = opened.parsed.follows
    assert (follows.service, follows.field) == ("payments", "covers")
    contract = opened.parsed.id
    schedule = arrived(
        lambda: payments.call("schedules", "show_schedule", contract),
        lambda shown: getattr(shown, follows.field) >= follows.at_least,
    ).parsed
    assert [instalment.amount.amount for instalment in schedule.instalments] == [10_000] * 3

    paid = payments.model(
        "PaymentBody",
        amount=payments.model("PositiveMoneyIn", amount=10_000, currency="EUR"),
        method=payments.value("PaymentBodyMethod", "cash"),
    )

    def record() -> Any:
        # What is due today may be looked at by the collection meanwhile, and the schedule moves.
        seen = payments.call("schedules", "show_schedule", contract).parsed.version
        return payments.send("payments", "record_received_payment", contract, body=paid, version=seen)

    recorded = arrived(record, lambda _: True)
    assert recorded.parsed.schedule.balance.paid.amount == 10_000
    listed = payments.call("payments", "list_payments", contract).parsed
    assert [(payment.amount.amount, listed.next_) for payment in listed.items] == [(10_000, None)]

    stale = payments.send("payments", "record_received_payment", contract, body=paid, version=schedule.version)
    assert (stale.status_code, stale.parsed.type_) == (412, "urn:carnet:problem:version-moved")
    early = payments.call("schedules", "show_schedule", new_id())
    assert (early.status_code, early.parsed.type_) == (404, "urn:carnet:problem:not-here-yet")


def test_every_operation_and_model_of_a_generated_client_can_be_loaded(clients: Callable[[str], Service]) -> None:
    for service in SERVICES:
        clients(service)
        package = importlib.import_module(f"{service}_client")
        assert package.__file__ is not None
        for path in sorted(Path(package.__file__).parent.rglob("*.py")):
            inside = path.relative_to(Path(package.__file__).parent.parent).with_suffix("")
            importlib.import_module(".".join(part for part in inside.parts if part != "__init__"))
