"""A school is exported, everything is reset, the export imported: the same balances, and a list of the rest (IMP-5)."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.agreement.mirror import archive_of, balances_of, mirrored
from tests.agreement.quiet import verified
from tests.agreement.school import STUDIO, Account, School, money
from tests.memory.nature import natural
from tests.memory.suite import Suite


@pytest.fixture
def school() -> Iterator[School]:
    with natural() as nature:
        suite = Suite(nature)
        school = School(suite, suite.organisation)
        school.let_in()
        school.open()
        yield school


class Desk:
    """What the school does before it is exported."""

    def __init__(self, school: School) -> None:
        self.school, self.suite = school, school.suite

    def asks(self, service: str, path: str, body: Any = None, method: str = "POST", **given: Any) -> Any:
        answer = self.suite.ask(service, method, path, body, **given)
        assert answer.ok, (path, answer)
        self.suite.settle()
        return answer.body

    def sells(
        self, account: Account, *products: dict[str, Any], sale: Any = None, mode: str = "on_site", **more: Any
    ) -> str:
        body = {
            "account": account.id,
            "mode": mode,
            "sale": sale or {"start": "on_site"},
            "add": list(products),
            **more,
        }
        id_: str = self.asks("contracts", "/v1/contracts", body)["id"]
        return id_

    def schedule(self, contract: str) -> Any:
        return self.suite.ask("payments", "GET", f"/v1/schedules/{contract}").body

    def pays(self, contract: str, amount: int, method: str = "cash", **more: Any) -> None:
        path, body = f"/v1/schedules/{contract}", {"amount": money(amount), "method": method, **more}
        self.asks("payments", f"{path}/payments", body, version=self.schedule(contract)["version"])

    def moves(self, contract: str, what: str, body: Any) -> None:
        self.asks("payments", f"/v1/schedules/{contract}/{what}", body, version=self.schedule(contract)["version"])

    def pack(self, **details: Any) -> dict[str, Any]:
        formats = [{"name": "Ten", "tariffs": [{"name": "Full", "price": money(4_000)}]}]
        product = {"name": f"Yoga {details}", "vat_rate": 550, "participant": False, "formats": formats}
        product["details"] = {"kind": "session_pack", "sessions": 10, "usable": "at_once", **details}
        made = self.asks("catalog", "/v1/products", product)
        self.asks("catalog", f"/v1/products/{made['id']}/put-on-sale", version=made["version"])
        format_ = made["formats"][0]
        return {"product": made["id"], "format": format_["id"], "tariff": format_["tariffs"][0]["id"]}


def play(school: School) -> None:
    """Families of every kind: what is restored automatically, and what is not."""
    desk, (martin, diallo) = Desk(school), school.accounts
    bought = school.bought
    discount = {"discounts": [{"product": school.products["tenth"]["product"]}]}
    course = desk.sells(
        martin, bought("course", martin), mode="online", sale={"start": "instalments", "count": 3}, **discount
    )
    credit = desk.sells(martin, bought("credit", martin))
    desk.pays(credit, 5_000, "cheque")
    (sold,) = [
        each["credit"] for each in desk.suite.ask("credits", "GET", f"/v1/accounts/{martin.id}/holdings").body["items"]
    ]
    desk.moves(course, "credit-uses", {"credit": sold["id"], "amount": money(2_000)})
    both = desk.sells(diallo, bought("course", diallo), bought("workshop", diallo))
    desk.pays(both, 34_999, "transfer")
    lines = desk.suite.ask("contracts", "GET", f"/v1/contracts/{both}").body
    workshop = next(each["id"] for each in lines["lines"] if each["price"] == money(4_999))
    change = {"cancel": [workshop], "schedule_version": lines["schedule"]["version"]}
    desk.asks("contracts", f"/v1/contracts/{both}/changes", change, version=lines["version"])
    desk.sells(diallo, desk.pack())
    desk.sells(diallo, desk.pack(days=5))
    desk.sells(martin, desk.pack(days=40, starts="first_use"))
    desk.sells(diallo, desk.pack(days=40, starts="first_use"))
    desk.asks("credits", f"/v1/accounts/{martin.id}/session-uses", {"member": martin.child})
    desk.sells(diallo, bought("credit", diallo))
    desk.sells(martin, {**bought("bonus", martin)})
    card = desk.sells(diallo, bought("card", diallo))
    desk.pays(card, 6_000, "card")
    voucher = desk.sells(martin, {**bought("voucher", martin), "recipient": martin.child})
    desk.pays(voucher, 28_000, "card")
    first_day = school.today(5, "contracts").isoformat()
    desk.sells(martin, {**bought(STUDIO, martin), "first_day": first_day}, mode="online", sale={"start": "later"})
    cheques = desk.sells(diallo, bought("workshop", diallo))
    due = school.today(40).isoformat()
    desk.moves(
        cheques,
        "cheques",
        {"cheques": [{"amount": money(4_999), "due": due, "bank": "Crédit du Nord", "holder": "Alix"}]},
    )
    for account in (martin, diallo):
        seen = desk.suite.ask("contracts", "GET", f"/v1/accounts/{account.id}")
        fields = {"language": "fr", "tags": ["gala", "boursière"], "notes": "=Appeler\nle soir; pas le matin"}
        desk.asks("contracts", f"/v1/accounts/{account.id}", fields, "PUT", version=seen.body["version"])


def test_imp_5_what_is_exported_and_imported_into_an_empty_suite_has_the_same_balances(school: School) -> None:
    play(school)
    school.move_clock(20)
    school.suite.settle()
    today = school.today()
    before = balances_of(school.suite, today)
    with archive_of(school.suite) as archive:
        text = archive.read("à-la-main.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    after = mirrored(school.suite)
    assert balances_of(after, today) == before
    report = after.run(verified(after))
    assert report.ok, report.findings
    assert [(row["Responsable"], row["Ce qui reste à faire"].partition(" :")[0], row["Montant"]) for row in rows] == [
        ("Alix Martin", "Bon cadeau", ""),
        ("Alix Martin", "Bourse", "200,00"),
        ("Alix Martin", "À donner quand le contrat sera payé", "9,00"),
        ("Alix Martin", "Abonnement", ""),
        ("Alix Diallo", "Carte cadeau", "60,00"),
        ("Alix Diallo", "Bourse", "200,00"),
        ("Alix Diallo", "Carnet dont la validité commence à la première séance", ""),
        ("Alix Diallo", "À donner quand le contrat sera payé", "50,00"),
        ("Alix Diallo", "Chèque postdaté", "49,99"),
    ]
    with archive_of(school.suite) as archive:
        names = archive.namelist()
        entries = archive.read("données/credits/entries.jsonl").splitlines()
    assert len(set(names)) == len(names), "each collection is in one file"
    assert {json.loads(line)["kind"] for line in entries} == {"granted", "used"}
