"""What operators see of sending (metrics)."""

from prometheus_client import Counter, Gauge

MAILS_TRIED = Counter("carnet_mails", "Attempts to send a mail by outcome: sent, retried or failed.", ["outcome"])
MAILS_WAITING = Gauge("carnet_mails_waiting", "Mails that are due and not yet sent.")
