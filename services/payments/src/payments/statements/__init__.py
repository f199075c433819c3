"""The account statement (PAY-16)."""
