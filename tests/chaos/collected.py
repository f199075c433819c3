"""What a run of collecting was: counted while it goes on, and from what was proven at its end."""

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.book import Agreement
from tests.chaos.written import table


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
    """Until the provider had nothing more to report."""
    statuses: Counter[str] = field(default_factory=Counter)
    asks: int = 0
    reversals: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Charges by what their token plays."""

    def count(self, agreement: Agreement) -> None:
        """Take the figures from what was proven."""
        orders = agreement.orders.values()
        self.statuses = Counter(order["status"] for order in orders)
        self.asks = sum(order["asks"] for order in orders)
        self.kinds = Counter(entry["token"].removeprefix("tok_").split("/")[0] for entry in agreement.charges.values())
        self.reversals = len(agreement.reversals)

    @property
    def rows(self) -> dict[str, float]:
        """What was measured, in words."""
        return {
            "instalments due": self.instalments,
            "contracts": self.contracts,
            "workers of payments": 3,
            "workers killed (SIGKILL)": self.kills,
            "restarts of the killed provider": self.restarts,
            "step-downs of MongoDB": self.step_downs,
            "attempts, each one charge in the book": self.statuses.total(),
            "attempts that succeeded": self.statuses["succeeded"],
            "attempts that failed": self.statuses["failed"],
            "attempts that the provider still has": self.statuses["pending"],
            "times that workers took an order to ask": self.asks,
            "payments taken back by the bank": self.reversals,
            "seconds until all was asked for": self.seconds_asked,
            "seconds until the provider had nothing more to report": self.seconds,
        }

    @property
    def misbehaved(self) -> tuple[str, str]:
        """The share of the charges that misbehaved, and a table of them."""
        kinds = {f"`tok_{kind}`": often for kind, often in sorted(self.kinds.items()) if kind != "success"}
        share = sum(kinds.values()) / self.kinds.total()
        tokens = "[sandbox.md](../integration/sandbox.md)"
        return f"Of the charges {share:.0%} misbehaved, by the tokens of {tokens}:", table("token", kinds)
