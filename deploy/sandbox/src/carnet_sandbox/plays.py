"""What each token plays. The table of ``docs/integration/sandbox.md`` is compared with this one by a test.

A token is ``tok_NAME``, ``tok_NAME:NUMBER`` or either with ``/LABEL`` behind it. The number is how many
days, seconds or times; the label is anybody's and distinguishes tokens that play the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["succeeded", "pending", "failed"]
Fault = Literal["silence", "error", "limited", "slow"]
Reversal = Literal["returned_debit", "chargeback"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a pending order, ``days`` later on the merchant's clock.

    ``reported_after`` are the days after that until the webhook goes; None if none ever does.
    ``held`` are the seconds that the webhook is held back, so that a later one overtakes it.
    """

    days: int
    status: Literal["succeeded", "failed"] = "succeeded"
    code: str | None = None
    reported_after: int | None = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Play:
    """The outcome of an order, and how the client gets it. Days are on the merchant's clock.

    Attributes:
        status: What it is at once, with the ``code`` of a failure.
        first: Only so many orders of a token are so, later ones succeed; None if all are.
        fault: How the first ``faults`` asks of an order are answered, ``done`` says whether it is done
            in spite of that. ``slow`` answers rightly after ``seconds``.
        webhooks: How many webhooks report at once what it is.
        ending: What a pending order becomes; also of one that was answered as failed.
        reversed_after: The days until the bank takes the money back, counted from the success.
    """

    status: Status = "succeeded"
    code: str | None = None
    first: int | None = None
    fault: Fault | None = None
    faults: int = 1
    done: bool = True
    seconds: int = 0
    webhooks: int = 0
    ending: Ending | None = None
    reversed_after: int | None = None
    reversal: Reversal = "chargeback"


FINE = Play()

Making = Callable[[int], Play]


@dataclass(frozen=True, slots=True)
class Case:
    """What a token of that name plays, with its charges or with the refunds of its charges.

    ``number`` is what ``:NUMBER`` counts and the number without it; None if it takes none.
    """

    description: str
    number: tuple[str, int] | None = None
    charge: Making = field(default=lambda _: FINE)
    refund: Making = field(default=lambda _: FINE)


def _refused(code: str) -> Making:
    return lambda number: Play("failed", code, first=number or None)


_ALL = ("orders of the token, later ones succeed; 0 is all", 0)
_DAYS = "days"

CASES: Mapping[str, Case] = {
    "success": Case("The charge succeeds."),
    "insufficient_funds": Case("Refused: not enough money.", _ALL, _refused("insufficient_funds")),
    "refused": Case("Refused by the bank.", _ALL, _refused("card_declined")),
    "expired": Case("Refused: the card has expired.", _ALL, _refused("expired_card")),
    "authentication": Case("Refused: the client must be there.", _ALL, _refused("authentication_required")),
    "account_closed": Case("Refused: the account is closed.", _ALL, _refused("account_closed")),
    "mandate_revoked": Case("Refused: the mandate was revoked.", _ALL, _refused("mandate_revoked")),
    "timeout_charged": Case(
        "Charged, and the answer never comes. Asking again finds out.",
        ("asks without an answer", 1),
        lambda number: Play(fault="silence", faults=number),
    ),
    "timeout_not_charged": Case(
        "Not charged, and the answer never comes. Asked again, it succeeds.",
        ("asks without an answer", 1),
        lambda number: Play(fault="silence", faults=number, done=False),
    ),
    "error_500": Case(
        "Answers 500 and has not charged. Asked often enough, it succeeds.",
        ("asks answered so", 2),
        lambda number: Play(fault="error", faults=number, done=False),
    ),
    "error_500_charged": Case(
        "Charged, and answers 500.", ("asks answered so", 1), lambda number: Play(fault="error", faults=number)
    ),
    "rate_limited": Case(
        "Answers 429 and has not charged. Asked often enough, it succeeds.",
        ("asks answered so", 2),
        lambda number: Play(fault="limited", faults=number, done=False),
    ),
    "slow": Case(
        "Succeeds, and the answer takes its time.",
        ("seconds", 2),
        lambda number: Play(fault="slow", faults=1000, seconds=number),
    ),
    "debit_success": Case(
        "A debit under way, which succeeds days later; a webhook reports it.",
        (_DAYS, 3),
        lambda number: Play("pending", ending=Ending(number)),
    ),
    "debit_bounces": Case(
        "A debit under way, which fails days later for lack of money; a webhook reports it.",
        (_DAYS, 3),
        lambda number: Play("pending", ending=Ending(number, "failed", "insufficient_funds")),
    ),
    "debit_returned": Case(
        "A debit that succeeds two days later, and that the bank returns days after that.",
        (_DAYS, 5),
        lambda number: Play("pending", ending=Ending(2), reversed_after=number, reversal="returned_debit"),
    ),
    "chargeback": Case(
        "Succeeds, and the client has the bank take it back days later.",
        (_DAYS, 10),
        lambda number: Play(reversed_after=number),
    ),
    "webhook": Case("Succeeds, and a webhook reports it as well.", None, lambda _: Play(webhooks=1)),
    "webhook_only": Case(
        "Charged, the answer never comes, and a webhook reports it.",
        None,
        lambda _: Play(fault="silence", webhooks=1),
    ),
    "webhook_duplicated": Case(
        "Succeeds, and the same webhook reports it several times.", ("times", 3), lambda number: Play(webhooks=number)
    ),
    "webhook_reordered": Case(
        "A debit that succeeds and is returned at once; the webhook of the return comes first.",
        ("seconds by which it is first", 2),
        lambda number: Play("pending", ending=Ending(0, held=number), reversed_after=0, reversal="returned_debit"),
    ),
    "webhook_late": Case(
        "A debit that succeeds two days later; the webhook reports it days after that.",
        (_DAYS, 5),
        lambda number: Play("pending", ending=Ending(2, reported_after=number)),
    ),
    "webhook_lost": Case(
        "A debit that succeeds days later, and no webhook reports it: only asking finds out.",
        (_DAYS, 3),
        lambda number: Play("pending", ending=Ending(number, reported_after=None)),
    ),
    "late_success": Case(
        "Answered as refused, and it turns out days later that the money came; a webhook reports it.",
        (_DAYS, 1),
        lambda number: Play("failed", "card_declined", ending=Ending(number)),
    ),
    "refund_fails": Case(
        "Succeeds; a refund of it is under way, and fails days later.",
        (_DAYS, 1),
        refund=lambda number: Play("pending", ending=Ending(number, "failed", "account_closed")),
    ),
    "refund_pending": Case(
        "Succeeds; a refund of it is under way, and succeeds days later.",
        (_DAYS, 2),
        refund=lambda number: Play("pending", ending=Ending(number)),
    ),
    "refund_refused": Case("Succeeds; a refund of it is refused.", refund=lambda _: Play("failed", "account_closed")),
    "refund_timeout_made": Case(
        "Succeeds; a refund of it is made, and the answer never comes.",
        ("asks without an answer", 1),
        refund=lambda number: Play(fault="silence", faults=number),
    ),
    "refund_timeout_not_made": Case(
        "Succeeds; a refund of it is not made, and the answer never comes. Asked again, it succeeds.",
        ("asks without an answer", 1),
        refund=lambda number: Play(fault="silence", faults=number, done=False),
    ),
    "refund_error_500": Case(
        "Succeeds; a refund of it is answered by 500 and not made. Asked often enough, it succeeds.",
        ("asks answered so", 2),
        refund=lambda number: Play(fault="error", faults=number, done=False),
    ),
}

HIGHEST_NUMBER = 400
_TOKEN = re.compile(r"tok_([a-z0-9_]{1,40})(?::(\d{1,3}))?(?:/[A-Za-z0-9._-]{1,80})?")


@dataclass(frozen=True, slots=True)
class Known:
    """A token that plays something."""

    case: Case
    number: int

    @property
    def charge(self) -> Play:
        """What its charges play."""
        return self.case.charge(self.number)

    @property
    def refund(self) -> Play:
        """What the refunds of its charges play."""
        return self.case.refund(self.number)


def known(token: str) -> Known | None:
    """What a token plays; None if it is no token of the sandbox."""
    matched = _TOKEN.fullmatch(token)
    case = CASES.get(matched[1]) if matched else None
    if matched is None or case is None:
        return None
    given = matched[2]
    if case.number is None:
        return None if given else Known(case, 0)
    number = int(given) if given else case.number[1]
    return Known(case, number) if number <= HIGHEST_NUMBER else None
