"""The books: the accountant's export, closed periods, the accounts (INV-7)."""
