"""The routes of the account statement."""
