"""Families: the people of a client account, what they bought and what they hold."""
