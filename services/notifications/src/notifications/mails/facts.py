"""The facts of mails: amounts, dates, ids and names of products. Persons are looked up when a mail is sent.

The facts of a mail are kept as they were when it became due. Their fields have the names and types of the event
that makes it due, so that ``Facts.of`` can copy them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from pydantic import BaseModel

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
    mail, of plain ASCII, and ``french`` that in a French one, where it differs.
    """

    service: str
    kind: str
    about: tuple[str, ...]
    name: str
    french: str | None = None

    def named(self, language: str) -> str:
        """Its file name in a mail of that language."""
        return self.french if language == "fr" and self.french is not None else self.name


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """A page that a mail leads to: at ``path`` of a ``service``, by a ``kind`` of link ``about`` these ids."""

    service: str
    path: str
    kind: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source(LinkedPage):
    """A page that says what the mail shows, as it is when the mail is sent; the link of the mail leads there too."""


@dataclass(frozen=True, slots=True)
class ContractNow:
    """What is known of the contract of a mail when it is sent, by which the mail may be overtaken.

    ``renewal`` is the period with which its subscription renews on the day ``renews_on``, as it was announced last;
    None if that does not take place any more. ``withheld`` says whether what its plans open is withheld; None if it
    never was.
    """

    renewal: int | None = None
    renews_on: date | None = None
    withheld: bool | None = None


NOTHING_KNOWN = ContractNow()


class Fact(Tolerant):
    """A part of the facts of a mail."""

    @classmethod
    def of_part(cls, part: BaseModel) -> Self:
        """The fact of a part of an event, which has fields of the same names."""
        return cls(**{name: getattr(part, name) for name in cls.model_fields})


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
    def page(self) -> LinkedPage | None:
        """The page that the mail leads to, beside which it shows nothing of it; most have none."""
        return None

    @property
    def source(self) -> Source | None:
        """What the mail shows as it is when it is sent; most mails show what was true when they became due."""
        return None

    def as_now(self, answer: bytes) -> Self | None:
        """The facts with what its ``source`` answers; None if the mail is not to be sent any more.

        A kind of mail with a source reads the answer here; the others are never asked.
        """
        raise NotImplementedError(f"{type(self).__name__} has a source and does not read it: {len(answer)} bytes")

    def is_overtaken(self, contract: ContractNow) -> bool:  # noqa: ARG002 # what a kind of mail may look at
        """Whether what it says is no longer true when it is sent, so that it is dropped; most stay true."""
        return False

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

    @property
    def paused(self) -> int | None:
        """What waits for an open pause to be lifted, on no date, in minor units (CON-18); None if nothing does."""
        return sum(each.amount for each in self.instalments if each.paused) or None

    @property
    def dated(self) -> tuple[Instalment, ...]:
        """The instalments that have a date."""
        return tuple(each for each in self.instalments if not each.paused)
