"""From the facts of a mail to the variables of its templates, with what is known of people when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from notifications.domain.accounts import Account
from notifications.mails.facts import Facts, ScheduleFacts
from notifications.mails.views import Client, Contract, ContractNamed, Organisation, View
from notifications.templates.values import Sum, Term, surely

V = TypeVar("V")
ViewType = TypeVar("ViewType", bound=View)


_HINTS: dict[type, Mapping[str, Any]] = {}


def _hints(of: type) -> Mapping[str, Any]:
    """The types of its fields, found once: that takes longer than to compose the rest of a mail."""
    if of not in _HINTS:
        _HINTS[of] = get_type_hints(of)
    return _HINTS[of]


@dataclass(frozen=True, slots=True)
class Link:
    """The address at which the paper of a mail is read, and the last day on which it is."""

    address: str
    until: date


SAMPLE_LINK = Link("https://carnet.example/payments/v1/papers/sample", date(2027, 2, 4))
"""The link of a mail that is previewed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the facts; ``link`` leads to the paper that goes with the mail, its page or its source."""

    account: Account
    organisation: Organisation
    currency: str
    number: str = ""
    link: Link = SAMPLE_LINK
    language: str = "en"

    def view(self, view: type[ViewType], facts: Facts, **given: Any) -> ViewType:
        """The variables of a mail: those ``given``, those that all mails share, and the facts of the same names."""
        shared = {"organisation": self.organisation, "client": self.client}
        hints = _hints(view)
        if hints.get("contract") is Contract:
            shared["contract"] = Contract(facts.contract or "", Term(getattr(facts, "mode", "")), self.number)
        elif "contract" in hints:
            shared["contract"] = ContractNamed(facts.contract or "", self.number)
        if isinstance(facts, ScheduleFacts):
            shared["instalments"] = self._as(hints["instalments"], facts.dated)
        return self.part(view, facts, **shared, **given)

    def part(self, part: type[V], facts: object, **given: Any) -> V:
        """A variable with parts: those ``given``, and the facts of the same names, as their types are written."""
        hints = _hints(part)
        values: Mapping[str, Any] = {
            field.name: given[field.name]
            if field.name in given
            else self._as(surely(hints[field.name]), getattr(facts, field.name))
            for field in fields(part)  # type: ignore[arg-type] # a dataclass, which its type can not say
        }
        return part(**values)

    def _as(self, hint: Any, value: Any) -> Any:
        if get_origin(hint) is tuple:
            return tuple(self._as(get_args(hint)[0], each) for each in value)
        if hint is str:
            return value or ""
        if value is None:
            return None
        if hint is Sum:
            return self.sum(value)
        if hint is Term:
            return Term(value)
        return self.part(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value

    def sum(self, minor: int) -> Sum:
        """An amount of minor units in the currency of the mail."""
        return Sum(minor, self.currency)

    def name(self, member: str | None) -> str:
        """The name of a member of the account; empty if unknown or erased."""
        person = self.account.person(member)
        return person.name if person else ""

    @property
    def client(self) -> Client:
        """The account's owner."""
        owner = self.account.recipient
        if owner is None:
            return Client("", "", "", self.account.number or "")
        return Client(owner.name, owner.first_name, owner.last_name, self.account.number or "")
