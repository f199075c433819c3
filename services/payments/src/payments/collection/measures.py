"""What operators see of collecting (metrics)."""

from prometheus_client import Counter, Gauge

ATTEMPTS = Counter(
    "carnet_attempts",
    "What providers answered to orders: succeeded, failed, pending or unanswered; charges and refunds.",
    ["kind", "outcome"],
)
ORDERS_WAITING = Gauge("carnet_orders_waiting", "Orders to payment providers that wait for a worker to look at them.")
