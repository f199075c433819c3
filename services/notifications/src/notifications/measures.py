"""What operators see of sending (metrics)."""

from prometheus_client import Counter, Gauge

MAILS_TRIED = Counter("carnet_mails", "Mails by what became of the attempt: sent, retried or failed.", ["outcome"])
MAILS_WAITING = Gauge("carnet_mails_waiting", "Mails that are due and not yet sent.")
