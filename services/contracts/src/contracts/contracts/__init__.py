"""Contracts, their lines and their changes."""
