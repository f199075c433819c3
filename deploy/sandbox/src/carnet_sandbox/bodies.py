"""The bodies that the sandbox takes and shows."""

import hashlib
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from carnet.money import Currency, PositiveAmount
from carnet_sandbox.book import Entry, Kind, Webhook
from carnet_sandbox.plays import Case, Status

Word = Annotated[str, Field(min_length=1, max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @property
    def fingerprint(self) -> str:
        """Equal for equal bodies; the body cannot be read from it."""
        return hashlib.sha256(orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS)).hexdigest()


class ChargeBody(_Body):
    """A charge to make; the amount is in minor units."""

    key: Word
    merchant: Word
    amount: PositiveAmount
    currency: Currency
    token: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Literal["card", "direct_debit"]


class RefundBody(_Body):
    """A refund to make; ``charge`` is the reference of the charge."""

    key: Word
    merchant: Word
    amount: PositiveAmount
    currency: Currency
    charge: Word


class MerchantBody(_Body):
    """How many seconds a merchant's clock is ahead of the real time, and where its webhooks go."""

    clock_ahead: Annotated[int, Field(ge=0, le=10**10)]
    webhook_url: Annotated[str, Field(pattern=r"^https?://[^/\s]", max_length=500)] | None = None


class OrderView(BaseModel):
    """A charge or a refund in its present state."""

    reference: str
    status: Status
    code: str | None

    @classmethod
    def of(cls, entry: Entry) -> "OrderView":
        """What is shown of an entry."""
        return cls(reference=entry.reference, status=entry.status, code=entry.code)


class EntryView(BaseModel):
    """A line of the book: a charge, a refund, or a reversal, whose ``key`` is that of its charge."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    kind: Kind
    key: str
    merchant: str
    amount: int
    currency: str
    status: Status
    code: str | None
    reference: str
    charge: str | None
    token: str


class WebhookView(BaseModel):
    """A webhook: its body, how often it was tried, and the last answer: a status, or why there was none."""

    seq: int
    merchant: str
    body: dict[str, Any]
    tries: int
    answer: str | None
    delivered: bool

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookView":
        """What is shown of a webhook."""
        return cls(
            seq=webhook.seq,
            merchant=webhook.merchant,
            body=orjson.loads(webhook.body),
            tries=webhook.tries,
            answer=webhook.answer,
            delivered=webhook.delivered,
        )


class TokenView(BaseModel):
    """A token, what it plays, and what a number behind it counts."""

    token: str
    description: str
    counts: str | None
    number: int | None

    @classmethod
    def of(cls, name: str, case: Case) -> "TokenView":
        """What is shown of a case."""
        counts, number = case.number or (None, None)
        return cls(token=f"tok_{name}", description=case.description, counts=counts, number=number)
