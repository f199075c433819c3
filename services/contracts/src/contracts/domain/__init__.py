"""States and pure decisions of accounts and contracts."""
