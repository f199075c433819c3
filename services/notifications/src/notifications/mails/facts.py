"""What mails tell: amounts, dates, ids and names of products, never a person (those are looked up at sending).

The facts of a mail are kept as they were when it became due. Their fields bear the names and the types of the
event that makes it due, so that ``Facts.of`` takes them over.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from carnet.events.base import Event
from carnet.events.contracts import Mode
from carnet.events.payments import Balance, Instalment
from carnet.ids import Id
from carnet.money import Currency


class Fact(BaseModel):
    """A part of what a mail tells."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Facts(Fact):
    """What one mail tells. ``kind`` is a literal in each mail's own class: by it a stored mail is read."""

    kind: str
    contract: Id | None
    """The contract that it is about; none for a credit of no contract, such as a deposit."""
    currency: Currency

    @classmethod
    def of(cls, event: Event, **more: Any) -> Self:
        """The facts of that event: its fields of the same names, and ``more``."""
        known = {name: getattr(event, name) for name in cls.model_fields if name != "kind" and hasattr(event, name)}
        return cls(**{**known, **more})


class ContractFacts(Facts):
    """About one contract."""

    contract: Id


class ScheduleFacts(ContractFacts):
    """About one contract, with its schedule as it then is."""

    mode: Mode
    balance: Balance
    instalments: tuple[Instalment, ...]
