"""The desk of a school: what its staff does over HTTP, through the front address of a suite."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from carnet.ids import new_id

Json = dict[str, Any]

CURRENCY, TIME_ZONE = "EUR", "Europe/Paris"

STALE, LOOKS = 412, 10
"""The status of what was asked of a version that has moved, and how often it is asked of the next one."""

_LATER = {
    "not-here-yet",
    "organisation-not-known",
    "schedule-behind",
    "storage-unavailable",
    "catalog-unavailable",
    "payments-unavailable",
    "credits-unavailable",
}
"""Refusals that say themselves to try again in a moment, and that nothing has changed."""

_STILL_A_DRAFT = ("product-not-on-sale", "draft")
"""What contracts answers, with the product's status, before it has received that a product is on sale."""

PATIENCE = 120.0
"""Seconds that a desk tries again before it gives up."""


class RefusedError(Exception):
    """A request was refused: the problem document says why and what to do."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem.get('type')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem

    @property
    def slug(self) -> str:
        """The stable name of the problem: ``line-bears-discount``."""
        return str(self.problem.get("type", "")).rpartition(":")[2]

    @property
    def too_early(self) -> bool:
        """Whether what was just made has not arrived everywhere yet: the same may be accepted in a moment."""
        # A desk sells only what it has put on sale itself: contracts that still has a draft is a moment behind.
        status = (self.problem.get("params") or {}).get("status")
        return self.slug in _LATER or (self.slug, status) == _STILL_A_DRAFT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: the body, and the version that the ETag names."""

    status: int
    body: Json
    version: int | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product on sale, with its one format and tariff if it has them. ``price`` is in minor units."""

    id: str
    name: str
    price: int = 0
    format: str | None = None
    tariff: str | None = None

    def bought(self, participant: str | None = None) -> Json:
        """The purchase that adds it to a contract, for a member if it is for somebody."""
        bought = {"product": self.id, "format": self.format, "tariff": self.tariff}
        return bought if participant is None else {**bought, "participant": participant}

    def placed(self) -> Json:
        """The change that places it, if it is a discount."""
        return {"product": self.id}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an account."""

    first_name: str
    last_name: str
    kind: str = "child"
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A client account: its members' ids by first name, the owner among them."""

    id: str
    owner: str
    members: Mapping[str, str]


class Desk:
    """Sends what staff asks for, with a token of one organisation."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def with_token(self, token: str) -> "Desk":
        """The same with another token."""
        return Desk(self._client, token)

    async def read(self, path: str) -> Answer:
        """Read what is at ``path``, such as ``/contracts/v1/contracts/...``. Raises ``RefusedError``."""
        return _answer(await self._client.get(path, headers=self._headers))

    async def download(self, path: str) -> bytes:
        """The file at ``path``; again while it is being made (202). Raises ``RefusedError``, ``TimeoutError``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                response = await self._client.get(path, headers=self._headers)
                if response.status_code >= 400:
                    _answer(response)  # raises the refusal
                if response.status_code != 202:
                    return response.content
                await asyncio.sleep(0.05)

    async def send(
        self, path: str, body: Json, *, version: int | None = None, key: str | None = None, method: str = "POST"
    ) -> Answer:
        """Send a command with an Idempotency-Key of its own; ``version`` is the one seen (If-Match).

        Tries again if the answer says that it is too early. Raises ``RefusedError``.
        """
        headers = {**self._headers, "Idempotency-Key": key or new_id()}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return _answer(await self._client.request(method, path, json=body, headers=headers))
            except RefusedError as refused:
                if not refused.too_early or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.05)

    async def answered(self, path: str, body: Json, *, version: int | None = None) -> Answer:
        """As ``send``; the same again while it waits for the answer of another service (202).

        Raises ``RefusedError``, and ``TimeoutError`` if no answer comes.
        """
        key = new_id()
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.send(path, body, version=version, key=key)
                if answer.status != 202:
                    return answer

    # The catalog

    async def set_up(self, name: str, support_email: str, languages: Sequence[str] = ("fr", "en")) -> Answer:
        """Set up the organisation of the token, as a test one."""
        profile = {
            "name": name,
            "currency": CURRENCY,
            "time_zone": TIME_ZONE,
            "languages": list(languages),
            "contact": {"email": support_email, "address": "3 rue du Parc\n75010 Paris"},
            "support_email": support_email,
            "mode": "test",
        }
        return await self.send("/catalog/v1/organisation", profile, method="PUT")

    async def organisation(self) -> Answer:
        """Read the organisation of the token."""
        return await self.read("/catalog/v1/organisation")

    async def move_clock(self, instant: str, version: int) -> Answer:
        """Move the clock of the test organisation forward (ORG-5)."""
        return await self.send("/catalog/v1/organisation/clock", {"now": instant}, version=version)

    async def sell(
        self, name: str, details: Json, price: int | None = None, *, participant: bool = False, format_: str = "a year"
    ) -> Product:
        """Draft a product and put it on sale; a discount has no price."""
        tariffs = [] if price is None else [{"name": "full", "price": money(price)}]
        body = {
            "name": name,
            "vat_rate": 2_000,
            "participant": participant,
            "formats": [{"name": format_, "tariffs": tariffs}] if tariffs else [],
            "details": details,
        }
        drafted = await self.send("/catalog/v1/products", body)
        product = drafted.body["id"]
        sold = await self.send(f"/catalog/v1/products/{product}/put-on-sale", {}, version=drafted.version)
        if price is None:
            return Product(product, name)
        [made] = sold.body["formats"]
        return Product(product, name, price, made["id"], made["tariffs"][0]["id"])

    # Accounts and contracts

    async def account(self, owner: Person, *others: Person, language: str = "fr") -> Account:
        """Open a client account."""
        body = {"language": language, "owner": _member(owner), "members": [_member(each) for each in others]}
        made = (await self.send("/contracts/v1/accounts", body)).body
        ids = [member["id"] for member in made["members"]]
        names = [person.first_name for person in (owner, *others)]
        return Account(made["id"], made["owner"], dict(zip(names, ids, strict=True)))

    async def open(self, account: str, sale: Json, add: Sequence[Json], mode: str = "online") -> Answer:
        """Open a contract."""
        body = {"account": account, "mode": mode, "sale": sale, "add": list(add)}
        return await self.send("/contracts/v1/contracts", body)

    async def contract(self, contract: str) -> Answer:
        """Read a contract."""
        return await self.read(f"/contracts/v1/contracts/{contract}")

    async def preview(self, contract: str, change: Json) -> Json:
        """What a change would do; ``versions`` in it is what its confirmation names."""
        return (await self.send(f"/contracts/v1/contracts/{contract}/changes/preview", change)).body

    async def confirm(self, contract: str, change: Json, versions: Mapping[str, int], key: str | None = None) -> Answer:
        """Confirm a change on the versions that were seen.

        Without a ``key`` it waits for the answer of credits if one is due; with one it sends once.
        """
        body = {**change, "schedule_version": versions["schedule"]}
        path = f"/contracts/v1/contracts/{contract}/changes"
        if key is None:
            return await self.answered(path, body, version=versions["contract"])
        return await self.send(path, body, version=versions["contract"], key=key)

    # Payments

    async def schedule(self, contract: str) -> Answer:
        """Read the schedule of a contract."""
        return await self.read(f"/payments/v1/schedules/{contract}")

    async def covered(self, contract: str, version: int) -> Answer:
        """The schedule, once it covers that version of the contract. Raises ``TimeoutError``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    found = await self.schedule(contract)
                    if found.body["covers"] >= version:
                        return found
                except RefusedError as refused:
                    if not refused.too_early:
                        raise
                await asyncio.sleep(0.03)

    async def pay(self, contract: str, amount: int, method: str = "card", instalment: str | None = None) -> Answer:
        """Record a payment, of an instalment or as it comes, on the schedule as it is.

        The run that collects may move the schedule between the look and the payment: then it is looked at again.
        """
        body: Json = {"amount": money(amount), "method": method}
        if instalment is not None:
            body["instalment"] = instalment
        path = f"/payments/v1/schedules/{contract}/payments"
        for _ in range(LOOKS):
            try:
                return await self.send(path, body, version=(await self.schedule(contract)).version)
            except RefusedError as refused:
                if refused.status != STALE:
                    raise
        return await self.send(path, body, version=(await self.schedule(contract)).version)

    async def collect_from(self, hour: int | None, retry_after: Sequence[int] = (3, 7)) -> Answer:
        """Collect what is due from that hour of the day on, and again so many days after each failed attempt.

        With none, nothing is collected automatically.
        """
        path = "/payments/v1/collection-calendar"
        body = {"hour": hour, "retry_after": list(retry_after)}
        return await self.send(path, body, version=(await self.read(path)).version, method="PUT")

    async def add_card(self, account: str, token: str, label: str) -> Answer:
        """Add a card of the sandbox; what happens to its charges is said by the token (docs/integration/sandbox.md)."""
        body = {"provider": "sandbox", "kind": "card", "token": token, "label": label}
        return await self.send(f"/payments/v1/accounts/{account}/payment-methods", body)

    async def attempts(self, contract: str) -> list[Json]:
        """What was asked of the provider for a contract, oldest first."""
        found: list[Json] = (await self.read(f"/payments/v1/schedules/{contract}/attempts")).body["items"]
        return found[::-1]

    async def refund_lines(self) -> list[Json]:
        """The refund lines that await correction, the oldest first."""
        found: list[Json] = (await self.read("/payments/v1/refund-lines?mode=online")).body["items"]
        return found

    async def settle(self, contract: str, amount: int, how: str, *, method: str | None = None) -> Answer:
        """Settle a part of a refund line, or all of it, on the schedule as it is; on site by ``method``, or in cash."""
        seen = await self.schedule(contract)
        body = {"amount": money(amount), "how": how, "method": method}
        return await self.send(f"/payments/v1/schedules/{contract}/settlements", body, version=seen.version)

    # Credits

    async def use_credit(self, contract: str, credit: str, amount: int) -> Answer:
        """Pay a part of a contract with a credit, on the schedule as it is."""
        seen = await self.schedule(contract)
        body = {"credit": credit, "amount": money(amount)}
        path = f"/payments/v1/schedules/{contract}/credit-uses"
        return await self.answered(path, body, version=seen.version or 0)

    async def credit(self, credit: str) -> Json:
        """A client credit with its entries."""
        return (await self.read(f"/credits/v1/credits/{credit}")).body

    async def credits(self, account: str) -> list[Json]:
        """The client credits of an account."""
        found: list[Json] = (await self.read(f"/credits/v1/accounts/{account}/credits")).body["items"]
        return found


def money(amount: int) -> Json:
    """Minor units as the API writes them."""
    return {"amount": amount, "currency": CURRENCY}


def _member(person: Person) -> Json:
    fields = {"kind": person.kind, "first_name": person.first_name, "last_name": person.last_name}
    return fields if person.email is None else {**fields, "email": person.email}


def _answer(response: httpx.Response) -> Answer:
    body: Json = response.json()
    if response.status_code >= 400:
        raise RefusedError(response.status_code, body)
    tag = response.headers.get("ETag", "").strip('"')
    return Answer(response.status_code, body, int(tag) if tag else None)
