"""The account statement of a family."""
