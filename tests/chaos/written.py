"""What the long form measured, written to docs/operations/chaos.md: each test its own part, the other's stays."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from carnet.dates import utc_now
from tests.chaos.book import Agreement
from tests.pages import ROOT

PAGE = ROOT / "docs" / "operations" / "chaos.md"


class Part(Protocol):
    """A part of the page."""

    name: str

    def text(self) -> str:
        """Its Markdown."""


def write(part: Part) -> None:
    """Put the part in the place of the one of that name."""
    page = PAGE.read_text(encoding="utf-8")
    begins, ends = f"<!-- {part.name} -->\n", f"<!-- end of {part.name} -->"
    measured = f"{begins}Run of {utc_now().date().isoformat()}.\n\n{part.text()}\n{ends}"
    assert begins in page, f"{PAGE.name} has no part {part.name}"
    PAGE.write_text(re.sub(f"{begins}.*{ends}", lambda _: measured, page, flags=re.DOTALL), encoding="utf-8")


@dataclass
class Collected:
    """A run of collecting."""

    instalments: int
    contracts: int
    kills: int = 0
    restarts: int = 0
    step_downs: int = 0
    seconds_asked: float = 0.0
    """Until everything that was due had its first answer, or a place where it waits for one."""
    seconds: float = 0.0
    """Until the provider had nothing more to tell."""
    statuses: Counter[str] = field(default_factory=Counter)
    asks: int = 0
    reversals: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Charges by what their token plays."""
    name: str = "collecting"

    def count(self, agreement: Agreement) -> None:
        """Take the figures from what was proven."""
        orders = agreement.orders.values()
        self.statuses = Counter(order["status"] for order in orders)
        self.asks = sum(order["asks"] for order in orders)
        self.kinds = Counter(entry["token"].removeprefix("tok_").split("/")[0] for entry in agreement.charges.values())
        self.reversals = len(agreement.reversals)

    def text(self) -> str:
        """Two tables and the verdict."""
        rows = {
            "instalments due": self.instalments,
            "contracts": self.contracts,
            "workers of payments": 3,
            "workers killed (SIGKILL)": self.kills,
            "restarts of the killed provider": self.restarts,
            "step-downs of MongoDB": self.step_downs,
            "attempts, each one charge in the book": sum(self.statuses.values()),
            "attempts that succeeded": self.statuses["succeeded"],
            "attempts that failed": self.statuses["failed"],
            "attempts that the provider still has": self.statuses["pending"],
            "times that workers took an order to ask": self.asks,
            "payments taken back by the bank": self.reversals,
            "seconds until all was asked for": round(self.seconds_asked),
            "seconds until the provider had nothing more to tell": round(self.seconds),
        }
        kinds = {kind: often for kind, often in sorted(self.kinds.items()) if kind != "success"}
        fine = self.kinds["success"]
        share = sum(kinds.values()) / (sum(kinds.values()) + fine)
        return "\n\n".join(
            [
                table("what", rows),
                f"Of the charges {share:.0%} misbehaved, by the tokens of [sandbox.md](../integration/sandbox.md):",
                table("token", {f"`tok_{kind}`": often for kind, often in kinds.items()}),
                "Verdict: the book and Carnet agree on every attempt. No instalment was charged twice, none was\n"
                "forgotten, every schedule balances, one mail per event due, and `carnet verify` found nothing.",
            ]
        )


@dataclass
class Used:
    """A run of credits used by two contracts at the same instant."""

    rounds: int
    completed: int
    refused: int
    payments_kills: int
    credits_kills: int
    seconds: float
    name: str = "credits"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "credits, each used by two contracts at the same instant": self.rounds,
            "uses that paid": self.completed,
            "uses that were refused": self.refused,
            "workers of payments killed (SIGKILL)": self.payments_kills,
            "workers of credits killed (SIGKILL)": self.credits_kills,
            "seconds": round(self.seconds),
        }
        verdict = (
            "Verdict: the entries of every credit are what schedules say they used of it, none was ever below zero,\n"
            "every request was answered once, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


def table(head: str, rows: dict[str, int]) -> str:
    """Rows of a word and a number."""
    lines = [f"| {head} | |", "|---|---:|", *(f"| {what} | {number:,} |" for what, number in rows.items())]
    return "\n".join(lines)
