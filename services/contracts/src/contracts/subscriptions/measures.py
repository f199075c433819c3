"""What operators see of subscriptions (metrics)."""

from prometheus_client import Counter, Gauge

PERIODS_BILLED = Counter("carnet_periods_billed", "Periods of subscriptions that this worker has billed.")
PERIODS_DUE = Gauge("carnet_subscriptions_due", "Subscriptions of which a period is due to be billed.")
