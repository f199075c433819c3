"""A whole API of the kit: a shelf of products is all it has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import httpx
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from carnet.decisions import Context, Decision, State
from carnet.events.catalog import Contact, ItemDetails, ProductChanged
from carnet.http import (
    Body,
    Call,
    Command,
    MoneyIn,
    Page,
    PageAsked,
    Reply,
    changes,
    create_api,
    reads,
    router,
)
from carnet.ids import Id, new_id
from carnet.money import Money
from carnet.mongo import Collection, Database, Unit, transact
from carnet.organisations import ORGANISATIONS, Organisation, amount_in, organisation_of
from carnet.refusals import conflict
from carnet.settings import Settings
from tests.callers import Signer, client_of, command

SCOPES = "shelf:read shelf:write"


class Thing(State):
    name: str
    price: int
    since: date


THINGS = Collection("things", Thing)


class ThingBody(Body):
    name: str
    price: MoneyIn
    since: date | None = None


class ThingView(BaseModel):
    id: str
    name: str
    price: Money
    since: date


def view(thing: Thing) -> ThingView:
    return ThingView(id=thing.id, name=thing.name, price=Money(amount=thing.price, currency="EUR"), since=thing.since)


def put_up(thing: Thing) -> Decision[Thing]:
    if thing.name == "lamp":
        raise conflict("no-lamps", "A lamp can't be put on the shelf. Choose another thing.", rule="CON-6", name="lamp")
    event = ProductChanged(
        product=thing.id, name=thing.name, status="draft", vat_rate=0, participant=False, details=ItemDetails()
    )
    return Decision(thing, (event,))


Reads = Annotated[Call, reads("shelf:read")]
Makes = Annotated[Command, changes("shelf:write")]
Edits = Annotated[Command, changes("shelf:write", if_match=True)]

routes = router(tags=["things"])


@routes.post("/things", status_code=201, response_model=ThingView)
async def make(body: ThingBody, command: Makes) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        profile = await organisation_of(unit, command.organisation)
        price = amount_in(body.price, profile.currency)
        thing = Thing(
            id=context.new_id(),
            organisation=command.organisation,
            name=body.name,
            price=price,
            since=body.since or context.today,
        )
        saved = unit.decide(THINGS, put_up(thing), context)
        return Reply(view(saved), saved.version, f"/v1/things/{saved.id}")

    return await command.run(work, status=201, loads=())


@routes.post("/things/preview")
async def preview(body: ThingBody, call: Reads) -> ThingView:
    async def work(unit: Unit, context: Context) -> ThingView:
        thing = Thing(
            id=context.new_id(),
            organisation=call.organisation,
            name=body.name,
            price=body.price.amount,
            since=context.today,
        )
        return view(unit.decide(THINGS, put_up(thing), context))

    return await call.preview(work)


@routes.put("/things/{thing}", response_model=ThingView)
async def edit(thing: Id, body: ThingBody, command: Edits) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        before = await unit.one(THINGS, thing, what="thing")
        command.must_match(before.version)
        after = before.model_copy(update={"name": body.name, "price": body.price.amount})
        saved = unit.decide(THINGS, put_up(after), context)
        return Reply(view(saved), saved.version)

    return await command.run(work, loads=[(THINGS, thing)])


@routes.get("/things/{thing}", response_model=ThingView)
async def show(thing: Id, call: Reads) -> Response:
    async def work(unit: Unit, _: Context) -> Thing:
        return await unit.one(THINGS, thing, what="thing")

    found = await call.preview(work)
    return call.show(view(found), version=found.version)


@routes.get("/things")
async def shelf(call: Reads, page: PageAsked, name: str | None = None) -> Page[ThingView]:
    query: dict[str, Any] = {"organisation": call.organisation}
    if name is not None:
        query["name"] = name
    if (after := page.after(str, str)) is not None:
        query["$or"] = [{"name": {"$gt": after[0]}}, {"name": after[0], "_id": {"$gt": after[1]}}]
    found = await call.database["things"].find(query).sort([("name", 1), ("_id", 1)]).limit(page.fetch).to_list(None)
    return page.of([THINGS.read(one) for one in found], place=lambda thing: (thing.name, thing.id), show=view)


@routes.get("/broken")
async def broken(call: Reads) -> ThingView:
    raise KeyError(f"Jean Dupont of {call.organisation}")


@dataclass(frozen=True)
class Shelf:
    client: httpx.AsyncClient
    signer: Signer
    organisation: str
    database: Database

    @property
    def staff(self) -> dict[str, str]:
        return self.signer.headers(self.organisation, SCOPES)

    async def make(self, name: str, key: str | None = None, amount: int = 100) -> httpx.Response:
        body = {"name": name, "price": {"amount": amount, "currency": "EUR"}}
        return await self.client.post("/v1/things", json=body, headers=command(self.staff, key=key))

    async def count(self) -> int:
        return await self.database["things"].count_documents({})


def api_of(mongo_url: str, namespace: str, signer: Signer, root_path: str = "") -> FastAPI:
    return create_api(
        settings=Settings(
            service="shelf",
            mongo_url=mongo_url,
            kafka_bootstrap="127.0.0.1:1",
            namespace=namespace,
            issuers=(signer.issuer,),
            root_path=root_path,
        ),
        title="Shelf",
        description="Things on a shelf.",
        routers=[routes],
        collections=[THINGS, ORGANISATIONS],
    )


async def keep_profile(database: Database, organisation: str, *, version: int = 1, clock_ahead: int = 0) -> None:
    profile = Organisation(
        id=organisation,
        organisation=organisation,
        version=version,
        clock_ahead=clock_ahead,
        name="School",
        currency="EUR",
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="help@example.org",
        mode="live",
    )

    async def keep(unit: Unit) -> None:
        unit.put(ORGANISATIONS, profile)

    await transact(database, keep)


@asynccontextmanager
async def shelf_of(app: FastAPI, signer: Signer) -> AsyncIterator[Shelf]:
    async with client_of(app) as client:
        shelf = Shelf(client, signer, new_id(), app.state.carnet.database)
        await keep_profile(shelf.database, shelf.organisation)
        yield shelf
