"""PAY-12: the payment methods of an account: a provider's tokens, never card data."""

import re
import unicodedata
from collections.abc import Collection, Iterator

from carnet.dates import Instant
from carnet.decisions import Decision, State
from carnet.events import payments as published
from carnet.events.base import Event
from carnet.events.payments import OnlineMethod
from carnet.refusals import conflict, invalid, unknown
from payments.schedules.domain.schedule import Part

SANDBOX = "sandbox"
"""The provider for trials, which moves no money, for test organisations (ORG-5)."""

MOST_METHODS = 20
"""How many payment methods an account has at most."""


class PaymentMethod(Part):
    """What an account can be collected from: a provider's token of a card, or of a mandate."""

    id: str
    provider: str
    kind: OnlineMethod
    token: str
    """The provider's name for it: shown to nobody."""
    label: str | None
    """What the family knows it by: ``Visa •••• 4242``."""
    added_at: Instant


class PaymentMethods(State):
    """The payment methods of one account, oldest first; its id is the account's."""

    methods: tuple[PaymentMethod, ...] = ()
    default: str | None = None
    """The id of the one that instalments are collected by; None if there is none."""

    @property
    def concerns(self) -> str:
        """The account."""
        return self.id

    @property
    def preferred(self) -> PaymentMethod | None:
        """The one that instalments are collected by, where there is one."""
        return next((each for each in self.methods if each.id == self.default), None)

    def method(self, method_id: str) -> PaymentMethod:
        """The method of that id, or an ``unknown-payment-method`` refusal."""
        for method in self.methods:
            if method.id == method_id:
                return method
        raise unknown("payment method", method_id)


def add_method(methods: PaymentMethods, added: PaymentMethod, *, prefer: bool) -> Decision[PaymentMethods]:
    """Add a payment method; the first is the default one, a later one where ``prefer`` says so (PAY-12).

    Raises:
        Refusal: ``card-data-refused`` where its token or label holds what looks like a card's
            number, ``payment-method-known`` or ``too-many-payment-methods``.
    """
    for text in (added.token, added.label or ""):
        _refuse_card_data(text)
    for known in methods.methods:
        if (known.provider, known.token) == (added.provider, added.token):
            raise conflict(
                "payment-method-known", "This account has this payment method already.", rule="PAY-12", method=known.id
            )
    if len(methods.methods) >= MOST_METHODS:
        raise conflict(
            "too-many-payment-methods",
            f"An account has {MOST_METHODS} payment methods at most. Remove one first.",
            rule="PAY-12",
            most=MOST_METHODS,
        )
    default = added.id if prefer or methods.preferred is None else methods.default
    state = methods.model_copy(update={"methods": (*methods.methods, added), "default": default})
    event = published.PaymentMethodAdded(
        account=state.id, method=added.id, provider=added.provider, kind=added.kind, default=default == added.id
    )
    return Decision(state, (event,))


def of_provider(provider: str, configured: Collection[str], *, live: bool) -> None:
    """Refuse a method of a provider that is not there, or of the sandbox for an organisation that is ``live``.

    Raises:
        Refusal: ``unknown-provider`` or ``sandbox-not-live``.
    """
    if provider not in configured:
        there_are = f"There are: {', '.join(sorted(configured))}." if configured else "None is configured here."
        raise invalid(
            "unknown-provider",
            f"There is no payment provider {provider}. {there_are}",
            rule="PAY-12",
            provider=provider,
        )
    if live and provider == SANDBOX:
        raise invalid(
            "sandbox-not-live",
            "The sandbox moves no money, and this organisation is live. Use a payment method of a real provider.",
            rule="PAY-12",
            provider=provider,
        )


def prefer_method(methods: PaymentMethods, method_id: str) -> Decision[PaymentMethods]:
    """Collect instalments by this payment method from now on; nothing happens where it is the default (PAY-12).

    Raises:
        Refusal: ``unknown-payment-method``.
    """
    preferred = methods.method(method_id)
    if methods.default == preferred.id:
        return Decision(methods, ())
    state = methods.model_copy(update={"default": preferred.id})
    return Decision(state, (published.PaymentMethodPreferred(account=state.id, method=preferred.id),))


def remove_method(methods: PaymentMethods, method_id: str) -> Decision[PaymentMethods]:
    """Remove a payment method; where it was the default, the one added last is (PAY-12).

    What is at the provider already is not called back.

    Raises:
        Refusal: ``unknown-payment-method``.
    """
    removed = methods.method(method_id)
    left = tuple(each for each in methods.methods if each.id != removed.id)
    default = methods.default
    if default == removed.id:
        default = left[-1].id if left else None
    state = methods.model_copy(update={"methods": left, "default": default})
    return Decision(state, (published.PaymentMethodRemoved(account=state.id, method=removed.id, default=default),))


def remove_all(methods: PaymentMethods) -> Decision[PaymentMethods]:
    """Remove every payment method of an account that was erased (ORG-4)."""
    events: list[Event] = []
    for method in methods.methods:
        removal = remove_method(methods, method.id)
        methods = removal.state
        events += removal.events
    return Decision(methods, tuple(events))


_UUID = re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])")
"""A token as many providers make them: its digits are random, and sometimes pass the check of a card's number."""

_GROUPS = re.compile(r"[0-9]+(?:[ .\-_/]*[0-9]+)*")


def _refuse_card_data(text: str) -> None:
    """Refuse (``card-data-refused``) a text in which a card's number can be read (PAY-12)."""
    readable = _UUID.sub("a", unicodedata.normalize("NFKC", text))
    if any(_is_card_number(digits) for digits in _numbers(readable)):
        raise invalid(
            "card-data-refused",
            "This looks like the number of a card. Send the provider's token, and a label with the last four digits "
            "at most.",
            rule="PAY-12",
        )


def _numbers(text: str) -> Iterator[str]:
    """What may be read as one number: neighbouring groups of digits, with nothing but separators between."""
    for run in _GROUPS.findall(text):
        groups = re.findall(r"[0-9]+", run)
        for first in range(len(groups)):
            for last in range(first, len(groups)):
                yield "".join(groups[first : last + 1])


def _is_card_number(digits: str) -> bool:
    """Whether these digits are as many as a card's number has, and pass its check (Luhn)."""
    if not 12 <= len(digits) <= 19:
        return False
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits), start=1))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
