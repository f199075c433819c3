"""Client accounts: families and their members (CON-13)."""
