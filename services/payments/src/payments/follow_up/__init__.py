"""The payment follow-up: every contract of an organisation (PAY-9)."""
