"""The books: what the accountant gets of a period (INV-7)."""
