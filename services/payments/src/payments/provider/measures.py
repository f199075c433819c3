"""What operators see of the calls to payment providers (metrics). Durations are in seconds."""

from prometheus_client import Counter, Gauge, Histogram

PROVIDER_CALLS = Counter(
    "carnet_provider_calls", "Calls to payment providers: answered, unanswered or held back.", ["provider", "outcome"]
)
PROVIDER_SECONDS = Histogram(
    "carnet_provider_seconds",
    "Time in which a payment provider answered, or did not.",
    ["provider"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
PROVIDER_PAUSED = Gauge("carnet_provider_paused", "1 while the circuit breaker of a provider is open.", ["provider"])
