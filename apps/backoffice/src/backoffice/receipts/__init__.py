"""What was received of a period, of all families, by method (PAY-7)."""
