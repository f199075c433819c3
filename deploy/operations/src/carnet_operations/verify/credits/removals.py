"""Contracts and credits agree on each removal of a sold credit, voucher or pack that a change waits for.

CRE-4: a change that cancels a line which sold a credit is pending until credits has answered. CRE-5: credits removes
the credits of all its lines, or refuses because one is used and removes none; the change is then made or refused
accordingly. CON-11: a price that falls waits the same way. Each request in the contract's journal is matched with the
answers in the journals of credits, and with what the contract keeps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

Outcome = Literal["made", "refused"]


@dataclass(slots=True)
class AskedRemoval:
    """A change that requested the removal of the credits that its lines had sold; ``request`` is the change's id."""

    request: str
    lines: list[str]
    on: str
    sequence: int = 0
    lowered: list[str] = field(default_factory=list)
    """The lines whose price it lowers, whose credits must not exist yet (CON-11)."""
    outcome: Outcome | None = None
    """None while it is pending."""
    refused: dict[str, Any] = field(default_factory=dict)
    """The body of ``ChangeRefused``."""


@dataclass(slots=True)
class AskedRedemption:
    """An opening or a change that asked for vouchers to cover lines, or scholarships parts of them (CRE-9, CRE-11).

    ``request`` is its id.
    """

    request: str
    lines: list[str]
    on: str
    sequence: int = 0
    outcome: Outcome | None = None
    """None while it is pending."""
    withdrawn: bool = False
    """Whether another service refused after credits had granted it."""
    amounts: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Of scholarships: by line, which is to cover how much, in minor units."""


@dataclass
class _Answers:
    """What credits answered to one request."""

    removed: Counter[str] = field(default_factory=Counter)
    """How many times it removed the credit of each line."""
    refused: list[Mapping[str, Any]] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)
    """The lines that have sold no credit yet, by its answer."""


_REMOVED = ("CreditRemoved", "VoucherRemoved", "PackRemoved")
_REFUSED = ("CreditRemovalRefused", "VoucherRemovalRefused", "PackRemovalRefused")
_REMOVALS = (*_REMOVED, *_REFUSED, "CreditGrantPostponed")
_REFUSAL = ("credit", "amount", "left", "currency")


def check_removals(
    contract: str, asked: Mapping[str, AskedRemoval], credit_rows: Sequence[Document], report: Report
) -> None:
    """Credits answers each request once: it removes the credits of all lines, or refuses and removes none (CRE-5).

    For lines whose price falls it answers that they have sold none yet (CON-11). ``credit_rows`` are the events of
    credits about this contract.
    """
    report.count("removals asked of credits", len(asked))
    answers = {request: _Answers() for request in asked}
    for row in credit_rows:
        name, data = name_of(row), row["data"]
        request = data.get("request")
        if name not in _REMOVALS or request is None:
            continue
        answer = answers.get(request)
        if answer is None:
            where = f"credits.journal {row['aggregate']}"
            report.find("CRE-5", where, f"the request {request} that {name} answers", expected="one asked", found=None)
        elif name in _REMOVED:
            answer.removed[data["line"]] += 1
        elif name == "CreditGrantPostponed":
            answer.postponed += data["lines"]
        else:
            answer.refused.append(data)
    for removal in asked.values():
        _check_answer(contract, removal, answers[removal.request], report)


def _check_answer(contract: str, removal: AskedRemoval, answers: _Answers, report: Report) -> None:
    where, request = f"contracts.journal {contract}", removal.request
    removed, refused, postponed = dict(answers.removed), len(answers.refused), answers.postponed
    whole = {"made": (dict.fromkeys(removal.lines, 1), removal.lowered, 0), "refused": ({}, [], 1)}
    answered: Outcome | None = "refused" if refused else "made" if removed or postponed else None
    if removal.outcome is None:
        found = "pending, and credits has not answered" if answered is None else f"pending, though it is {answered}"
        report.find("CRE-5", where, f"the change {request}", expected="made or refused by now", found=found)
    answer = removal.outcome or answered
    if answer is None:
        return
    report.same("CRE-5", where, f"the lines whose credits were removed for {request}, and the refusals",
                expected=whole[answer], found=(removed, postponed, refused))  # fmt: skip
    # Of a gift card contracts says no more than that it was in the way (CRE-8).
    if removal.refused and refused and "credit" in answers.refused[0]:
        answered_why = {name: answers.refused[0][name] for name in _REFUSAL} | _why(answers.refused[0])
        received = {name: removal.refused[name] for name in _REFUSAL} | _why(removal.refused)
        report.same("CRE-5", where, f"why {request} was refused", expected=answered_why, found=received)


def check_waiting(
    contract: str,
    asked: Iterable[AskedRemoval | AskedRedemption],
    newest: int | None,
    document: Document,
    report: Report,
) -> None:
    """The contract keeps a change that waits, or was refused last, as its journal has it (CRE-4, CRE-5).

    ``newest`` is the version of its newest whole change.
    """
    where = f"contracts.contracts {contract}"
    every = sorted(asked, key=lambda each: each.sequence)
    last = every[-1] if every else None
    waiting = (last.request, last.on) if last and last.outcome is None else None
    kept = document.get("pending")
    report.same("CRE-4", where, "the change that waits for credits, and its date", expected=waiting,
                found=(kept["change"], kept["on"]) if kept else None)  # fmt: skip
    lines = [line for each in every if last and each.request == last.request for line in _lines(each)]
    if kept and not 0 < len(set(kept["awaited"]) & set(lines)) == len(kept["awaited"]):
        expected = f"some of {lines}"
        report.find("CRE-4", where, "the lines that it waits for", expected=expected, found=kept["awaited"])
    is_newer = document["version"] != newest
    report.same("CON-3", where, "the version of its newest whole change", expected=newest if is_newer else None,
                found=document.get("last_whole"))  # fmt: skip
    removal = last if isinstance(last, AskedRemoval) else None
    refused = removal.refused if is_newer and removal and removal.outcome == "refused" else None
    report.same("CRE-5", where, "the change refused last", expected=_shown(refused),
                found=_shown(document.get("refused_change")))  # fmt: skip


def _lines(asked: AskedRemoval | AskedRedemption) -> list[str]:
    return [*asked.lines, *(asked.lowered if isinstance(asked, AskedRemoval) else ())]


def _shown(refused: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What is said of the credit in the way; None if something else was."""
    if not refused or refused.get("credit") is None:
        return None
    return {name: refused[name] for name in ("credit", "amount", "left")} | _why(refused)


def _why(refused: Mapping[str, Any]) -> dict[str, str]:
    """Why credits refused; before there was more than one reason, the credit was used."""
    return {"why": refused.get("why", "used")}
