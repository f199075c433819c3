"""Numbers that people can say (CON-27)."""
