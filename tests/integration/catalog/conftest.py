"""The catalog's API on a real database, and an organisation that uses it.

One API and one database serve all tests here: each has an organisation of its own, which
no other can see into (ORG-1).
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from carnet.ids import new_id
from carnet.mongo import Database
from carnet_suite.servers import Servers
from catalog.app import build_api
from catalog.config import CatalogSettings
from tests.callers import Signer, client_of, command
from tests.plans import OF_TESTS
from tests.servers import sweep

SCOPES = "catalog:read catalog:write"
PROFILE: dict[str, Any] = {
    "name": "École de danse",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "languages": ["fr", "en"],
    "contact": {"email": "bonjour@example.org"},
    "support_email": "aide@example.org",
    "mode": "test",
}
TERM = {"name": "A term", "tariffs": [{"name": "Full", "price": {"amount": 30_000, "currency": "EUR"}}]}
COURSE: dict[str, Any] = {
    "name": "Jazz",
    "vat_rate": 2_000,
    "participant": True,
    "formats": [TERM],
    "details": {"kind": "course", "capacity": 12},
}
DISCOUNT: dict[str, Any] = {
    "name": "Ten per cent",
    "vat_rate": 2_000,
    "participant": False,
    "details": {"kind": "discount", "rate": 1_000},
}


@dataclass(frozen=True)
class School:
    """An organisation's staff at the catalog."""

    http: httpx.AsyncClient
    signer: Signer
    organisation: str
    database: Database
    namespace: str

    @property
    def staff(self) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.staff)

    async def post(
        self, path: str, body: Any = None, *, version: int | None = None, key: str | None = None
    ) -> httpx.Response:
        return await self.http.post(path, json=body, headers=command(self.staff, key=key, version=version))

    async def put(self, path: str, body: Any, *, version: int | None = None) -> httpx.Response:
        return await self.http.put(path, json=body, headers=command(self.staff, version=version))

    async def makes(self, base: dict[str, Any] = COURSE, **changes: Any) -> dict[str, Any]:
        """A product, drafted."""
        made = await self.post("/v1/products", base | changes)
        assert made.status_code == 201, made.text
        product: dict[str, Any] = made.json()
        return product

    async def sells(self, base: dict[str, Any] = COURSE, **changes: Any) -> dict[str, Any]:
        """A product, put on sale."""
        product = await self.makes(base, **changes)
        sold = await self.post(f"/v1/products/{product['id']}/put-on-sale", version=1)
        assert sold.status_code == 200, sold.text
        on_sale: dict[str, Any] = sold.json()
        return on_sale

    async def rows(self) -> int:
        """How many entries the journal has of this organisation."""
        mine = {"organisation": self.organisation}
        return await self.database["journal"].count_documents(mine, comment=OF_TESTS)


@pytest.fixture(scope="session")
async def running_catalog(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[School]:
    namespace = f"t{secrets.token_hex(4)}"
    signer = Signer.make(tmp_path_factory.mktemp("catalog"))
    settings = CatalogSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
    )
    app = build_api(settings)
    async with client_of(app) as client:
        yield School(client, signer, new_id(), app.state.carnet.database, namespace)
    await sweep(servers, namespace)


@pytest.fixture
def catalog(running_catalog: School) -> School:
    """A school that has no profile yet."""
    return replace(running_catalog, organisation=new_id())


@pytest.fixture
async def school(catalog: School) -> School:
    """A test organisation that counts in euros."""
    made = await catalog.put("/v1/organisation", PROFILE)
    assert made.status_code == 201, made.text
    return catalog
