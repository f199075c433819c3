"""What an API answers instead of what was asked for: a refusal, or nothing."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class Problem(Exception):  # a refusal is no error: it is the answer of a rule
    """A request was refused; ``slug`` names why, and `backoffice.problems` has the sentence for people.

    ``params`` are the values of the refusal, ``fields`` the fields of the body that are not right.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        params: Mapping[str, Any] | None = None,
        fields: tuple[str, ...] = (),
        request: str | None = None,
    ) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug
        self.params = params or {}
        self.fields = fields
        self.request = request

    @classmethod
    def of(cls, status: int, body: Any) -> "Problem":
        """The problem of a problem document (RFC 9457), or of an answer that should be one."""
        document: Mapping[str, Any] = body if isinstance(body, dict) else {}
        errors = document.get("errors")
        fields = tuple(str(error.get("field", "")) for error in errors) if isinstance(errors, list) else ()
        params = document.get("params")
        return cls(
            status,
            str(document.get("type", "")).rpartition(":")[2] or "unexpected",
            params if isinstance(params, dict) else {},
            fields,
            document.get("request"),
        )


class ServiceAwayError(Exception):
    """A service does not answer just now. ``sent`` says whether it may have received a change."""

    def __init__(self, service: str, *, sent: bool = False) -> None:
        super().__init__(service)
        self.service = service
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Away:
    """A part of a page that cannot be shown, since ``service`` does not answer."""

    service: str
    is_away: bool = True


async def part(call: Awaitable[T]) -> T | Away:
    """What a call answers, or that its service is away: so the other parts of the page are shown.

    Refusals are raised as ever.
    """
    try:
        return await call
    except ServiceAwayError as error:
        return Away(error.service)
