"""Subscriptions: the timed work of the worker on them."""
