"""Today: what is due, late, failed, to refund and waiting, and what was planned and received by month."""
