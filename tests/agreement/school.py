"""The school that the machine plays: what it sells, who buys, and who sits at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from carnet.auth import Principal
from carnet.dates import write_instant
from carnet.decisions import Actor
from carnet.organisations import ORGANISATIONS
from tests.memory.suite import Suite

SCOPES = (
    "catalog:read catalog:write accounts:read accounts:write contracts:read contracts:write contracts:import "
    "payments:read payments:collect payments:correct payments:methods credits:read credits:adjust "
    "credits:use scholarships:read scholarships:award"
)
PRICES: Mapping[str, int] = {
    "course": 30_000,
    "workshop": 4_999,
    "book": 7,
    "gift": 0,
    "credit": 5_000,
    "bonus": 900,
    "voucher": 28_000,
    "card": 6_000,
    "lessons": 9_000,
    "more lessons": 15_000,
    "pack": 3_000,
}
"""What each product costs, in minor units; ``bonus`` is a credit that is worth more than it costs."""

VOUCHER, COVERED = "voucher", "course"
"""What sells a gift voucher, and what that is a right to (CRE-9)."""

COURSES: Mapping[str, tuple[str, ...]] = {"lessons": ("harmony",), "more lessons": ("harmony", "melody")}
"""The courses that each online plan opens (CON-20)."""

STUDIO, PERIOD, FEE = "studio", 4_500, 900
"""A subscription by the month, what a period of it costs, and what its cancellation does (CON-21, CON-17)."""

FOR_SOMEBODY = ("course", "workshop", *COURSES)
"""What is bought for a participant."""

CARD = "card"
"""What sells a gift card, which pays for anyone who presents its code (CRE-8)."""

PACK, SESSIONS = "pack", 3
"""What sells a session pack that the family shares, and how many sessions it has (CRE-10)."""

WORTH: Mapping[str, int] = {"credit": 5_000, "bonus": 1_000, CARD: 6_000}
"""What each product that sells money is worth, in minor units."""
DISCOUNTS: Mapping[str, dict[str, Any]] = {
    "tenth": {"rate": 1_000},
    "courses": {"rate": 3_333, "kinds": ["course"]},
    "off": {"amount": 2_500},
    "all": {"rate": 10_000},
}
PROFILE: Mapping[str, Any] = {
    "name": "Pas de Deux",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "languages": ["fr", "en"],
    "support_email": "aide@school.example",
    "mode": "test",
    "access_late_days": 7,
}


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@dataclass(frozen=True)
class Account:
    """A family: its account and its child."""

    id: str
    child: str


@dataclass
class School:
    """The school and its families."""

    suite: Suite
    organisation: str
    accounts: list[Account] = field(default_factory=list)
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What names each product when it is bought."""

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the products, by id."""
        return {product["product"]: name for name, product in self.products.items()}

    def open(self) -> None:
        """Describe it, put its products on sale and welcome two families; every service receives all that."""
        self._ask("catalog", "PUT", "/v1/organisation", dict(PROFILE))
        for name in (*PRICES, STUDIO, *DISCOUNTS):
            self.products[name] = self._sell(name)
        self.suite.settle()
        for name in ("Martin", "Diallo"):
            answer = self._ask("contracts", "POST", "/v1/accounts", _family(name))
            child = next(member["id"] for member in answer["members"] if member["kind"] == "child")
            self.accounts.append(Account(answer["id"], child))
        self.suite.settle()
        self._award()
        self.suite.settle()

    def _award(self) -> None:
        """A fund, of which each family has a scholarship: one for its child, the other for all of it (CRE-11)."""
        fund = {"name": "Fonds solidaire", "budget": money(60_000), "first_day": "2020-01-01"}
        id_ = self._ask("credits", "POST", "/v1/scholarship-funds", fund)["id"]
        for account, more in zip(self.accounts, ({"member": self.accounts[0].child}, {}), strict=True):
            award = {"account": account.id, "amount": money(20_000), **more}
            self._ask("credits", "POST", f"/v1/scholarship-funds/{id_}/scholarships", award)

    def let_in(self) -> None:
        """Somebody of this school sits at the desk."""
        staff = Principal(self.organisation, Actor("user", "ines"), frozenset(SCOPES.split()), None, "staff")
        self.suite.principals["staff"] = staff

    def move_clock(self, days: int) -> None:
        """Put the test clock forward; each service follows when it receives that."""
        profile = self._ask("catalog", "GET", "/v1/organisation")
        now = self.suite.nature.now + timedelta(seconds=profile["clock_ahead"], days=days)
        body = {"now": write_instant(now)}
        self._ask("catalog", "POST", "/v1/organisation/clock", body, version=profile["version"])

    def today(self, offset: int = 0, service: str = "payments") -> date:
        """The date that a service takes for the organisation's (MON-5), some days on."""
        known = self.suite.services[service].database.states(ORGANISATIONS)[self.organisation]
        day: date = known.today(self.suite.nature.now)
        return day + timedelta(days=offset)

    def bought(self, name: str, account: Account, beneficiary: Account | None = None) -> dict[str, Any]:
        """What adds a product to a contract of that account."""
        addition = dict(self.products[name])
        if name in FOR_SOMEBODY:
            addition["participant"] = account.child
        if name in WORTH and name != CARD and beneficiary is not None:
            addition["beneficiary"] = beneficiary.id
        return addition

    def _sell(self, name: str) -> dict[str, Any]:
        product = _product(name)
        if name == VOUCHER:
            product["details"] = {"kind": "gift_voucher", "products": [self.products[COVERED]["product"]]}
        made = self._ask("catalog", "POST", "/v1/products", product)
        self._ask("catalog", "POST", f"/v1/products/{made['id']}/put-on-sale", version=made["version"])
        named = {"product": made["id"]}
        for each in made["formats"]:
            named |= {"format": each["id"], "tariff": each["tariffs"][0]["id"]}
        return named

    def _ask(self, service: str, method: str, path: str, body: Any = None, **given: Any) -> Any:
        answer = self.suite.ask(service, method, path, body, **given)
        assert answer.ok, (method, path, answer)
        return answer.body


def _product(name: str) -> dict[str, Any]:
    formats = [{"name": "A year", "tariffs": [{"name": "Full", "price": money(PRICES.get(name, PERIOD))}]}]
    details: dict[str, Any] = {"kind": name if name in ("course", "workshop") else "item"}
    if name in WORTH:
        details = {"kind": "client_credit", "value": money(WORTH[name])}
    if name == CARD:
        details = {"kind": "gift_card", "minimum": money(1_000), "maximum": money(20_000)}
    if name in COURSES:
        details = {"kind": "online_plan", "courses": list(COURSES[name])}
    if name == STUDIO:
        details = {"kind": "subscription", "unit": "month", "every": 1, "minimum": 2, "pausable": True}
        details["cancellation_fee"] = money(FEE)
    if name == PACK:
        details = {"kind": "session_pack", "sessions": SESSIONS}
    if name in DISCOUNTS:
        details = {"kind": "discount", **DISCOUNTS[name]}
        if "amount" in details:
            details["amount"] = money(details["amount"])
    return {
        "name": name,
        "vat_rate": 2_000,
        "participant": name in FOR_SOMEBODY,
        "formats": [] if name in DISCOUNTS else formats,
        "details": details,
    }


def _family(name: str) -> dict[str, Any]:
    return {
        "language": "fr",
        "owner": {"kind": "adult", "first_name": "Alix", "last_name": name, "email": f"{name.lower()}@example.org"},
        "members": [{"kind": "child", "first_name": "Kim", "last_name": name}],
    }
