"""Which payment methods the families have: a fifth of them misbehave, in every way that the sandbox can play."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

from carnet.events.payments import OnlineMethod

End = Literal["paid", "given up", "returned", "under way"]
"""What becomes of a contract: all is paid, no instalment is and none is tried again, all was paid and taken back by
the bank, the provider is still at it."""


@dataclass(frozen=True)
class Token:
    """A token of the sandbox and what must become of a contract that is collected by it."""

    plays: str
    end: End = "paid"
    kind: OnlineMethod = "card"

    def of(self, family: int) -> str:
        """The token of one family: those that count orders count theirs only."""
        return f"tok_{self.plays}/{family}"


FINE = Token("success")
"""What four of five are."""


def misbehaving(each: int) -> Sequence[Token]:
    """All that go wrong, for contracts of so many instalments. Answers are waited for 4 s."""
    return (
        Token("timeout_charged"),
        Token("timeout_not_charged"),
        Token("error_500"),
        Token("error_500_charged"),
        Token("rate_limited"),
        Token("slow:1"),
        Token("slow:9"),
        Token("insufficient_funds", "given up"),
        Token("expired", "given up"),
        Token(f"refused:{each}"),
        Token("late_success:1"),
        Token("webhook_only"),
        Token("webhook_duplicated"),
        Token("debit_success:1", kind="direct_debit"),
        Token("debit_success:300", "under way", "direct_debit"),
        Token("debit_bounces:1", "given up", "direct_debit"),
        Token("webhook_reordered", "returned", "direct_debit"),
        Token("webhook_late:3", kind="direct_debit"),
        Token("webhook_lost:3", kind="direct_debit"),
    )


def dealt(families: int, each: int) -> list[Token]:
    """The token of each family: every fifth misbehaves, the kinds in turn."""
    wrong = islice(cycle(misbehaving(each)), families)
    return [next(wrong) if number % 5 == 0 else FINE for number in range(families)]
