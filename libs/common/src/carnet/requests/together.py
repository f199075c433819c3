"""Several requests that one change makes at once: all are granted, or nothing of it remains.

A request whose grant can be given back (a voucher is restored) is *reversible*; its event of giving back is decided
when it is asked. The reversible ones are asked at once. One that can't be given back (a credit is removed) is asked
after all of them are granted, so its answer decides; there is at most one such. The end waits for every answer that is
under way, so nothing is granted later to a change that has ended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from types import new_class
from typing import Any, Literal, Self

from pydantic import ConfigDict

from carnet.events import BY_TYPE, TOPICS, Event, Topic
from carnet.events.base import ServiceRefusal
from carnet.refusals import Refusal
from carnet.requests.asked import Cause, Request
from carnet.tolerance import Tolerant

Outcome = Literal["waiting", "granted", "refused"]


class Kept(Tolerant):
    """An event that is decided and not published yet: its type, its topic and its body as JSON values."""

    type: str
    topic: str | None = None
    """The name of the topic; None if it was kept by a release that knew every type that it kept."""
    data: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> Self:
        """What is kept of an event."""
        return cls(type=event.type_name(), topic=event.topic.name, data=event.model_dump(mode="json"))

    @property
    def event(self) -> Event:
        """The event as it was kept, even if only a newer release knows its type or some of its fields."""
        known = BY_TYPE.get(self.type) or _of_newer_type(self.type, self.topic)
        if self.data.keys() <= known.model_fields.keys():
            return known.model_validate(self.data)
        return _with_newer_fields(known).model_validate(self.data)


@cache
def _of_newer_type(type_name: str, topic: str | None) -> type[Event]:
    """The class of an event of a type that this release does not know; it has no fields of its own."""
    if topic is None:
        raise LookupError(f"{type_name} is not known, and nothing says on which topic it is published")
    *_, name, major = type_name.split(".")
    known = next((each for each in TOPICS if each.name == topic), Topic(topic, "facts"))
    return _subclass(name, Event, topic=known, major=int(major.removeprefix("v")))


@cache
def _with_newer_fields(known: type[Event]) -> type[Event]:
    """The same event, which keeps fields that this release does not know: a reader drops them, this is published."""
    return _subclass(known.__name__, known, model_config=ConfigDict(extra="allow"))


def _subclass(name: str, base: type[Event], **attributes: Any) -> type[Event]:
    return new_class(name, (base,), exec_body=lambda body: body.update(__module__=__name__, **attributes))


@dataclass(frozen=True, slots=True)
class Ask:
    """What a change asks for: the objects concerned, the event that asks, and the one that gives the grant back.

    ``gives_back`` is None if a grant can't be given back.
    """

    cause: Cause
    objects: tuple[str, ...]
    event: Event
    gives_back: Event | None = None


class JointRequest(Request):
    """One of the requests of a change."""

    later: Kept | None = None
    """The event that asks, while the request is not made yet: it waits until the reversible ones are granted."""
    gives_back: Kept | None = None

    @classmethod
    def made(cls, ask: Ask, *, later: bool) -> Self:
        """The request that an ``ask`` makes, now or later."""
        return cls(
            cause=ask.cause.name,
            asked_of=ask.cause.asked_of,
            awaited=ask.objects,
            later=Kept.of(ask.event) if later else None,
            gives_back=Kept.of(ask.gives_back) if ask.gives_back else None,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """The requests as they now are, the events to publish now, and what has become of them together."""

    requests: tuple[JointRequest, ...]
    events: tuple[Event, ...] = ()
    outcome: Outcome = "waiting"

    @property
    def refusals(self) -> tuple[ServiceRefusal, ...]:
        """Why it was refused, in the order of the requests."""
        return tuple(each.refused for each in self.requests if each.refused)


def ask_all(asks: Iterable[Ask]) -> Step:
    """Make the requests of one change.

    Raises ``ValueError`` for two that can't be given back: no order of them could keep all or none.
    """
    asks = tuple(asks)
    last = [ask for ask in asks if ask.gives_back is None]
    if len(last) > 1:
        raise ValueError(f"{', '.join(ask.cause.name for ask in last)}: only one grant of a change may be irreversible")
    first = [ask for ask in asks if ask.gives_back is not None]
    requests = tuple(JointRequest.made(ask, later=ask.gives_back is None and bool(first)) for ask in asks)
    return Step(requests, tuple(ask.event for ask in first or last))


def granted(requests: Sequence[JointRequest], cause: str, *objects: str) -> Step:
    """The service asked for that ``cause`` has granted these objects. What is not awaited changes nothing."""
    return _next(requests, tuple(each.grant(*objects) if _awaits(each, cause) else each for each in requests))


def refused(requests: Sequence[JointRequest], cause: str, refusal: Refusal) -> Step:
    """The service asked for that ``cause`` has refused the whole request."""
    return _next(requests, tuple(each.refuse(refusal) if _awaits(each, cause) else each for each in requests))


def _awaits(request: JointRequest, cause: str) -> bool:
    return request.cause == cause and request.later is None


def _next(before: Sequence[JointRequest], after: tuple[JointRequest, ...]) -> Step:
    if tuple(before) == after or any(each.status == "waiting" and each.later is None for each in after):
        return Step(after)
    if any(each.refused for each in after):
        back = tuple(each.gives_back.event for each in after if each.status == "granted" and each.gives_back)
        return Step(after, back, "refused")
    if later := tuple(each.later.event for each in after if each.later):
        return Step(tuple(each.model_copy(update={"later": None}) for each in after), later)
    return Step(after, outcome="granted")
