"""What an API answers about requests to other services: the short wait, 202 and where to look, the outcome."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.events.base import ServiceRefusal
from carnet.http.waiting import within_patience
from carnet.requests.asked import Request

R = TypeVar("R")


class RequestView(BaseModel):
    """What is asked of another service, and whether it has answered."""

    cause: str = Field(description="What is asked for: `credit-removal`.")
    asked_of: str = Field(description="The service that is asked: `credits`.")
    status: Literal["waiting", "granted", "refused"] = Field(description="Whether it has answered, and how.")
    awaited: list[str] = Field(description="The objects that it has not answered about yet: ids.")

    @classmethod
    def of(cls, requests: Iterable[Request]) -> list[Self]:
        """The views of requests."""
        return [
            cls(cause=each.cause, asked_of=each.asked_of, status=each.status, awaited=list(each.awaited))
            for each in requests
        ]


class ServiceRefusalView(BaseModel):
    """What a service answered that refused, in the words of a problem document."""

    cause: str = Field(description="What was asked for: `credit-removal`.")
    asked_of: str = Field(description="The service that refused: `credits`.")
    problem: str = Field(description="The type of the problem, without its prefix: `credit-used`.")
    rule: str | None = Field(description="The code of the rule.")
    detail: str = Field(description="What to do, in English.")
    params: dict[str, Any] = Field(description="The values in it, and the ids of the objects concerned.")

    @classmethod
    def of(cls, refusals: Iterable[ServiceRefusal]) -> list[Self]:
        """The views of refusals."""
        return [cls(**each.model_dump(include=set(cls.model_fields))) for each in refusals]


def waits(view: type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    """The answer 202 of a route, for the API's description."""
    return {202: {"model": view, "description": f"{description} `Location` is where to look."}}


async def with_outcome(
    answer: Response, look: Callable[[], Awaitable[R | None]], show: Callable[[R], Awaitable[Response]]
) -> Response:
    """The outcome of a command that had to ask another service, or its ``answer`` 202 if that takes longer.

    ``look`` finds the outcome once it is there; ``show`` answers it, or raises the refusal that the other service
    answered. The answer that is kept under the Idempotency-Key says only that the command waits, so the same request
    sent again finds its outcome here too. Any other answer than 202 is returned as it is.
    """
    if answer.status_code != 202:
        return answer
    found = await within_patience(look)
    return answer if found is None else await show(found)
