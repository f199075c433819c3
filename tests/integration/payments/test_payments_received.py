"""What was received of a period over HTTP: by day and method, as CSV, and for whom (PAY-7, ORG-1)."""

import csv
import io
from typing import Any

from carnet.events.contracts import OnSite
from carnet.ids import new_id
from tests.integration.payments.conftest import Desk, Payments, euros
from tests.integration.payments.invoicing import Sale
from tests.integration.payments.received_records import Family, Story
from tests.integration.payments.test_payments_invoices import void
from tests.refused import problem


async def received(desk: Desk, **query: Any) -> list[tuple[str, str, int]]:
    answer = await desk.get("/v1/receipts", **query)
    assert answer.status_code == 200, answer.text
    return [(each["received_on"], each["method"], each["amount"]["amount"]) for each in answer.json()["items"]]


async def test_pay_7_what_came_in_a_period_is_listed_summed_and_exported_by_method(
    desk: Desk, payments: Payments, family: Family
) -> None:
    await payments.handles(family.changed())
    story, wrong = Story(family, number="2026-0001"), Story(family)
    await payments.handles(story.opened(90_000, OnSite(), mode="on_site"), wrong.opened(500, OnSite(), mode="on_site"))
    days = [("2026-11-19", "cash", 10_000), ("2026-11-19", "cheque", 30_000), ("2026-11-20", "cash", 5_000)]
    for version, (day, method, amount) in enumerate(days, 1):
        paid = await desk.pay(story.contract, amount, version=version, received_on=day, method=method)
        assert paid.status_code == 201, paid.text
    assert (await desk.pay(wrong.contract, 500, version=1)).status_code == 201
    assert (await void(desk, Sale(wrong))).status_code == 200
    assert await received(desk) == days
    assert await received(desk, **{"from": "2026-11-20"}) == days[2:]
    assert await received(desk, until="2026-11-19", method="cash") == days[:1]
    first = (await desk.get("/v1/receipts", limit=2)).json()
    rest = (await desk.get("/v1/receipts", limit=2, cursor=first["next"])).json()
    assert [each["amount"]["amount"] for each in (*first["items"], *rest["items"])] == [10_000, 30_000, 5_000]
    assert (first["items"][0]["client"], first["items"][0]["number"]) == ("Inès Martin", "2026-0001")
    sums = (await desk.get("/v1/receipts/sums", until="2026-11-20")).json()
    assert [(each["method"], each["count"], each["amount"]) for each in sums["methods"]] == [
        ("cheque", 1, euros(30_000)),
        ("cash", 2, euros(15_000)),
    ]
    assert sums["total"] == euros(45_000)
    answer = await desk.get("/v1/receipts.csv", language="fr", method="cash")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[:5] for row in rows] == [
        ["reçu le", "client", "numéro", "moyen de paiement", "montant"],
        ["2026-11-19", "Inès Martin", "2026-0001", "espèces", "100,00"],
        ["2026-11-20", "Inès Martin", "2026-0001", "espèces", "50,00"],
    ]
    foreign = desk.headers(organisation=new_id())
    assert (await desk.get("/v1/receipts", headers=foreign)).json()["items"] == []
    client = desk.headers(kind="client", account=family.account)
    problem(await desk.get("/v1/receipts", headers=client), 403, "staff-only")
    backwards: dict[str, Any] = {"from": "2026-11-21", "until": "2026-11-20"}
    problem(await desk.get("/v1/receipts", **backwards), 422, "dates-reversed")
