"""One request to another service, as the service that asks keeps it."""

from dataclasses import dataclass
from typing import Literal, Self

from carnet.events.base import ServiceRefusal
from carnet.refusals import Kind, Refusal
from carnet.tolerance import Tolerant


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a service asks another one for something: a stable name, the service asked, and the rule."""

    name: str
    asked_of: str
    rule: str

    def refused(self, refusal: Refusal) -> ServiceRefusal:
        """The refusal of the service that was asked, in its own words."""
        return refusal_of(self.name, self.asked_of, refusal)


class Request(Tolerant):
    """What is asked of another service, and its answer so far.

    ``awaited`` are the objects that it has not answered about yet, ``granted`` those that it has granted. A refusal
    is of the whole request: nothing is granted then.
    """

    cause: str
    asked_of: str
    awaited: tuple[str, ...]
    granted: tuple[str, ...] = ()
    refused: ServiceRefusal | None = None

    @classmethod
    def to(cls, cause: Cause, *objects: str) -> Self:
        """A request about these objects, not answered yet."""
        return cls(cause=cause.name, asked_of=cause.asked_of, awaited=objects)

    @property
    def status(self) -> Literal["waiting", "granted", "refused"]:
        """Whether it is answered, and how."""
        if self.refused is not None:
            return "refused"
        return "waiting" if self.awaited else "granted"

    def grant(self, *objects: str) -> Self:
        """The request once these objects are granted; those that it does not await change nothing."""
        granted = tuple(each for each in self.awaited if each in objects)
        if not granted:
            return self
        left = tuple(each for each in self.awaited if each not in objects)
        return self.model_copy(update={"awaited": left, "granted": (*self.granted, *granted)})

    def refuse(self, refusal: Refusal) -> Self:
        """The request once it is refused; one that is answered already stays as it is."""
        if self.status != "waiting":
            return self
        published = refusal_of(self.cause, self.asked_of, refusal)
        return self.model_copy(update={"awaited": (), "granted": (), "refused": published})


def refusal_of(cause: str, asked_of: str, refusal: Refusal) -> ServiceRefusal:
    """A refusal as it is kept and published."""
    return ServiceRefusal(
        cause=cause,
        asked_of=asked_of,
        problem=refusal.slug,
        kind=refusal.kind.value,
        rule=refusal.rule,
        detail=refusal.detail,
        params=refusal.params,
    )


def refusal_from(published: ServiceRefusal) -> Refusal:
    """The refusal to raise; of a kind that this release does not know, a conflict."""
    kind = Kind(published.kind) if published.kind in set(Kind) else Kind.CONFLICT
    return Refusal(kind, published.problem, published.detail, rule=published.rule, **published.params)
