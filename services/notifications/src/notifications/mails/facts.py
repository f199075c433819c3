"""The facts of mails: amounts, dates, ids and names of products. Persons are looked up when a mail is sent.

The facts of a mail are kept as they were when it became due. Their fields have the names and types of the event
that makes it due, so that ``Facts.of`` can copy them.
"""

from dataclasses import dataclass
from typing import Any, Self

from carnet.events.base import Event
from carnet.events.contracts import Mode
from carnet.events.payments import Balance, Instalment
from carnet.ids import Id
from carnet.money import Currency
from carnet.tolerance import Tolerant


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF that goes with a mail.

    ``service`` keeps it, as a paper of that ``kind`` that is ``about`` these ids. ``name`` is its file name in the
    mail, of plain ASCII.
    """

    service: str
    kind: str
    about: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a mail shows as it is when the mail is sent: a ``kind`` of link of a ``service``, ``about`` these ids.

    It is read at ``path``, where a person who follows the link in the mail comes too.
    """

    service: str
    path: str
    kind: str
    about: tuple[str, ...]


class Fact(Tolerant):
    """A part of the facts of a mail."""


class Facts(Fact):
    """The facts of one mail. ``kind`` is a literal in each mail's own class: it selects the class of a stored mail."""

    kind: str
    contract: Id | None
    """The contract that it is about; None for a credit without a contract, such as a deposit."""
    currency: Currency

    @property
    def paper(self) -> Paper | None:
        """The paper that goes with the mail, attached and as a link; most have none."""
        return None

    @property
    def source(self) -> Source | None:
        """What the mail shows as it is when it is sent; most show what was when it became due."""
        return None

    def as_now(self, answer: bytes) -> Self | None:
        """The facts with what its ``source`` answers; None if the mail is not to be sent any more.

        A kind of mail with a source reads the answer here; the others are never asked.
        """
        raise NotImplementedError(f"{type(self).__name__} has a source and does not read it: {len(answer)} bytes")

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
