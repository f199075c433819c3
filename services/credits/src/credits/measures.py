"""What operators see of codes (metrics)."""

from prometheus_client import Counter

CODE_TRIES = Counter(
    "carnet_code_tries",
    "Codes of vouchers and gift cards that were presented, by outcome: `unknown` rises when somebody guesses.",
    ["service", "outcome"],
)
