"""The payment methods of accounts (PAY-12)."""
