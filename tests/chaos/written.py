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


@dataclass
class Given:
    """A run of gift vouchers, gift cards and session packs that two wanted at the same instant."""

    each: int
    """Vouchers; and as many cards and packs."""
    paid: int
    """Uses of gift cards that paid: some cards have enough for both."""
    killed: Counter[str]
    seconds: float
    name: str = "gifts"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "redemptions and uses that were asked for": 6 * self.each,
            "gift vouchers, each presented twice and redeemed once": self.each,
            "session packs, the last session taken at two doors and used once": self.each,
            "gift cards, each presented for two contracts": self.each,
            "uses of gift cards that paid": self.paid,
            "uses of gift cards that were refused": 2 * self.each - self.paid,
            "workers of credits killed (SIGKILL)": self.killed["credits"],
            "APIs of credits killed (SIGKILL)": self.killed["credits-api"],
            "workers of contracts killed (SIGKILL)": self.killed["contracts"],
            "workers of payments killed (SIGKILL)": self.killed["payments"],
            "seconds": round(self.seconds),
        }
        verdict = (
            "Verdict: none was redeemed or used twice, none that was answered is lost, every request was answered\n"
            "once, what is left of each is the sum of its movements, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


@dataclass
class Billed:
    """A year of subscriptions."""

    subscriptions: int
    periods: int
    contracts_kills: int
    payments_kills: int
    broker_crashes: int
    seconds: float
    name: str = "billing"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "subscriptions by the month": self.subscriptions,
            "periods that were billed": self.periods,
            "workers of contracts killed (SIGKILL)": self.contracts_kills,
            "workers of payments killed (SIGKILL)": self.payments_kills,
            "crashes of the broker": self.broker_crashes,
            "seconds for the year": round(self.seconds),
        }
        verdict = (
            "Verdict: every period was billed once, on its day, and is a charge of its schedule; the periods of each\n"
            "subscription leave out no day, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


@dataclass
class InvoicedInBulk:
    """A run of a bulk job that invoices all that is paid."""

    contracts: int
    payments_kills: int
    contracts_kills: int
    seconds_issued: float
    """Until the last invoice had its number."""
    seconds: float
    """Until the last one had its PDF."""
    name: str = "invoices"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "paid contracts, invoiced by one bulk job": self.contracts,
            "workers of payments": 3,
            "workers of payments killed (SIGKILL)": self.payments_kills,
            "workers of contracts killed (SIGKILL)": self.contracts_kills,
            "seconds until all were issued": round(self.seconds_issued),
            "seconds until all had their PDF": round(self.seconds),
        }
        verdict = (
            "Verdict: the numbers are 1 to the last without a gap, each once, on days that never go back; every\n"
            "contract has one invoice with its PDF and one mail, the job is done, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


@dataclass
class Reminded:
    """Days on which families are reminded of what they owe."""

    families: int
    days: int
    payments_kills: int
    notifications_kills: int
    seconds: float
    """Until the last reminder of the last day was decided."""
    seconds_sent: float
    """Until the last of its mails was sent."""
    name: str = "reminders"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "families that owe something": self.families,
            "days, each with a step of the calendar": self.days,
            "workers of payments": 3,
            "workers of payments killed (SIGKILL)": self.payments_kills,
            "workers of notifications killed (SIGKILL)": self.notifications_kills,
            "seconds until all reminders were decided": round(self.seconds),
            "seconds until all mails were sent": round(self.seconds_sent),
        }
        verdict = (
            "Verdict: each family has one reminder and one mail for each day, none two, none was forgotten, and\n"
            "`carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


@dataclass
class Imported:
    """Families that came from another system by one import."""

    families: int
    before: int
    """How many were here when the worker that imported them was killed."""
    killed: int
    seconds: float
    """From the start of the job, until every service had followed."""
    name: str = "imports"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "families in the file": self.families,
            "of them here when the worker that imports them was killed": self.before,
            "processes killed (SIGKILL), of contracts, payments, credits and notifications": self.killed,
            "seconds until all were here, in every service": round(self.seconds),
        }
        verdict = (
            "Verdict: each family is here once, with the amounts that the dry run said of it, no mail was made, and\n"
            "`carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


def table(head: str, rows: dict[str, int]) -> str:
    """Rows of a word and a number."""
    lines = [f"| {head} | |", "|---|---:|", *(f"| {what} | {number:,} |" for what, number in rows.items())]
    return "\n".join(lines)


@dataclass
class DebitedByFile:
    """Families that were debited by files for a bank."""

    debits: int
    sent: int
    taken_back: int
    read: int
    killed: Counter[str]
    seconds: float
    name: str = "debiting"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "families, one instalment each": self.debits,
            "remittances that were sent": self.sent,
            "remittances that were taken back": self.taken_back,
            "readings of files of the bank, each file twice": self.read,
            "APIs of payments killed (SIGKILL)": self.killed["payments-api"],
            "workers of payments killed (SIGKILL)": self.killed["payments"],
            "seconds": round(self.seconds),
        }
        verdict = (
            "Verdict: each instalment was in one file that the bank had, none was forgotten, each family has paid\n"
            "what its bank has paid and not taken back, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"


@dataclass
class RefundedByFile:
    """Families that got back by files for a bank what they were debited."""

    refunds: int
    came_back: int
    sent: int
    taken_back: int
    read: int
    killed: Counter[str]
    seconds: float
    name: str = "refunding"

    def text(self) -> str:
        """A table and the verdict."""
        rows = {
            "refunds, one for each family": self.refunds,
            "refunds that came back days later": self.came_back,
            "files of refunds that were sent": self.sent,
            "files of refunds that were taken back": self.taken_back,
            "readings of files of the bank, each file twice": self.read,
            "APIs of payments killed (SIGKILL)": self.killed["payments-api"],
            "workers of payments killed (SIGKILL)": self.killed["payments"],
            "seconds": round(self.seconds),
        }
        verdict = (
            "Verdict: each refund was in one file that the bank had, to the account that was debited, none was\n"
            "forgotten; what came back is to be refunded again, nothing else, and `carnet verify` found nothing."
        )
        return f"{table('what', rows)}\n\n{verdict}"
