"""Stripe as its reference describes it: what it answers, and what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import stripe

from carnet.ids import new_id
from payments.provider.interface import (
    Charge,
    Refund,
)

HUSH = "whsec_of_the_tests"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
CARD = "cus_1/pm_1"


def charge(token: str = CARD, **other: Any) -> Charge:
    parameters = {"amount": 5000, "currency": "EUR", "kind": "card", **other}
    return Charge(key=new_id(), organisation="org", token=token, **parameters)


def refund(**other: Any) -> Refund:
    parameters = {"amount": 2000, "currency": "EUR", **other}
    return Refund(key=new_id(), organisation="org", charge="pi_1", **parameters)


@dataclass
class Asked:
    method: str
    path: str
    parameters: dict[str, str]
    key: str | None


@dataclass
class Answers(stripe.HTTPClient):
    """Answers as Stripe does, in the order given."""

    coming: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    name = "played"

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, status: int = 200, /, **body: Any) -> None:
        self.coming.append((orjson.dumps(body), status, {"request-id": "req_1"}))

    def refuse(self, status: int, kind: str, **error: Any) -> None:
        self.answer(status, error={"type": kind, "message": "no", **error})

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        split = urlsplit(url)
        parameters = {name: values[0] for name, values in parse_qs(post_data or split.query).items()}
        self.asked.append(Asked(method.upper(), split.path, parameters, headers.get("Idempotency-Key")))
        coming = self.coming.pop(0)
        if isinstance(coming, Exception):
            raise coming
        answered: tuple[bytes, int, Mapping[str, str]] = coming
        return answered


def intent(status: str, order: str | None = None, **other: Any) -> dict[str, Any]:
    metadata = {"carnet_order": order} if order else {}
    return {"id": "pi_1", "object": "payment_intent", "status": status, "metadata": metadata, **other}


def refunded(status: str, order: str | None = None, **other: Any) -> dict[str, Any]:
    metadata = {"carnet_order": order} if order else {}
    return {"id": "re_1", "object": "refund", "status": status, "metadata": metadata, **other}


def listed(*objects: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(objects), "has_more": more, "url": "/v1/payment_intents"}
