"""The published language: one module per owner, and the tables over all of it."""

from carnet.events import catalog, contracts, credits, notifications, payments
from carnet.events.base import Event, Part, Topic

EVENTS: tuple[type[Event], ...] = (
    *catalog.EVENTS,
    *contracts.EVENTS,
    *payments.EVENTS,
    *credits.EVENTS,
    *notifications.EVENTS,
)
BY_TYPE: dict[str, type[Event]] = {event.type_name(): event for event in EVENTS}
TOPICS: tuple[Topic, ...] = tuple({event.topic.name: event.topic for event in EVENTS}.values())

__all__ = ["BY_TYPE", "EVENTS", "TOPICS", "Event", "Part", "Topic"]
