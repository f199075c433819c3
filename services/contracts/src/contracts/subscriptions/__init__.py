"""Subscriptions: what the worker does of them by itself."""
