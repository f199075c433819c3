"""What every published event is: a frozen body, its topic and its type name."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from carnet.tolerance import Tolerant


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic, declared once, in code.

    ``facts`` keep every record 30 days, each aggregate's sequence without a gap. ``state``
    is compacted: each record is the full state, gaps are normal and the highest sequence
    wins. ``personal`` says whether personal data may travel on it.
    """

    name: str
    kind: Literal["facts", "state"]
    personal: bool = False
    partitions: int = 12

    @property
    def owner(self) -> str:
        """The service that publishes on it."""
        return self.name.split(".")[0]


class Part(Tolerant):
    """A part of an event's body. Readers keep fields and values that they do not know."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ServiceRefusal(Part):
    """Why a service refused what another one asked of it, in the words of a problem document."""

    cause: str
    """What was asked for: `credit-removal`."""
    asked_of: str
    """The service that refused: `credits`."""
    problem: str
    """The type of the problem, without its prefix: `credit-used`."""
    kind: str = "conflict"
    """Whether the state of things forbids it (`conflict`), the thing is unknown (`unknown`) or the request can never
    be right (`invalid`)."""
    rule: str | None = None
    """The code of the rule."""
    detail: str
    """What to do, in English."""
    params: dict[str, Any] = Field(default_factory=dict)
    """The values in it, and the ids of the objects concerned."""


class Event(Part):
    """The body of an event: what happened, in the past tense.

    The envelope adds the rest (id, time, aggregate, sequence, organisation, change, actor).
    A field named ``personal`` is kept apart in the journal, where erasing a person removes
    it (ORG-4), and leaves the service only on a topic that may carry personal data.
    Readers ignore fields beside those that they know: an event is not written again.
    """

    model_config = ConfigDict(extra="ignore")

    topic: ClassVar[Topic]
    major: ClassVar[int] = 1
    tombstone: ClassVar[bool] = False
    """True where the record on a topic of state has no body, so that compaction erases the aggregate."""

    @classmethod
    def type_name(cls) -> str:
        """The type in the envelope: ``carnet.contracts.ProductAdded.v1``."""
        return f"carnet.{cls.topic.owner}.{cls.__name__}.v{cls.major}"
