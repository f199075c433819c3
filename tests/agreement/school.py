"""The school that the machine plays: what it sells, who buys, and who sits at the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from carnet.auth import Principal
from carnet.decisions import Actor
from carnet.events.base import Event
from carnet.events.catalog import (
    ClientCreditDetails,
    Contact,
    CourseDetails,
    Details,
    DiscountDetails,
    Format,
    ItemDetails,
    OrganisationChanged,
    ProductChanged,
    Tariff,
    WorkshopDetails,
)
from carnet.organisations import ORGANISATIONS
from tests.memory.suite import Suite
from tests.records import record

SCOPES = (
    "accounts:read accounts:write contracts:read contracts:write payments:read payments:collect payments:correct "
    "payments:methods credits:read credits:adjust"
)
PRICES: Mapping[str, int] = {"course": 30_000, "workshop": 4_999, "book": 7, "gift": 0, "credit": 5_000, "bonus": 900}
"""What each product costs, in minor units; ``bonus`` is a credit that is worth more than it costs."""

WORTH: Mapping[str, int] = {"credit": 5_000, "bonus": 1_000}
DISCOUNTS: Mapping[str, dict[str, Any]] = {
    "tenth": {"rate": 1_000},
    "courses": {"rate": 3_333, "kinds": ("course",)},
    "off": {"amount": 2_500},
    "all": {"rate": 10_000},
}


def an_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


PRODUCTS: Mapping[str, str] = {name: an_id(index) for index, name in enumerate((*PRICES, *DISCOUNTS), start=1)}
FORMAT, TARIFF = an_id(100), an_id(101)
DETAILS: Mapping[str, Details] = {
    "course": CourseDetails(),
    "workshop": WorkshopDetails(),
    "book": ItemDetails(),
    "gift": ItemDetails(),
    **{name: ClientCreditDetails(value=value) for name, value in WORTH.items()},
    **{name: DiscountDetails(**details) for name, details in DISCOUNTS.items()},
}


@dataclass
class Account:
    """A family: its account and its child."""

    id: str
    child: str


@dataclass
class School:
    """The school, open: everybody has heard of its profile, its products and its families."""

    suite: Suite
    accounts: list[Account] = field(default_factory=list)
    ahead: int = 0
    sequences: dict[str, int] = field(default_factory=dict)

    def open(self) -> None:
        """Describe it, put its products on sale and welcome two families."""
        organisation = self.suite.organisation
        staff = Principal(organisation, Actor("user", "ines"), frozenset(SCOPES.split()), None, "staff")
        self.suite.principals["staff"] = staff
        self.move_clock(0)
        for name, product in PRODUCTS.items():
            self._tell(_product(name, product), product)
        self.suite.settle()
        for name in ("Martin", "Diallo"):
            answer = self.suite.ask("contracts", "POST", "/v1/accounts", _family(name))
            child = next(member["id"] for member in answer.body["members"] if member["kind"] == "child")
            self.accounts.append(Account(answer.body["id"], child))
        self.suite.settle()

    def move_clock(self, days: int) -> None:
        """Put the test clock forward; each service follows when it hears of it."""
        self.ahead += days * 24 * 3600
        told = OrganisationChanged(
            organisation=self.suite.organisation,
            name="Pas de Deux",
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("fr", "en"),
            contact=Contact(),
            support_email="aide@school.example",
            mode="test",
            clock_ahead=self.ahead,
        )
        self._tell(told, self.suite.organisation)

    def today(self, offset: int = 0) -> date:
        """The date that payments takes for the organisation's (MON-5), some days on."""
        known = self.suite.services["payments"].database.states(ORGANISATIONS)[self.suite.organisation]
        day: date = known.today(self.suite.nature.now)
        return day + timedelta(days=offset)

    def _tell(self, body: Event, aggregate: str) -> None:
        sequence = self.sequences[aggregate] = self.sequences.get(aggregate, 0) + 1
        given = record(body, aggregate=aggregate, sequence=sequence, organisation=self.suite.organisation)
        self.suite.bus.put(given, aggregate)


def bought(name: str, account: Account, beneficiary: Account | None = None) -> dict[str, Any]:
    """What adds a product to a contract of that account."""
    addition: dict[str, Any] = {"product": PRODUCTS[name], "format": FORMAT, "tariff": TARIFF}
    if name in ("course", "workshop"):
        addition["participant"] = account.child
    if name in WORTH and beneficiary is not None:
        addition["beneficiary"] = beneficiary.id
    return addition


def _product(name: str, product: str) -> ProductChanged:
    price = PRICES.get(name)
    tariffs = () if price is None else (Tariff(id=TARIFF, name="Full", price=price),)
    return ProductChanged(
        product=product,
        name=name,
        status="on_sale",
        vat_rate=2_000,
        participant=name in ("course", "workshop"),
        formats=() if price is None else (Format(id=FORMAT, name="A year", tariffs=tariffs),),
        details=DETAILS[name],
    )


def _family(name: str) -> dict[str, Any]:
    return {
        "language": "fr",
        "owner": {"kind": "adult", "first_name": "Alix", "last_name": name},
        "members": [{"kind": "child", "first_name": "Kim", "last_name": name}],
    }
