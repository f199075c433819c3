"""What credits was asked to pay, and the credits that are known (CRE-3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from carnet.decisions import Context, Decision
from carnet.mongo import Collection, Database, Document, Unit
from carnet.requests.alarm import Waiting, WaitingIn
from carnet.requests.causes import CREDIT_USE
from payments.credit_uses.domain import KnownCredit, UseRequest
from payments.schedules.domain.schedule import Schedule
from payments.schedules.store import SCHEDULES, save

KNOWN_CREDITS = Collection(
    "known_credits",
    KnownCredit,
    indexes=[
        # The condition is a comparison: MongoDB would not see that an id in the query has a `$type`.
        IndexModel(
            [("organisation", 1), ("sold_by", 1)],
            name="of_selling_contract",
            partialFilterExpression={"sold_by": {"$gt": ""}},
        ),
    ],
)
USE_REQUESTS = Collection(
    "use_requests",
    UseRequest,
    indexes=[
        IndexModel([("organisation", 1), ("contract", 1), ("_id", 1)], name="of_contract"),
        IndexModel([("organisation", 1), ("credit", 1)], name="of_credit"),
        IndexModel([("asked_at", 1)], name="unanswered", partialFilterExpression={"status": "requested"}),
        IndexModel(
            [("organisation", 1)], name="unanswered_of_organisation", partialFilterExpression={"status": "requested"}
        ),
    ],
)


def keep_request(unit: Unit, decision: Decision[Schedule], request: UseRequest, context: Context) -> Schedule:
    """Save a schedule that asks credits for something, with the request."""
    unit.put(USE_REQUESTS, request)
    return save(unit, decision, context)


async def spent_credit(unit: Unit, contract: str) -> str | None:
    """A credit that the contract sells and that pays another contract, or is about to; None if there is none."""
    query: Document = {"organisation": unit.organisation, "sold_by": contract}
    sold = await unit.database[KNOWN_CREDITS.name].find(query, {"_id": 1}, session=unit.session).to_list(None)
    if not sold:
        return None
    credits_sold = [document["_id"] for document in sold]
    used: Document = {"organisation": unit.organisation, "credit": {"$in": credits_sold}, "status": {"$ne": "returned"}}
    uses = await unit.database[USE_REQUESTS.name].find(used, session=unit.session).to_list(None)
    requests = [USE_REQUESTS.read(document) for document in uses]
    await unit.load(SCHEDULES, [request.contract for request in requests])
    for request in requests:
        schedule = unit.get(SCHEDULES, request.contract)
        if schedule is not None and request.credit in schedule.credits_paying:
            return request.credit
    return None


async def knows_credit(database: Database, organisation: str, credit: str) -> bool:
    """Whether credits has published such a credit in the organisation (ORG-1)."""
    query = {"_id": credit, "organisation": organisation}
    return await database[KNOWN_CREDITS.name].find_one(query, {"_id": 1}) is not None


async def use_request(database: Database, organisation: str, request: str) -> UseRequest | None:
    """The request of that id in the organisation, as it is now; None if there is none (ORG-1)."""
    return await database.state_of(USE_REQUESTS, organisation, request)


async def use_requests(
    database: Database, organisation: str, contract: str, *, after: str | None, limit: int
) -> list[UseRequest]:
    """What credits was asked to pay of a contract, oldest first: those after the id ``after``."""
    query: Document = {"organisation": organisation, "contract": contract}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = await database[USE_REQUESTS.name].find(query).sort("_id", 1).limit(limit).to_list(None)
    return [USE_REQUESTS.read(document) for document in found]


def _waiting(document: Mapping[str, Any]) -> Iterator[Waiting]:
    yield Waiting(
        request=document["_id"],
        cause=CREDIT_USE.name,
        asked_of=CREDIT_USE.asked_of,
        about=document["contract"],
        organisation=document["organisation"],
        asked_at=datetime.fromisoformat(document["asked_at"]),
        awaited=(document["credit"],),
    )


UNANSWERED_USES = WaitingIn(
    collection=USE_REQUESTS.name,
    asked_at="asked_at",
    fields=("contract", "credit"),
    read=_waiting,
    query={"status": "requested"},
)
"""The uses of credits that credits has not answered."""
